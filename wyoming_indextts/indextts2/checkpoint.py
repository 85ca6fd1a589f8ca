"""Checkpoint files: tensors by name, read without running code and unpickled only once.

    gpt.pth                 flat, or below `model`
    s2mel.pth               three nets below `net`; the rest is what training needed
    bigvgan_generator.pt    below `generator`
    campplus_cn_common.bin  flat
    feat1.pt, feat2.pt      one tensor each
    wav2vec2bert_stats.pt   flat
    *.safetensors           flat

The tensors of a large pickled file are kept beside it as safetensors, which take no memory of
their own until they are used. They are made again when the original has another size or time of
change.
"""

import datetime as dt
import errno
import logging
import pickle
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from wyoming_indextts.indextts2 import layout
from wyoming_indextts.indextts2.faults import corrupt, full, later_version, missing
from wyoming_indextts.indextts2.safetensors_file import DTYPES, write_safetensors

logger = logging.getLogger(__name__)

Read: TypeAlias = Callable[[str], Tensor]
"""Returns a tensor by its name in the file."""

Unwrap: TypeAlias = Callable[[object], dict[str, Tensor]]
"""Takes the tensors out of what a file was unpickled to; raises `LookupError` or `TypeError`."""

S2MEL_NETS: Final = ("cfm", "length_regulator", "gpt_layer")
"""The nets in s2mel.pth; their tensors are read under these names, a dot between."""

ALIASES: Final = ("inference_model.", "gpt.wte.")
"""Names in gpt.pth, if it was saved late, of tensors that it also has by their own names."""

LATER: Final = ("lang_embedding.weight", "spk_emb_proj.weight")
"""Tensors that only the gpt.pth of IndexTTS 2.5 has."""

HARMLESS: Final = (
    dt.datetime,
    dt.date,
    dt.time,
    dt.timedelta,
    dt.timezone,
)
"""What may be unpickled beside tensors: s2mel.pth says when it was trained."""

UNREADABLE: Final = (
    pickle.UnpicklingError,
    struct.error,
    RuntimeError,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
)
"""What unpickling raises for files that are damaged, or that hold something else."""

