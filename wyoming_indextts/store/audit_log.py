"""Keeps the audit log of a server that must not wait for the disk: a thread of its own writes."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Full, Queue
from threading import Lock, Thread
from typing import Final

from wyoming_indextts.errors import StorageFullError
from wyoming_indextts.speech.deeds import Asker, Deed
from wyoming_indextts.store.audit import AuditFiles, Entry, entry_of

log = logging.getLogger(__name__)

WAITING: Final = 1000
"""Entries that may wait for the disk; more are counted, and the count is written."""

TOGETHER: Final = 200
"""Entries that are written at once, if so many wait."""

PARTING: Final = 5.0
"""Seconds that the disk gets to take the rest at the end."""

SERVER: Final = Asker("server")


class AuditLog:
    """Takes deeds from any thread, and never waits or raises."""

    def __init__(self, files: AuditFiles, *, text: bool) -> None:
        """Write to `files`; `text` says whether what was said is kept in words."""
        self._files = files
        self._text = text
        self._waiting: Queue[Entry | None] = Queue(WAITING)
        self._lost = 0
        self._counting = Lock()
        self._failing = False
        self._writing = Thread(target=self._write, name="audit", daemon=True)
        self._writing.start()

    def record(self, deed: Deed) -> None:
        """Put a deed on record."""
        try:
            self._waiting.put_nowait(entry_of(deed, text=self._text))
        except Full:
            self._lose(1)

    def close(self) -> None:
        """Write what waits, and end."""
        with suppress(Full):
            self._waiting.put(None, timeout=PARTING)
        self._writing.join(PARTING)

    def _write(self) -> None:
        while (entry := self._waiting.get()) is not None:
            entries = [entry]
            ended = False
            with suppress(Empty):
                while len(entries) < TOGETHER and not ended:
                    another = self._waiting.get_nowait()
                    ended = another is None
                    entries += [another] if another is not None else []
            self._keep(entries)
            if ended:
                break
        if self._lost:
            self._keep([])

    def _keep(self, entries: list[Entry]) -> None:
        """Write entries, and how many were lost before them."""
        with self._counting:
            lost, self._lost = self._lost, 0
        told = [entry_of(_loss(lost), text=False), *entries] if lost else entries
        try:
            self._files.append(told)
        except StorageFullError as error:
            self._lose(lost + len(entries))
            if not self._failing:
                log.warning("the audit log cannot be written: %s", error)
            self._failing = True
        else:
            if self._failing:
                log.warning("the audit log is written again; %d entries are lost", lost)
            self._failing = False

    def _lose(self, count: int) -> None:
        with self._counting:
            self._lost += count


@contextmanager
def audit_log(files: AuditFiles, *, text: bool) -> Iterator[AuditLog]:
    """Give a log; leaving the block writes what waits."""
    kept = AuditLog(files, text=text)
    try:
        yield kept
    finally:
        kept.close()


def _loss(count: int) -> Deed:
    return Deed("lost", SERVER, more={"entries": count})
