"""Links: recordings that whoever knows a secret name may fetch, for a while."""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from wyoming_indextts.errors import NotFoundError
from wyoming_indextts.speech.recording import Recording

SECONDS: Final = 600.0
"""For which a link leads somewhere."""

MOST: Final = 32
"""Links held at once; with one more the oldest leads nowhere."""

ENTROPY: Final = 18
"""Random bytes of a name: 144 bits."""


@dataclass(frozen=True, slots=True)
class Link:
    """A recording and its secret name; `fetched` is set when somebody begins to read it."""

    name: str
    recording: Recording
    until: float
    fetched: asyncio.Event = field(default_factory=asyncio.Event)


class Links:
    """Hands out links and follows them. Belongs to the event loop's thread."""

    def __init__(
        self,
        seconds: float = SECONDS,
        most: int = MOST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take how long a link lives, in seconds, and how many there may be."""
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._links: OrderedDict[str, Link] = OrderedDict()

    def offer(self, recording: Recording) -> Link:
        """Return a new link to `recording`."""
        self._forget()
        name = secrets.token_urlsafe(ENTROPY)
        link = self._links[name] = Link(name, recording, self._clock() + self._seconds)
        return link

    def find(self, name: str) -> Link:
        """Return the link of that name.

        Raises:
            NotFoundError: there is none, or not any more.
        """
        link = self._links.get(name)
        if link is None or link.until < self._clock():
            raise NotFoundError("there is no such sound, or not any more")
        return link

    def _forget(self) -> None:
        """Make room for one more."""
        now = self._clock()
        while self._links:
            oldest = next(iter(self._links.values()))
            if oldest.until >= now and len(self._links) < self._most:
                return
            self._links.popitem(last=False)