ZIP: Final = b"PK\x03\x04"
"""How a file of PyTorch's present format begins; only such a file can be mapped into memory."""

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system calls a disk, a quota or a limit on files that is used up."""

CLOSED: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
"""What it calls a folder that may not be written to."""

TORCH_TYPES: Final = {name: dtype for dtype, name in DTYPES.items()}
"""Types by the names that safetensors files have for them."""

VERSION: Final = "1"
"""Of what is kept; what another version kept is made again."""


class Tensors(Mapping[str, Tensor]):
    """The tensors of one file, each read when it is asked for."""

    def __init__(self, read: Read, outline: Read, names: Mapping[str, str]) -> None:
        """Take what reads a tensor, what tells its shape and type, and names by our own."""
        self._read = read
        self._outline = outline
        self._names = names

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor]) -> "Tensors":
        """Return tensors that have been read already."""

        def outline(name: str) -> Tensor:
            return tensors[name].to("meta")

        return cls(tensors.__getitem__, outline, {name: name for name in tensors})

    def __getitem__(self, name: str) -> Tensor:
        return self._read(self._names[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def outlines(self) -> "Tensors":
        """Return the same names, shapes and types on the meta device: no number is read."""
        return Tensors(self._outline, self._outline, self._names)

    def below(self, prefix: str) -> "Tensors":
        """Return the tensors whose names start with `prefix`, which is taken off."""
        inside = {
            ours.removeprefix(prefix): name
            for ours, name in self._names.items()
            if ours.startswith(prefix)
        }
        return Tensors(self._read, self._outline, inside)

    def split(self, *prefixes: str) -> tuple["Tensors", "Tensors"]:
        """Return the tensors whose names start with one of the prefixes, and the others."""
        inside = {ours: name for ours, name in self._names.items() if ours.startswith(prefixes)}
        outside = {ours: name for ours, name in self._names.items() if ours not in inside}
        return (
            Tensors(self._read, self._outline, inside),
            Tensors(self._read, self._outline, outside),
        )


def read_gpt(folder: Path) -> Tensors:
    """Return the tensors of gpt.pth, without `ALIASES`; for errors see `read_pickled`.

    Raises:
        UnsupportedError: The file is of IndexTTS 2.5.
    """
    tensors = read_pickled(folder, layout.GPT, _gpt)
    if any(name in tensors for name in LATER):
        raise later_version(layout.GPT)
    return tensors


def read_s2mel(folder: Path) -> Tensors:
    """Return the tensors of s2mel.pth, as `cfm.`, `length_regulator.` and `gpt_layer.`."""
    return read_pickled(folder, layout.S2MEL, _s2mel)


def read_vocoder(folder: Path) -> Tensors:
    """Return the tensors of bigvgan_generator.pt."""
    return read_pickled(folder, layout.BIGVGAN, _vocoder)


def read_campplus(folder: Path) -> Tensors:
    """Return the tensors of campplus_cn_common.bin."""
    return read_pickled(folder, layout.CAMPPLUS, _flat)


def read_matrix(folder: Path, name: str, shape: tuple[int, int]) -> Tensor:
    """Return the one tensor of a small file such as feat1.pt, as float32.

    Raises:
        WeightsMissingError: The file is not there.
        WeightsCorruptError: It holds anything else.
    """
    matrix = _unpickled(folder, name)
    if not isinstance(matrix, Tensor) or matrix.shape != shape:
        raise corrupt(name, f"it is no table of {shape[0]} rows and {shape[1]} columns")
    return matrix.float()


def read_statistics(folder: Path) -> dict[str, Tensor]:
    """Return the tensors of wav2vec2bert_stats.pt.

    Raises:
        WeightsMissingError: The file is not there.
        WeightsCorruptError: It holds anything but tensors.
    """
    with _told_apart(layout.FEATURE_STATISTICS):
        return _flat(_unpickled(folder, layout.FEATURE_STATISTICS))


def read_pickled(folder: Path, name: str, unwrap: Unwrap) -> Tensors:
    """Return the tensors of a pickled file, kept as safetensors from the first time on.

    `name` is the file's in the model's folder, as `layout` has it. Where the folder may not be
    written to, nothing is kept.

    Raises:
        WeightsMissingError: The file is not there.
        WeightsCorruptError: It is damaged, incomplete or holds something else.
        StorageFullError: There is no room beside it; nothing half-written is left.
    """
    try:
        original = (folder / name).stat()
    except FileNotFoundError:
        raise missing(name) from None
    kept = f"{name}.safetensors"
    facts = {
        "version": VERSION,
        "size": str(original.st_size),
        "changed": str(original.st_mtime_ns),
    }
    if (tensors := _kept(folder, kept, facts)) is not None:
        return tensors
    with _told_apart(name):
        made = unwrap(_unpickled(folder, name))
    logger.info("converting %s, once", name)
    try:
        write_safetensors(folder / kept, made, facts)
    except OSError as error:
        if error.errno in FULL:
            raise full(kept, sum(tensor.nbytes for tensor in made.values())) from None
        if error.errno not in CLOSED:
            raise
        logger.info("the model's folder cannot be written to: %s is not kept", kept)
        return Tensors.of(made)
    return read_safetensors(folder, kept)


def read_safetensors(folder: Path, name: str) -> Tensors:
    """Return the tensors of a safetensors file.

    Raises:
        WeightsMissingError: The file is not there.
        WeightsCorruptError: It is incomplete or no such file.
    """
    try:
        content = safe_open(folder / name, framework="pt")
    except FileNotFoundError:
        raise missing(name) from None
    except SafetensorError as error:
        raise corrupt(name, "it is damaged, incomplete or no safetensors file") from error

    def outline(tensor: str) -> Tensor:
        part = content.get_slice(tensor)
        with _told_apart(name):
            dtype = TORCH_TYPES[part.get_dtype()]
        return torch.empty(part.get_shape(), dtype=dtype, device="meta")

    return Tensors(content.get_tensor, outline, {name: name for name in content.keys()})  # noqa: SIM118 - no iterator


def _kept(folder: Path, name: str, facts: Mapping[str, str]) -> Tensors | None:
    """Return the tensors kept in a file if they were made of this very original."""
    try:
        with safe_open(folder / name, framework="pt") as content:
            current = content.metadata() == facts
    except (FileNotFoundError, SafetensorError):
        return None
    return read_safetensors(folder, name) if current else None


@contextmanager
def _told_apart(name: str) -> Iterator[None]:
    """Turn the errors of taking tensors out of a file's content into one that names the file."""
    try:
        yield
    except (LookupError, TypeError) as error:
        raise corrupt(name, "it does not hold the tensors it should") from error


def _unpickled(folder: Path, name: str) -> object:
    file = folder / name
    fault = "it is damaged, incomplete or no file of tensors"
    try:
        with file.open("rb") as stream:
            present = stream.read(len(ZIP)) == ZIP
        if present and not zipfile.is_zipfile(file):  # an archive ends with its directory
            raise corrupt(name, fault)
        with torch.serialization.safe_globals(list(HARMLESS)):
            return torch.load(file, map_location="cpu", weights_only=True, mmap=present)
    except FileNotFoundError:
        raise missing(name) from None
    except UNREADABLE as error:
        raise corrupt(name, fault) from error


def _gpt(content: object) -> dict[str, Tensor]:
    whole = _mapping(content)
    tensors = _flat(whole.get("model", whole))
    return {name: tensor for name, tensor in tensors.items() if not name.startswith(ALIASES)}


def _s2mel(content: object) -> dict[str, Tensor]:
    nets = _mapping(_mapping(content)["net"])
    return {
        f"{net}.{name.removeprefix('module.')}": tensor
        for net in S2MEL_NETS
        for name, tensor in _flat(nets[net]).items()
    }


def _vocoder(content: object) -> dict[str, Tensor]:
    return _flat(_mapping(content)["generator"])


def _flat(content: object) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    for name, tensor in _mapping(content).items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise TypeError(f"{name} is no tensor")
        tensors[name] = tensor
    return tensors


def _mapping(content: object) -> Mapping[object, object]:
    if not isinstance(content, Mapping):
        raise TypeError(f"{type(content).__name__} instead of names and tensors")
    return content
