"""The announcer: takes announcements from everywhere and puts them before their targets."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from wyoming_indextts.errors import (
    BadRequestError,
    DuplicateError,
    ExpiredError,
    InterruptedSpeechError,
    QuietError,
    ShutdownError,
    SpeechError,
    TargetNotFoundError,
    UnsupportedError,
)
from wyoming_indextts.speech.announcement import NAME, Announcement, announcement, id_of
from wyoming_indextts.speech.areas import Areas
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.deeds import Asker
from wyoming_indextts.speech.performance import Performance
from wyoming_indextts.speech.queue import WAITING, Listener, Notice, Place, Queue
from wyoming_indextts.speech.quiet_hours import QuietHours
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.script import PLAIN
from wyoming_indextts.speech.seen import Seen
from wyoming_indextts.speech.speaker import Speaker

log = logging.getLogger(__name__)

ALL: Final = "all"
"""The group of all targets."""

PARTING: Final = 2.0
"""Seconds in which everything must have fallen silent at the end."""

Clock = Callable[[], float]
"""Gives the time of day, in seconds since 1970."""


Gain = Callable[[str], Awaitable[float]]
"""Gives by how many dB the voice of a name is to be louder, always the same; raises nothing."""


@dataclass(frozen=True, slots=True)
class AnnouncerOptions:
    """What holds for announcements that do not say otherwise. Times are in seconds."""

    groups: Mapping[str, Sequence[str]]
    """Names of targets by the name of their group."""

    usual: Sequence[str] = (ALL,)
    """Targets and groups of those that name none."""

    chime: bool = True
    quiet_hours: QuietHours | None = None
    expires: float = 300.0
    """How long one may wait for its turn."""

    max_age: float = 30.0
    """How old one may be that says when it was sent."""

    waiting: int = WAITING
    """How many may wait for one target."""


class Announcer:
    """Announces. Belongs to the event loop's thread; `announcing` makes one that works."""

    def __init__(
        self,
        speaker: Speaker,
        casting: Casting,
        places: Sequence[Place],
        options: AnnouncerOptions,
        tasks: asyncio.TaskGroup,
        clock: Clock,
        gain: Gain,
    ) -> None:
        self.areas = Areas([place.name for place in places], casting.presets)
        """The targets, each of which may have an emotion of its own."""
        self._gain = gain
        self._speaker = speaker
        self._casting = casting
        self._options = options
        self._tasks = tasks
        self._clock = clock
        self._listeners: list[Listener] = []
        self._seen = Seen()
        self._quiet = False
        self._queues = {
            place.name: Queue(place, self._tell, self._check_timely, waiting=options.waiting)
            for place in places
        }

    @property
    def waiting(self) -> int:
        """How many wait for their turn, once for each target."""
        return sum(queue.waiting for queue in self._queues.values())

    @property
    def targets(self) -> Sequence[str]:
        """The names that an announcement may be for: targets, then groups."""
        return [*self._queues, *self._options.groups, *([ALL] if self._queues else [])]

    @property
    def quiet(self) -> bool:
        """Whether nobody is to be disturbed, whatever the hour."""
        return self._quiet

    def hush(self, *, quiet: bool) -> None:
        """Set whether nobody is to be disturbed; what sounds now is not broken off."""
        self._quiet = quiet

    def announce(self, asked: str | Mapping[str, object]) -> str:
        """Take a text, or fields as `docs/announcements.md` lists them; return the id.

        Raises:
            SpeechError: it is not taken, and why; the listeners are told as well.
        """
        try:
            return self._take(announcement(asked, now=self._clock()))
        except SpeechError as error:
            self._tell(Notice("rejected", id_of(asked), code=error.code, reason=str(error)))
            raise

    def stop(
        self,
        *,
        announcement: str | None = None,
        target: str | None = None,
        reason: SpeechError | None = None,
    ) -> int:
        """End one announcement by its id, those for a target or group, or all; also waiting ones.

        Return how many there were, once for each target.

        Raises:
            TargetNotFoundError: no target and no group has that name.
        """
        names = list(self._queues) if target is None else self._resolved([target])
        reason = reason or InterruptedSpeechError("somebody asked for silence")
        return sum(self._queues[name].stop(announcement, reason) for name in names)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every step from now on; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def run(self) -> None:
        """Play what is taken until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for queue in self._queues.values():
                tasks.create_task(queue.run(), name="announcements")

    async def idle(self) -> None:
        """Wait until nothing is played and nothing waits."""
        for queue in self._queues.values():
            await queue.idle()

    def _take(self, wanted: Announcement) -> str:
        now = self._clock()
        if self._seen.has(wanted.id, now):
            raise DuplicateError(f"an announcement with the id {wanted.id!r} was taken before")
        if wanted.sent is not None and now - wanted.sent > self._options.max_age:
            raise ExpiredError(f"it was sent {now - wanted.sent:.0f} s ago")
        if wanted.expires is None:
            wanted = replace(wanted, expires=now + self._options.expires)
        self._check_timely(wanted)
        names = self._resolved(wanted.targets or self._options.usual)
        request = self._request(wanted)
        for name in names:
            self._queues[name].check_room()
        self._seen.add(wanted.id, now)
        chimes = self._options.chime if wanted.chime is None else wanted.chime
        alike: dict[Request, list[str]] = {}
        for name in names:
            alike.setdefault(self.areas.applied(name, request), []).append(name)
        for how, where in alike.items():
            performance = Performance(
                wanted,
                how,
                self._speaker,
                chimes=chimes,
                gain=partial(self._gain, self._casting.style(how, PLAIN).voice),
                targets=len(where),
                spawn=self._tasks.create_task,
            )
            for name in where:
                self._queues[name].put(performance)
        return wanted.id

    def _check_timely(self, wanted: Announcement) -> None:
        """Raise ExpiredError or QuietError if it must not be heard now."""
        now = self._clock()
        if wanted.expires is not None and now > wanted.expires:
            raise ExpiredError("it came too late to matter")
        if wanted.may_disturb:
            return
        if self._quiet:
            raise QuietError("nobody is to be disturbed")
        if (hours := self._options.quiet_hours) and hours.hold(now):
            raise QuietError("these are quiet hours")

    def _request(self, wanted: Announcement) -> Request:
        request = Request(
            "announce",
            voice=wanted.voice or self._voice_for(wanted.language),
            emotion=wanted.emotion,
            intensity=wanted.intensity,
            volume=wanted.volume,
            asker=Asker("announce", wanted.id),
        )
        self._speaker.check(request)
        return request

    def _voice_for(self, language: str | None) -> str | None:
        """Return a voice that speaks `language`, None if the usual one does."""
        if language is None:
            return None
        voices = self._casting.voices
        staged = self._casting.stage.now.voice
        usual = voices.find(staged)[0] if staged else voices.default
        for voice in (usual, *voices):
            if any(_main(spoken) == _main(language) for spoken in voice.languages):
                return None if voice is usual else voice.name
        raise UnsupportedError(f"no voice speaks {language!r}")

    def _resolved(self, names: Sequence[str]) -> list[str]:
        """Return the names of the targets that names of targets and groups mean, each once.

        Raises:
            TargetNotFoundError: one of them is nothing that is known, or there is no target.
        """
        found: list[str] = []
        for name in names:
            if name in self._queues:
                found.append(name)
            elif name in self._options.groups:
                found += self._options.groups[name]
            elif name == ALL and self._queues:
                found += self._queues
            else:
                known = ", ".join(self.targets) or "none in the settings"
                shown = name[:NAME]
                raise TargetNotFoundError(f"no target is named {shown!r}; there are {known}")
        if not found:
            raise BadRequestError("it names no target")
        return list(dict.fromkeys(found))

    def _tell(self, notice: Notice) -> None:
        for listener in tuple(self._listeners):
            listener(notice)


@asynccontextmanager
async def announcing(
    speaker: Speaker,
    casting: Casting,
    places: Sequence[Place],
    options: AnnouncerOptions,
    clock: Clock = time.time,
    gain: Gain | None = None,
) -> AsyncGenerator[Announcer, None]:
    """Give an announcer that plays at `places`; leaving the block ends all its sound.

    `gain` evens out the voices.
    """
    async with asyncio.TaskGroup() as tasks:
        announcer = Announcer(speaker, casting, places, options, tasks, clock, gain or _no_gain)
        running = tasks.create_task(announcer.run(), name="announcer")
        try:
            yield announcer
        finally:
            announcer.stop(reason=ShutdownError("the server is going down"))
            try:
                async with asyncio.timeout(PARTING):
                    await announcer.idle()
            except TimeoutError:
                log.warning("a target did not fall silent within %g s", PARTING)
            running.cancel()


async def _no_gain(_: str) -> float:
    return 0.0


def _main(language: str) -> str:
    """Return the language of a tag without its country."""
    return language.replace("_", "-").split("-")[0].casefold()
