"""Keeps the converted network on disk, because converting takes seconds and gigabytes.

<cache>/<key>.onnx      the network; the key is made of the model's SHA-256 and `VERSION`
<cache>/<key>.sha256    the hash that the file must have; without it the file is made anew
"""

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from wyoming_indextts.errors import StorageFullError
from wyoming_indextts.kokoro.graph import VERSION, convert
from wyoming_indextts.kokoro.weights import Model

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system calls a disk, a quota or a limit on files that is used up."""


def converted(model: Model, cache: Path, progress: Callable[[str], None]) -> Path:
    """Return the file of the converted network, made if it is not there as it was made.

    Raises:
        WeightsCorruptError: see `graph.convert`.
        StorageFullError: it cannot be written, for want of room or otherwise; nothing half is left.
    """
    network, record = _files(model, cache)
    if _is_as_recorded(network, record):
        return network
    progress("preparing the embedded voice, once: about ten seconds")
    content = convert(model.read())
    with _room():
        cache.mkdir(parents=True, exist_ok=True)
        record.unlink(missing_ok=True)
        _write(network, content)
        _write(record, hashlib.sha256(content).hexdigest().encode())
    return network


def is_converted(model: Model, cache: Path) -> bool:
    """Return whether the converted network is there as it was made."""
    return _is_as_recorded(*_files(model, cache))


def _files(model: Model, cache: Path) -> tuple[Path, Path]:
    """Return where the network and the record of its hash are kept."""
    key = hashlib.sha256(f"{model.sha256} {VERSION}".encode()).hexdigest()[:16]
    return cache / f"{key}.onnx", cache / f"{key}.sha256"


def _is_as_recorded(network: Path, record: Path) -> bool:
    if not network.is_file() or not record.is_file():
        return False
    with network.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == record.read_text("utf-8")


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise StorageFullError(
                "the embedded voice cannot write to the cache folder "
                f"({os.strerror(error.errno or errno.EIO).lower()}); "
                "mend that or name another with --cache-dir"
            ) from None
        raise StorageFullError(
            "the embedded voice needs 300 MB of disk in the cache folder; "
            "make room or name another with --cache-dir"
        ) from None


def _write(file: Path, content: bytes) -> None:
    """Write a whole file or nothing, even if the power fails."""
    with NamedTemporaryFile(dir=file.parent, prefix=f"{file.name}.", delete=False) as stream:
        unfinished = Path(stream.name)
        try:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            unfinished.replace(file)
        except BaseException:
            unfinished.unlink()
            raise
