"""Downloads a model's files: those that are not there as the hub has them.

PLACE                complete and checked, never a half one
PLACE.<etag>.part    what has come of it; the next download goes on there
PLACE.old            a file of the user's that was another one
.download.lock       held by the one download that is running
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Final

from wyoming_indextts.errors import BusyError, StorageFullError, WeightsCorruptError
from wyoming_indextts.store.digest import is_digest, matches, sha256_of
from wyoming_indextts.store.hub import Found, Hub
from wyoming_indextts.store.licence import require_acceptance
from wyoming_indextts.store.lock import Record, read_lock, write_lock
from wyoming_indextts.store.weights import MODELS
from wyoming_indextts.store.writing import on_disk

BUSY: Final = ".download.lock"

RESERVE: Final = 500_000_000
"""Bytes that stay free on the disk: a full one stops more than this program."""

ATTEMPTS: Final = 2
"""How often a file is fetched whose bytes are not those that its digest promised."""

Progress = Callable[[str, int, int], None]
"""Takes a file's place, its bytes that are here, and its size; first once for every file."""


def download(model: str, folder: Path, hub: Hub, progress: Progress) -> None:
    """Bring a model's files into `folder`; return when all are there, checked and recorded.

    Blocks for as long as it takes; whatever ends it, the next one goes on where it was.

    Raises:
        ForbiddenError: the licences have not been accepted.
        BusyError: another download into `folder` is running.
        StorageFullError: there is too little room, or the folder cannot be written.
        WeightsMissingError: the hub cannot be asked, or does not have a file.
        WeightsCorruptError: what it sends is not what it promised.
        TimedOutError: it does not answer.
        InterruptedSpeechError: the hub's `stop` was set.
    """
    require_acceptance(model, folder)
    with _alone(folder):
        parts = [
            _Part(folder, file.place, hub.find(file.repository, file.name), progress)
            for file in MODELS[model]
        ]
        records = _recorded(folder)
        wanted: list[_Part] = []
        for part in parts:
            if record := part.complete(records.get(part.place)):
                records[part.place] = record
            else:
                wanted.append(part)
        _require_room(folder, sum(part.lacking for part in wanted))
        for part in wanted:
            is_ours = part.place in records
            records[part.place] = part.bring(hub, is_ours=is_ours)
            write_lock(folder, records)
        write_lock(folder, records)


@dataclass(frozen=True, slots=True)
class _Part:
    """A file on its way from the hub to its place in the folder."""

    folder: Path
    place: str
    found: Found
    progress: Progress

    @property
    def file(self) -> Path:
        return self.folder / self.place

    @property
    def unfinished(self) -> Path:
        """What has come of this version of the file."""
        version = hashlib.sha256(self.found.etag.encode()).hexdigest()[:8]
        return self.file.with_name(f"{self.file.name}.{version}.part")

    @property
    def lacking(self) -> int:
        """How many bytes are still to come."""
        return self.found.size - self._here()

    def complete(self, known: Record | None) -> Record | None:
        """Return the file's record if it is in its place, as the hub has it; report progress."""
        there = self.file.is_file() and self.file.stat().st_size == self.found.size
        sha256 = sha256_of(self.file) if there else ""
        if is_digest(self.found.etag):
            there = there and matches(self.file, sha256, self.found.etag)
        else:
            there = there and (known is None or known.sha256 == sha256)
        self._arrived(self.found.size if there else self._here())
        return self._record(sha256) if there else None

    def bring(self, hub: Hub, *, is_ours: bool) -> Record:
        """Fetch the file and put it in its place; one that is not ours steps aside."""
        with on_disk():
            self.file.parent.mkdir(parents=True, exist_ok=True)
            for other in self.file.parent.glob(f"{escape(self.file.name)}.*.part"):
                if other != self.unfinished:
                    other.unlink()
        sha256 = self._fetch(hub)
        with on_disk():
            _flush(self.unfinished)
            if self.file.exists() and not is_ours:
                self.file.replace(self.file.with_name(f"{self.file.name}.old"))
            self.unfinished.replace(self.file)
            return self._record(sha256)

    def _fetch(self, hub: Hub) -> str:
        """Return the SHA-256 of the finished file, whose bytes are those that were promised."""
        for _ in range(ATTEMPTS):
            hub.fetch(self.found, self.unfinished, self._arrived)
            sha256 = sha256_of(self.unfinished)
            if matches(self.unfinished, sha256, self.found.etag):
                return sha256
            self.unfinished.unlink()
        raise WeightsCorruptError(
            f"{self.found.what}: the bytes the hub sends are not those it promises; "
            "another --mirror may have the right ones"
        )

    def _here(self) -> int:
        return self.unfinished.stat().st_size if self.unfinished.exists() else 0

    def _arrived(self, here: int) -> None:
        self.progress(self.place, here, self.found.size)

    def _record(self, sha256: str) -> Record:
        return Record.of(self.file, sha256, source=f"{self.found.what}@{self.found.commit}")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder for one download; the system lets go of it if the program dies."""
    with on_disk():
        folder.mkdir(parents=True, exist_ok=True)
        held = (folder / BUSY).open("w")
    with held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError("another download into the weights folder is running") from None
        yield


def _recorded(folder: Path) -> dict[str, Record]:
    """Return what the lock file says; nothing if it cannot be read, as it will be made anew."""
    try:
        return read_lock(folder)
    except WeightsCorruptError:
        return {}


def _require_room(folder: Path, needed: int) -> None:
    """Return if the disk has room for `needed` bytes.

    Raises:
        StorageFullError: it has not.
    """
    free = shutil.disk_usage(folder).free
    if needed and free < needed + RESERVE:
        raise StorageFullError(
            f"{needed / 1e9:.1f} GB are still to come, and {RESERVE / 1e9:.1f} GB must stay free; "
            f"there are {free / 1e9:.1f} GB: make room, or name another folder with --cache-dir"
        )


def _flush(file: Path) -> None:
    """Make sure that a file outlives a loss of power."""
    with file.open("rb") as stream:
        os.fsync(stream.fileno())
