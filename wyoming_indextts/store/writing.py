"""Writing to a disk that may be full: what cannot be written is one error, in plain words."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from wyoming_indextts.errors import StorageFullError

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system calls a disk, a quota or a limit on files that is used up."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder as people know it, and the flag that chooses another."""

    name: str
    flag: str


WEIGHTS: Final = Place("the weights folder", "--cache-dir")

VOICES: Final = Place("the folder of voices", "--data-dir")


@contextmanager
def on_disk(place: Place = WEIGHTS) -> Iterator[None]:
    """Turn the block's errors of the disk into ours.

    Raises:
        StorageFullError: there is no room, or the folder is not to be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            fault = f"the disk of {place.name} is full; make room"
        else:
            fault = f"{place.name} cannot be written ({error.strerror}); mend that"
        raise StorageFullError(f"{fault}, or name another with {place.flag}") from error


def write_text(file: Path, text: str, place: Place = WEIGHTS) -> None:
    """Write a whole small file or nothing, even if the power fails.

    Raises:
        StorageFullError: it cannot be written.
    """
    with on_disk(place):
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, prefix=f"{file.name}.", delete=False) as stream:
            unfinished = Path(stream.name)
            try:
                stream.write(text.encode())
                stream.flush()
                os.fsync(stream.fileno())
                unfinished.chmod(0o644)
                unfinished.replace(file)
            except BaseException:
                unfinished.unlink()
                raise
