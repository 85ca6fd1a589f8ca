"""The lock file: what each downloaded file was when it came, so that damage is found.

    weights.lock.json    {place: {"sha256", "size", "mtime_ns", "source"}}, in the weights folder

A file whose size and time are as recorded is taken to be as it was; where only the time differs,
after a copy, its hash decides. Files that are not recorded came by another way and are left alone.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from wyoming_indextts.errors import StorageFullError, WeightsCorruptError, WeightsMissingError
from wyoming_indextts.store.digest import sha256_of
from wyoming_indextts.store.weights import MODELS, mending
from wyoming_indextts.store.writing import write_text

LOCK: Final = "weights.lock.json"


@dataclass(frozen=True, slots=True)
class Record:
    """A file as it was downloaded; `source` is the repository and its commit."""

    sha256: str
    size: int
    mtime_ns: int
    source: str

    @classmethod
    def of(cls, file: Path, sha256: str, source: str) -> "Record":
        """Return the record of a file whose SHA-256 is known."""
        stat = file.stat()
        return cls(sha256, stat.st_size, stat.st_mtime_ns, source)


Records = Mapping[str, Record]
"""Records by the places of their files."""


@dataclass(frozen=True, slots=True)
class Condition:
    """The state of a model's files, by their places; `copied` are those with a new time only."""

    missing: Sequence[str]
    changed: Sequence[str]
    unrecorded: Sequence[str]
    copied: Records


def read_lock(folder: Path) -> dict[str, Record]:
    """Return what is recorded; nothing if there is no lock file.

    Raises:
        WeightsCorruptError: the lock file cannot be read.
    """
    try:
        table = json.loads((folder / LOCK).read_text("utf-8"))
        return {str(place): _record(entry) for place, entry in table.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError):
        raise WeightsCorruptError(
            f"{LOCK} cannot be read: {mending('indextts2')}, which makes it anew"
        ) from None


def write_lock(folder: Path, records: Records) -> None:
    """Replace the lock file.

    Raises:
        StorageFullError: it cannot be written.
    """
    table = {place: asdict(record) for place, record in sorted(records.items())}
    write_text(folder / LOCK, json.dumps(table, indent=2) + "\n")


def examine(model: str, folder: Path, *, thorough: bool = False) -> Condition:
    """Return the state of a model's files; a `thorough` look hashes all, seconds for a gigabyte.

    Raises:
        WeightsCorruptError: the lock file cannot be read.
    """
    records = read_lock(folder)
    missing, changed, unrecorded = list[str](), list[str](), list[str]()
    copied: dict[str, Record] = {}
    for place in (file.place for file in MODELS[model]):
        record = records.get(place)
        if not (folder / place).is_file():
            missing.append(place)
        elif record is None:
            unrecorded.append(place)
        else:
            mtime_ns = (folder / place).stat().st_mtime_ns
            if not _is_as_recorded(folder / place, record, thorough=thorough):
                changed.append(place)
            elif mtime_ns != record.mtime_ns:
                copied[place] = replace(record, mtime_ns=mtime_ns)
    return Condition(missing, changed, unrecorded, copied)


def require(model: str, folder: Path, *, thorough: bool = False) -> Condition:
    """Return the condition of a model's files if all are there and as they were downloaded.

    Raises:
        WeightsMissingError: some are not there.
        WeightsCorruptError: some have changed, or the lock file cannot be read.
    """
    condition = examine(model, folder, thorough=thorough)
    if condition.missing:
        raise WeightsMissingError(f"{_listed(condition.missing)} not there: {mending(model)}")
    if condition.changed:
        raise WeightsCorruptError(
            f"{_listed(condition.changed)} not as downloaded: {mending(model)}"
        )
    if condition.copied:
        with suppress(StorageFullError):  # a folder that is only read: the next look hashes again
            write_lock(folder, {**read_lock(folder), **condition.copied})
    return condition


def _listed(places: Sequence[str]) -> str:
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return f"{places[0]}{more} {'are' if more else 'is'}"


def _is_as_recorded(file: Path, record: Record, *, thorough: bool) -> bool:
    stat = file.stat()
    if stat.st_size != record.size:
        return False
    is_untouched = stat.st_mtime_ns == record.mtime_ns and not thorough
    return is_untouched or sha256_of(file) == record.sha256


def _record(entry: Mapping[str, object]) -> Record:
    """Return the record that a table of the lock file holds.

    Raises:
        ValueError: it holds none.
    """
    match entry:
        case {
            "sha256": str(sha256),
            "size": int(size),
            "mtime_ns": int(mtime_ns),
            "source": str(source),
        }:
            return Record(sha256, size, mtime_ns, source)
        case _:
            raise ValueError("no record")
