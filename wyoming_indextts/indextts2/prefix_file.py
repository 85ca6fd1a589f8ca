"""What the language model has read before any text, on the disk beside the voice's prompt.

    held   (N, 1, M, 2, H, K)   keys and values of every layer, in the dtype they were reckoned in

A file is named by all that it was made from, so what is found is exactly what would be made. On
two cores a full-size model makes one in seconds, and reads it in milliseconds.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from wyoming_indextts.indextts2.safetensors_file import write_safetensors
from wyoming_indextts.indextts2.voice_lm import Cache

FORMAT: Final = "voice prefix 2"
"""In the file's header; another number for another meaning of the tensors."""

FILES: Final = 16
"""Of a voice, 8 MB each of official size in float32; of more, those that spoke last."""

NAMES: Final = "prefix-*.safetensors"
"""Of the files, among those that are kept of a voice."""


def prefix_name(maker: str, latents: Tensor, emotion: Tensor) -> str:
    """Return the name of the file for a speaker in an emotion.

    `maker` tells which model reads them, on what, in which arithmetic: these decide about the last
    bits, and so does the version of torch.
    """
    digest = hashlib.sha256(f"{maker} {torch.__version__}".encode())
    for tensor in (latents, emotion):
        digest.update(tensor.detach().float().cpu().contiguous().numpy().tobytes())
    return f"prefix-{digest.hexdigest()}.safetensors"


def load_prefix(file: Path, *, like: Cache) -> Cache | None:
    """Return what was kept, on the device and of the shape and dtype of `like`; None if not."""
    try:
        with safe_open(file, framework="pt") as content:
            facts = content.metadata()
            kept = content.get_tensor("held")
        os.utime(file)
    except (OSError, SafetensorError, RuntimeError):
        return None
    if facts != {"format": FORMAT} or not _fits(kept, like):
        return None
    return Cache(kept.to(like.held.device))


def save_prefix(file: Path, prefix: Cache) -> None:
    """Keep a prefix, and in its folder no more than `FILES`; the folder is there.

    Raises:
        OSError: As the system says it; nothing half-written is left.
    """
    write_safetensors(file, {"held": prefix.held.cpu()}, {"format": FORMAT})
    newest_first = sorted(file.parent.glob(NAMES), key=_when, reverse=True)
    for old in newest_first[FILES:]:
        old.unlink(missing_ok=True)


def _fits(kept: Tensor, like: Cache) -> bool:
    same = kept.shape == like.held.shape and kept.dtype == like.held.dtype
    return same and bool(kept.isfinite().all())


def _when(file: Path) -> float:
    with suppress(FileNotFoundError):
        return file.stat().st_mtime
    return 0.0
