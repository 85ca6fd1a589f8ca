"""The audit log on the disk: a JSON object a line, only ever added to, bound to the one before.

    audit.jsonl      the newest lines; audit.jsonl.1, .2 and so on are older ones
    audit.lock       locked by the one program that is writing

A line has `ts` (UTC), `actor`, `action`, `target`, `result`, `request`, what else is known of the
deed, and `prev`: the SHA-256 of the line before it. So a line that is changed, taken out or put in
shows, unless all after it is written anew; lines cut off at the end do not show.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from wyoming_indextts.speech.deeds import Deed
from wyoming_indextts.store.writing import VOICES, on_disk

NAME: Final = "audit.jsonl"
"""The file's name in the data folder."""

LOCK: Final = "audit.lock"

FIRST: Final = "0" * 64
"""`prev` of the very first line."""

LONGEST_TEXT: Final = 20_000
"""Characters of a text that are kept; its hash is of all of it."""

TAIL: Final = 512 * 1024
"""Bytes in which the last line is found; the longest has 6 for each character of its text."""

Entry = Mapping[str, object]
"""What a line says."""


@dataclass(frozen=True, slots=True)
class AuditFiles:
    """Where the log is, and how much of it is kept.

    A file that has grown to `largest` bytes is followed by the next one; `files` are kept, at
    least two.
    """

    folder: Path
    largest: int = 10_000_000
    files: int = 5

    @property
    def newest(self) -> Path:
        """The file that is written to."""
        return self.folder / NAME

    def oldest_first(self) -> list[Path]:
        """Return the files there are."""
        older = [self._older(number) for number in sorted(self._numbers(), reverse=True)]
        return [file for file in (*older, self.newest) if file.is_file()]

    def append(self, entries: Sequence[Entry]) -> None:
        """Write lines, all or none of them.

        Raises:
            StorageFullError: they cannot be written.
        """
        with on_disk(VOICES), self._alone():
            previous = self._last_hash()
            written = bytearray()
            for entry in entries:
                line = line_of({**entry, "prev": previous})
                previous = hash_of(line)
                written += line + b"\n"
            self._write(bytes(written))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        held = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield
        finally:
            os.close(held)

    def _last_hash(self) -> str:
        for file in (self.newest, self._older(1)):
            if lines := _tail(file).splitlines():
                return hash_of(lines[-1])
        return FIRST

    def _write(self, content: bytes) -> None:
        with suppress(FileNotFoundError):
            if self.newest.stat().st_size >= self.largest:
                self._rotate()
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        opened = os.open(self.newest, flags, 0o600)
        try:
            os.fchmod(opened, 0o600)
            size = os.fstat(opened).st_size
            if size and not _tail(self.newest).endswith(b"\n"):  # the power failed in a line
                content = b"\n" + content
            try:
                while content:
                    content = content[os.write(opened, content) :]
            except OSError:
                os.ftruncate(opened, size)
                raise
        finally:
            os.close(opened)

    def _rotate(self) -> None:
        for number in sorted(self._numbers(), reverse=True):
            if number >= self.files - 1:
                self._older(number).unlink()
            else:
                self._older(number).rename(self._older(number + 1))
        self.newest.rename(self._older(1))

    def _older(self, number: int) -> Path:
        return self.folder / f"{NAME}.{number}"

    def _numbers(self) -> list[int]:
        """Return the numbers of the older files; the highest is the oldest."""
        endings = (file.name.removeprefix(f"{NAME}.") for file in self.folder.glob(f"{NAME}.*"))
        return [int(ending) for ending in endings if ending.isdecimal()]


def entry_of(deed: Deed, *, text: bool) -> Entry:
    """Return what is written of a deed done now; with its words, if `text` says so."""
    said = {"text": deed.text[:LONGEST_TEXT]} if text and deed.text is not None else {}
    return {
        "ts": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "actor": deed.asker.actor,
        "action": deed.action,
        "target": deed.target,
        "result": deed.result,
        "request": deed.asker.request,
        **deed.more,
        **said,
    }


def line_of(entry: Entry) -> bytes:
    """Return an entry's line, without its end."""
    line = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    return line.encode("utf-8", "backslashreplace")  # half characters become JSON's own escapes


def hash_of(line: bytes) -> str:
    """Return what the next line binds itself to."""
    return hashlib.sha256(line).hexdigest()


def _tail(file: Path) -> bytes:
    """Return the last bytes of a file; none if it is not there."""
    try:
        with file.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - TAIL))
            return stream.read()
    except FileNotFoundError:
        return b""
