"""Folders that are there whole or not at all, whatever ends the program that changes them.

    NAME         as it was made, all of it on the disk
    .new-*       one that is being made; it gets its name by one rename
    .gone-*      one that lost its name by one rename, and is being deleted
    .changing    locked by the one program that is changing anything

Whoever has the lock deletes what a program that crashed has left.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

LOCK: Final = ".changing"

NEW: Final = ".new-"

GONE: Final = ".gone-"


def is_hidden(name: str) -> bool:
    """Return whether a name in the parent is of nothing that is there for others."""
    return name.startswith(".")


@contextmanager
def changing(parent: Path, *, wait: bool = True) -> Iterator[None]:
    """Wait for the right to change what is in `parent`, tidy it, and run the block.

    The system lets go of it if the program dies.

    Raises:
        BlockingIOError: another program has it, and nobody was to `wait`.
        OSError: the folder cannot be had or written.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with (parent / LOCK).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        for left in (*parent.glob(f"{NEW}*"), *parent.glob(f"{GONE}*")):
            shutil.rmtree(left, ignore_errors=True)  # another user's is for that one to delete
        yield


def tidy(parent: Path) -> None:
    """Delete what a crash has left, if the disk and other programs let us."""
    with suppress(OSError):
        if parent.is_dir():
            with changing(parent, wait=False):
                pass


def make(place: Path, files: Mapping[str, bytes]) -> None:
    """Make a folder of these files, which only this user may read, while `changing` its parent.

    Raises:
        FileExistsError: something is there already.
        OSError: it cannot be written; nothing is left behind.
    """
    if os.path.lexists(place):
        raise FileExistsError(place.name)
    new = Path(tempfile.mkdtemp(dir=place.parent, prefix=NEW))
    try:
        for name, content in files.items():
            _write(new / name, content)
        _flush(new)
        new.rename(place)
    except BaseException:
        shutil.rmtree(new)
        raise
    _flush(place.parent)


def delete(place: Path) -> None:
    """Delete a folder and all that is in it, while `changing` its parent.

    Raises:
        FileNotFoundError: there is none.
        OSError: the disk cannot be written. What is left has no name any more.
    """
    gone = Path(tempfile.mkdtemp(dir=place.parent, prefix=GONE))
    try:
        place.rename(gone)
        _flush(place.parent)
    finally:
        shutil.rmtree(gone)


def _write(file: Path, content: bytes) -> None:
    with file.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _flush(folder: Path) -> None:
    """Make sure that the names in a folder outlive a loss of power."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
