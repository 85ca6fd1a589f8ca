"""What is to be published: documents, of which only the newest counts, and events in order.

Nobody who puts something in ever waits. Belongs to the event loop's thread; one reader.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

EVENTS: Final = 256
"""Events that wait; more drop the oldest."""

EVENT_AGE: Final = 30.0
"""Seconds after which an event that could not be published is no news any more."""


@dataclass(frozen=True, slots=True, eq=False)
class Publication:
    """One message of ours, at quality of service 1."""

    topic: str
    payload: bytes
    retain: bool = False
    correlation: bytes | None = None
    """Echoed to whoever asked, in a reply."""

    made: float = 0.0
    document: bool = True
    """Whether only its newest counts."""


class Outbox:
    """Keeps what is to be published until it has been.

    Several may be under way at once, a document only once: so a flood of changes comes to few
    publications.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._documents: dict[str, Publication] = {}  # bounded by our topics
        self._pending: dict[str, Publication] = {}
        self._events: deque[Publication] = deque(maxlen=EVENTS)
        self._under_way: dict[Publication, None] = {}  # bounded by who reads
        self._changed = asyncio.Event()

    def keep(self, topic: str, payload: str) -> None:
        """Have the retained document at `topic` be `payload`; the same again is nothing new."""
        known = self._documents.get(topic)
        if known is None or known.payload != payload.encode():
            document = Publication(topic, payload.encode(), retain=True)
            self._documents[topic] = self._pending[topic] = document
            self._changed.set()

    def again(self, topic: str) -> None:
        """Publish the document at `topic` once more; one that was never kept is passed over."""
        if topic in self._documents:
            self._pending[topic] = self._documents[topic]
            self._changed.set()

    def all_again(self) -> None:
        """Publish all documents once more, in the order they were first kept in.

        So are the events that were under way; those that have waited too long are dropped.
        """
        self._pending = dict(self._documents)
        fresh = self._clock() - EVENT_AGE
        events = [*(p for p in self._under_way if not p.document), *self._events]
        self._under_way.clear()
        self._events = deque((e for e in events if e.made >= fresh), maxlen=EVENTS)
        self._changed.set()

    def send(self, topic: str, payload: str, correlation: bytes | None = None) -> None:
        """Publish an event, not retained."""
        self._add(Publication(topic, payload.encode(), correlation=correlation))

    def erase(self, topic: str) -> None:
        """Have nothing retained at `topic`, which is none of the documents kept here."""
        self._add(Publication(topic, b"", retain=True))

    async def next(self) -> Publication:
        """Return what to publish next, documents first; it is under way until it is `done`."""
        while (publication := self._taken()) is None:
            self._changed.clear()
            await self._changed.wait()
        self._under_way[publication] = None
        return publication

    def done(self, publication: Publication) -> None:
        """Forget what was published."""
        self._under_way.pop(publication, None)
        if publication.topic in self._pending:
            self._changed.set()

    def _add(self, event: Publication) -> None:
        self._events.append(replace(event, made=self._clock(), document=False))
        self._changed.set()

    def _taken(self) -> Publication | None:
        """Take what is next, if anything is."""
        busy = {publication.topic for publication in self._under_way if publication.document}
        for topic in self._pending:
            if topic not in busy:
                return self._pending.pop(topic)
        return self._events.popleft() if self._events else None
