"""Writing to a disk that may be full: what cannot be written is one error, in plain words."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from wyoming_indextts.errors import StorageFullError

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system calls a disk, a quota or a limit on files that is used up."""


@contextmanager
def on_disk() -> Iterator[None]:
    """Turn the block's errors of the disk into ours.

    Raises:
        StorageFullError: there is no room, or the folder is not to be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            fault = "the disk of the weights folder is full; make room"
        else:
            fault = f"the weights folder cannot be written ({error.strerror}); mend that"
        raise StorageFullError(f"{fault}, or name another with --cache-dir") from error


def write_text(file: Path, text: str) -> None:
    """Write a whole small file or nothing, even if the power fails.

    Raises:
        StorageFullError: it cannot be written.
    """
    with on_disk():
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
