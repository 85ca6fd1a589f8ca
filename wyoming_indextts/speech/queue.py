"""The queue in front of one target: the most urgent first, one at a time, none for ever."""

import asyncio
import heapq
import itertools
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Literal, Protocol

from wyoming_indextts.errors import (
    BusyError,
    InterruptedSpeechError,
    ShutdownError,
    SpeechError,
    TargetFailedError,
)
from wyoming_indextts.speech.announcement import Announcement
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.loudness import with_gain
from wyoming_indextts.speech.performance import Performance

log = logging.getLogger(__name__)

WAITING: Final = 32
"""Announcements that may wait for one target."""

State = Literal["queued", "ready", "started", "finished", "interrupted", "failed", "rejected"]
"""At each target `queued` is followed by exactly one of finished, interrupted and failed; at one
that is fetched from, `ready` says where.
"""


@dataclass(frozen=True, slots=True)
class Notice:
    """One step of one announcement, at one target; one that is rejected got to none.

    `waited` is seconds since it was queued, `sound` seconds of sound that the target took;
    `code` and `reason` are the error's, where it ended early.
    """

    state: State
    id: str | None
    target: str | None = None
    announcement: Announcement | None = None
    waited: float = 0.0
    sound: float = 0.0
    code: str | None = None
    reason: str | None = None
    links: Mapping[str, object] = field(default_factory=dict)


Ready = Callable[[Mapping[str, object]], None]
"""Takes where a sound can be fetched, as `docs/announcements.md` says; must not block."""

Listener = Callable[[Notice], None]
"""Called in the loop's thread; must not block."""


class Target(Protocol):
    """Somewhere sound can be heard."""

    async def play(self, sound: AsyncIterator[Pcm], ready: Ready) -> None:
        """Play `sound` as it comes; return when it was heard. Cancelled, it is silent at once.

        `ready` is told where the sound is, by a target that leaves the playing to others.

        Raises:
            SpeechError: what `sound` raises, or the target is not reached or gave up.
        """
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """A target, its name, and how much louder than others it is to play, in dB."""

    name: str
    target: Target
    gain: float = 0.0


@dataclass(order=True, slots=True)
class _Item:
    """A performance in the queue; the smallest is next."""

    order: tuple[int, bool, int]
    performance: Performance = field(compare=False)
    queued: float = field(compare=False, default_factory=time.monotonic)
    sound: float = field(compare=False, default=0.0)
    reason: SpeechError | None = field(compare=False, default=None)


class Queue:
    """What one target is to play. Belongs to the event loop's thread; `run` does the work."""

    def __init__(
        self,
        place: Place,
        tell: Listener,
        check: Callable[[Announcement], None],
        *,
        waiting: int = WAITING,
    ) -> None:
        """Take the parts; `check` raises why an announcement must not be heard now."""
        self._place = place
        self._tell_all = tell
        self._check = check
        self._limit = waiting
        self._waiting: list[_Item] = []
        self._count = itertools.count()
        self._changed = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._current: _Item | None = None
        self._playing: asyncio.Task[SpeechError | None] | None = None

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    def check_room(self) -> None:
        """Raise BusyError if no more can be put in."""
        if len(self._waiting) >= self._limit:
            raise BusyError(f"{self._limit} announcements wait for {self._place.name} already")

    def put(self, performance: Performance) -> None:
        """Have it played in its turn; one that may breaks off what is played now."""
        announcement = performance.announcement
        order = (-announcement.priority, announcement.interrupt is not True, next(self._count))
        item = _Item(order, performance)
        heapq.heappush(self._waiting, item)
        self._idle.clear()
        self._changed.set()
        self._tell(item, "queued")
        current = self._current
        if current and announcement.breaks_off(current.performance.announcement):
            self._break_off(InterruptedSpeechError("something else could not wait"))

    def stop(self, announcement: str | None, reason: SpeechError) -> int:
        """End the announcement of that id, or all; return how many there were."""
        chosen = [item for item in self._waiting if announcement in (None, _id(item))]
        self._waiting = [item for item in self._waiting if item not in chosen]
        heapq.heapify(self._waiting)
        for item in chosen:
            self._end(item, reason)
        current = self._current
        if current and not current.reason and announcement in (None, _id(current)):
            self._break_off(reason)
            return len(chosen) + 1
        return len(chosen)

    async def idle(self) -> None:
        """Wait until nothing is played and nothing waits."""
        await self._idle.wait()

    async def run(self) -> None:
        """Play what is put in, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                while not self._waiting:
                    self._idle.set()
                    self._changed.clear()
                    await self._changed.wait()
                item = self._current = heapq.heappop(self._waiting)
                playing = self._playing = tasks.create_task(self._play(item), name="announcement")
                await asyncio.wait([playing])
                self._current = self._playing = None
                self._end(item, item.reason if playing.cancelled() else playing.result())

    async def _play(self, item: _Item) -> SpeechError | None:
        """Play; return why it ended early, None if it did not."""
        try:
            self._check(item.performance.announcement)
            sound = with_gain(item.performance.sound(), self._place.gain)
            async with aclosing(self._followed(item, sound)) as followed:
                await self._place.target.play(followed, partial(self._offer, item))
        except SpeechError as error:
            return error
        except Exception:
            log.exception("announcing at %s broke", self._place.name)
            return TargetFailedError("announcing there broke; the log says how")
        return None

    async def _followed(
        self, item: _Item, sound: AsyncGenerator[Pcm, None]
    ) -> AsyncGenerator[Pcm, None]:
        """Yield the sound; it has started when the target comes back for more."""
        async with aclosing(sound):
            async for run in sound:
                yield run
                item.sound, before = item.sound + run.seconds, item.sound
                if not before:
                    self._tell(item, "started")

    def _offer(self, item: _Item, links: Mapping[str, object]) -> None:
        self._tell(item, "ready", links=links)

    def _break_off(self, reason: SpeechError) -> None:
        if self._current and self._playing and not self._current.reason:
            self._current.reason = reason
            self._playing.cancel()

    def _end(self, item: _Item, error: SpeechError | None) -> None:
        if error is None:
            self._tell(item, "finished")
        elif isinstance(error, InterruptedSpeechError | ShutdownError):
            self._tell(item, "interrupted", error)
        else:
            log.warning("not announced at %s: %s", self._place.name, error)
            self._tell(item, "failed", error)
        item.performance.leave()

    def _tell(
        self,
        item: _Item,
        state: State,
        error: SpeechError | None = None,
        links: Mapping[str, object] | None = None,
    ) -> None:
        self._tell_all(
            Notice(
                state,
                _id(item),
                self._place.name,
                item.performance.announcement,
                time.monotonic() - item.queued,
                item.sound,
                error.code if error else None,
                str(error) if error else None,
                links or {},
            )
        )


def _id(item: _Item) -> str:
    return item.performance.announcement.id
