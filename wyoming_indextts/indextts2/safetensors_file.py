"""Writes a safetensors file tensor by tensor, so that 3.5 GB need no second copy in memory.

    8 bytes   length of the header, little-endian
    header    JSON: name -> dtype, shape, offsets; padded with spaces
    tensors   little-endian, without gaps

The library of the format gathers all bytes before it writes, and tells a full disk apart from
other troubles only in words. Source: the format as github.com/huggingface/safetensors has it.
"""

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Final

import torch
from torch import Tensor

DTYPES: Final[Mapping[torch.dtype, str]] = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}
"""The format's names of the types that a checkpoint may hold."""

ALIGNMENT: Final = 8
"""Bytes; the tensors start at a multiple of it, the widest types first."""

ABANDONED: Final = 600.0
"""Seconds after which an unfinished file that nobody adds to was left by a crash."""


def write_safetensors(file: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, str]) -> None:
    """Write the whole file or nothing, even if the power fails; `facts` go into its header.

    Raises:
        OSError: As the system says it; nothing is left behind.
        LookupError: A tensor has a type that the format does not know.
    """
    _clear(file)
    ordered = dict(sorted(tensors.items(), key=lambda item: -item[1].element_size()))
    header = _header(ordered, facts)
    with NamedTemporaryFile(dir=file.parent, prefix=_prefix(file), delete=False) as stream:
        unfinished = Path(stream.name)
        try:
            stream.write(len(header).to_bytes(8, "little") + header)
            for tensor in ordered.values():
                _write(stream, tensor)
            stream.flush()
            os.fsync(stream.fileno())
            unfinished.replace(file)
        except BaseException:
            unfinished.unlink()
            raise


def _prefix(file: Path) -> str:
    return f".{file.name}.unfinished-"


def _clear(file: Path) -> None:
    """Remove what a crash left unfinished beside `file`."""
    for unfinished in file.parent.glob(f"{_prefix(file)}*"):
        if time.time() - unfinished.stat().st_mtime > ABANDONED:
            unfinished.unlink(missing_ok=True)


def _header(tensors: Mapping[str, Tensor], facts: Mapping[str, str]) -> bytes:
    entries: dict[str, object] = {"__metadata__": dict(facts)}
    offset = 0
    for name, tensor in tensors.items():
        end = offset + tensor.numel() * tensor.element_size()
        entries[name] = {
            "dtype": DTYPES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [offset, end],
        }
        offset = end
    header = json.dumps(entries).encode()
    return header.ljust(-(-len(header) // ALIGNMENT) * ALIGNMENT)


def _write(stream: IO[bytes], tensor: Tensor) -> None:
    if tensor.numel():
        stream.write(tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().data)
