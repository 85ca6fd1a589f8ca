"""Reads the audit log: what it says, chosen by whoever asks, and whether somebody changed it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from wyoming_indextts.store.audit import FIRST, AuditFiles, Entry, hash_of

LONGEST: Final = 1024 * 1024
"""Bytes of a line; what is longer was not written by us."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, where it stands, and what it says; nothing if it is no entry."""

    file: str
    number: int
    content: bytes
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class Choice:
    """Which entries are wanted; what is None or empty chooses all.

    `actor` may be any part of one, `action` a whole one or the part before its dot.
    """

    since: datetime | None = None
    action: str = ""
    actor: str = ""

    def holds(self, entry: Entry) -> bool:
        """Return whether an entry is one of them."""
        action = str(entry.get("action"))
        return (
            self.action in ("", action, action.partition(".")[0])
            and self.actor in str(entry.get("actor"))
            and (self.since is None or _moment(entry) >= self.since)
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many lines there are, the hash of the last, and what is wrong with the others."""

    lines: int
    last: str
    faults: tuple[str, ...]


def lines(files: AuditFiles) -> Iterator[Line]:
    """Yield every line, the oldest first.

    Raises:
        OSError: a file cannot be read.
    """
    for file in files.oldest_first():
        with file.open("rb") as stream:
            number = 0
            while content := stream.readline(LONGEST):
                number += 1
                bare = content.removesuffix(b"\n")
                yield Line(file.name, number, bare, _entry(bare))


def chosen(files: AuditFiles, choice: Choice) -> Iterator[Entry]:
    """Yield the wanted entries, the oldest first; lines that are none are passed over.

    Raises:
        OSError: a file cannot be read.
    """
    for line in lines(files):
        if line.entry is not None and choice.holds(line.entry):
            yield line.entry


def verify(files: AuditFiles) -> Verdict:
    """Return whether each line is bound to the one before it.

    What came before the oldest line that is kept cannot be known.

    Raises:
        OSError: a file cannot be read.
    """
    faults: list[str] = []
    count, previous = 0, ""
    for line in lines(files):
        where = f"{line.file}, line {line.number}"
        if line.entry is None:
            faults.append(f"{where}: not an entry; the power failed, or somebody wrote there")
        elif previous and line.entry.get("prev") != previous:
            faults.append(f"{where}: what came before it is not what was there")
        count, previous = count + 1, hash_of(line.content)
    return Verdict(count, previous or FIRST, tuple(faults))


def _entry(content: bytes) -> Entry | None:
    try:
        entry = json.loads(content)
    except (ValueError, RecursionError):
        return None
    whole = isinstance(entry, dict) and isinstance(entry.get("prev"), str)
    return entry if whole and _moment(entry) != _NEVER else None


_NEVER: Final = datetime.fromisoformat("0001-01-01T00:00:00+00:00")


def _moment(entry: Entry) -> datetime:
    """Return when it was; long ago if that cannot be read."""
    try:
        moment = datetime.fromisoformat(str(entry.get("ts")))
    except ValueError:
        return _NEVER
    return moment if moment.tzinfo else _NEVER
