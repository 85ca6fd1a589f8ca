"""Admission: how many utterances are spoken at once, who waits, and who is sent away.

Belongs to the event loop's thread.
"""

import asyncio
import heapq
from typing import Final, Self

from wyoming_indextts.errors import BusyError

SPEAKING: Final = 2
"""Utterances spoken at once where the settings do not say otherwise."""

WAITING: Final = 32
"""Utterances that may wait for their turn where the settings do not say otherwise."""


class Admission:
    """Hands out the places in front of the engine, the earliest playback deadline first."""

    def __init__(self, *, speaking: int = SPEAKING, waiting: int = WAITING) -> None:
        self._places = self._free = speaking
        self._limit = waiting
        self._order = 0
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []

    @property
    def taken(self) -> int:
        """How many places are held."""
        return self._places - self._free

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return sum(not turn.done() for _, _, turn in self._waiting)

    def place(self) -> "Place":
        """Return an utterance's claim to a place; it holds none yet."""
        return Place(self)

    async def _take(self, deadline: float, *, new: bool) -> None:
        if self._free:
            self._free -= 1
            return
        if new and self.waiting >= self._limit:
            raise BusyError(f"{self._limit} utterances are waiting already; try again later")
        turn = asyncio.get_running_loop().create_future()
        self._order += 1
        heapq.heappush(self._waiting, (deadline, self._order, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_back()
            raise

    def _give_back(self) -> None:
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


class Place:
    """One utterance's claim; close it by leaving the `with` block."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._held = False
        self._new = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    async def take(self, deadline: float) -> None:
        """Wait for a place unless it is held; `deadline` (time.monotonic) decides the order.

        Raises:
            BusyError: this is the utterance's first turn and too many wait already.
        """
        if not self._held:
            await self._admission._take(deadline, new=self._new)  # noqa: SLF001 - one idea
            self._held, self._new = True, False

    def release(self) -> None:
        """Let another utterance have the place, if it is held."""
        if self._held:
            self._held = False
            self._admission._give_back()  # noqa: SLF001 - one idea
