"""What is said of a model's file that cannot be used: its name, what is wrong, what mends it."""

from typing import Final

from wyoming_indextts.errors import (
    StorageFullError,
    UnsupportedError,
    WeightsCorruptError,
    WeightsMissingError,
)

MENDING: Final = "mend it with `wyoming-indextts download indextts2`"
"""The command that fetches each file that is missing or not as it should be."""


def corrupt(file: str, fault: str) -> WeightsCorruptError:
    """Return the error for `file`, a name without its path, that is not what it should be."""
    return WeightsCorruptError(f"{file}: {fault}; {MENDING}")


def missing(file: str) -> WeightsMissingError:
    """Return the error for `file`, a name without its path, that is not there."""
    return WeightsMissingError(f"{file} is not there; {MENDING}")


def full(file: str, size: int) -> StorageFullError:
    """Return the error for `file`, a name without its path, whose `size` bytes find no room."""
    return StorageFullError(
        f"there is no room for {file}, which takes {max(1, size // 1_000_000)} MB; "
        "make room where the model lies, and start again"
    )


def later_version(file: str) -> UnsupportedError:
    """Return the error for `file`, a name without its path, of IndexTTS 2.5."""
    return UnsupportedError(
        f"{file} is of IndexTTS 2.5, and this program speaks with IndexTTS 2.0; fetch that into "
        "another folder with `wyoming-indextts download indextts2`"
    )
