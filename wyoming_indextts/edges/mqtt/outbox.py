"""What is to be published: documents, of which only the newest counts, and events in order.

Nobody who puts something in ever waits. Belongs to the event loop's thread; one reader.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
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


class Outbox:
    """Keeps what is to be published until it has been."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._documents: dict[str, Publication] = {}  # bounded by our topics
        self._pending: dict[str, Publication] = {}
        self._events: deque[Publication] = deque(maxlen=EVENTS)
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

        Events that have waited too long are dropped.
        """
        self._pending = dict(self._documents)
        fresh = self._clock() - EVENT_AGE
        self._events = deque((e for e in self._events if e.made >= fresh), maxlen=EVENTS)
        self._changed.set()

    def send(self, topic: str, payload: str, correlation: bytes | None = None) -> None:
        """Publish an event, not retained."""
        event = Publication(topic, payload.encode(), correlation=correlation, made=self._clock())
        self._events.append(event)
        self._changed.set()

    def erase(self, topic: str) -> None:
        """Have nothing retained at `topic`, which is none of the documents kept here."""
        self._events.append(Publication(topic, b"", retain=True, made=self._clock()))
        self._changed.set()

    async def next(self) -> Publication:
        """Return what to publish next, documents first; it stays until it is `done`."""
        while not (self._pending or self._events):
            self._changed.clear()
            await self._changed.wait()
        return next(iter(self._pending.values())) if self._pending else self._events[0]

    def done(self, publication: Publication) -> None:
        """Forget what was published, unless something newer has taken its place meanwhile."""
        if self._pending.get(publication.topic) is publication:
            del self._pending[publication.topic]
        elif self._events and self._events[0] is publication:
            self._events.popleft()
