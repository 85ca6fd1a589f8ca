"""What is kept of a voice: all that the model needs to know of its clip.

    features   (1, N, 1024)  of w2v-bert's layer 17, normalised; 50 a second
    codes      (1, N)        of RepCodec, int64
    style      (1, 192)      of CAM++
    mel        (1, 80, P)    of the clip, 86.13 frames a second
    condition  (1, P, C)     the flow's, of the codes
    latents    (1, 32, D)    the language model's, before an emotion is added
    emotion    (1, D)        the voice's own

Kept as one safetensors file a voice and model, so that a known voice never needs the enrolment
nets again.
"""

import errno
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from wyoming_indextts.errors import StorageFullError, VoiceNotFoundError, WeightsCorruptError
from wyoming_indextts.indextts2.safetensors_file import write_safetensors

FORMAT: Final = "voice prompt 1"
"""In the file's header; another number for another meaning of the tensors."""

SHAPES: Final[Mapping[str, tuple[int | str, ...]]] = {
    "features": (1, "N", 1024),
    "codes": (1, "N"),
    "style": (1, 192),
    "mel": (1, 80, "P"),
    "condition": (1, "P", "C"),
    "latents": (1, 32, "D"),
    "emotion": (1, "D"),
}
"""The same letter means the same length."""

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES})
"""What the system says of a disk that takes no more."""


@dataclass(frozen=True, slots=True)
class VoicePrompt:
    """CPU tensors of float32, the codes of int64; shapes as above."""

    features: Tensor
    codes: Tensor
    style: Tensor
    mel: Tensor
    condition: Tensor
    latents: Tensor
    emotion: Tensor


@dataclass(frozen=True, slots=True)
class PromptKey:
    """Of which clip (`hash_of_clip`) and by which model a prompt is; SHA-256 in hexadecimal."""

    audio: str
    model: str

    @property
    def file_name(self) -> str:
        """Where the prompt is kept, within the folder for all of them."""
        return f"{self.audio}-{self.model}.safetensors"


def save_prompt(folder: Path, key: PromptKey, prompt: VoicePrompt) -> None:
    """Keep a prompt in `folder`; a crash leaves either what was there before or this one.

    Raises:
        VoiceNotFoundError: The voice, in whose folder this one is, was removed meanwhile.
        StorageFullError: The disk takes no more; nothing half-written is left.
    """
    tensors = {field.name: getattr(prompt, field.name) for field in fields(prompt)}
    try:
        folder.mkdir(exist_ok=True)
        write_safetensors(folder / key.file_name, tensors, _facts(key))
    except FileNotFoundError:
        raise VoiceNotFoundError("the voice was removed while it was enrolled") from None
    except OSError as error:
        if error.errno in FULL:
            raise StorageFullError("the voice could not be kept: the disk takes no more") from None
        raise


def load_prompt(folder: Path, key: PromptKey) -> VoicePrompt:
    """Return the prompt that was kept under `key`.

    Raises:
        VoiceNotFoundError: There is none.
        WeightsCorruptError: It is damaged, or of another clip or model; it can be made again.
    """
    try:
        with safe_open(folder / key.file_name, framework="pt") as content:
            facts = content.metadata()
            tensors = {name: content.get_tensor(name) for name in content.keys()}  # noqa: SIM118 - no iterator
    except FileNotFoundError:
        raise VoiceNotFoundError("the voice is not enrolled with this model") from None
    except (SafetensorError, RuntimeError):
        raise _damaged("it is incomplete or no safetensors file") from None
    if facts != _facts(key):
        raise _damaged("it is of another clip or model")
    _check(tensors)
    return VoicePrompt(**tensors)


def _facts(key: PromptKey) -> dict[str, str]:
    return {"format": FORMAT, **asdict(key)}


def _check(tensors: Mapping[str, Tensor]) -> None:
    if tensors.keys() != SHAPES.keys():
        names = ", ".join(sorted(tensors.keys() ^ SHAPES.keys()))
        raise _damaged(f"these are missing or unknown: {names}")
    lengths: dict[str, int] = {}
    for name, shape in SHAPES.items():
        tensor = tensors[name]
        wanted = torch.int64 if name == "codes" else torch.float32
        if tensor.dtype != wanted:
            raise _damaged(f"{name} is of {tensor.dtype}, expected {wanted}")
        if tensor.dim() != len(shape) or not tensor.numel():
            raise _damaged(f"{name} has the shape {tuple(tensor.shape)}")
        for letter, length in zip(shape, tensor.shape, strict=True):
            expected = letter if isinstance(letter, int) else lengths.setdefault(letter, length)
            if length != expected:
                raise _damaged(f"{name} has the shape {tuple(tensor.shape)}")
        if not tensor.isfinite().all() or (name == "codes" and (tensor < 0).any()):
            raise _damaged(f"{name} holds impossible numbers")


def _damaged(fault: str) -> WeightsCorruptError:
    return WeightsCorruptError(
        f"what was kept of the voice is damaged: {fault}; remove the voice and add it again"
    )
