"""Announcements put together from the settings, and the port through which MQTT asks for them."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from wyoming_indextts.edges.announce.snd import SndOptions, SndTarget
from wyoming_indextts.edges.mqtt import announcer as port
from wyoming_indextts.settings import Settings
from wyoming_indextts.speech.announcer import Announcer, AnnouncerOptions, announcing
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.queue import Notice, Place
from wyoming_indextts.speech.quiet_hours import QuietHours
from wyoming_indextts.speech.speaker import Speaker


@asynccontextmanager
async def announced_at_targets(
    settings: Settings, speaker: Speaker, casting: Casting
) -> AsyncGenerator[Announcer | None, None]:
    """Give who announces at the targets of the settings; None if they name none."""
    if not settings.announce.targets:
        yield None
        return
    async with announcing(speaker, casting, places(settings), options(settings)) as announcer:
        yield announcer


def places(settings: Settings) -> list[Place]:
    """Return the targets that the settings name."""
    found = []
    for name, wanted in settings.announce.targets.items():
        snd = SndOptions(wanted.address.host, wanted.address.port)
        found.append(Place(name, SndTarget(snd), wanted.gain))
    return found


def options(settings: Settings) -> AnnouncerOptions:
    """Return what the settings say of announcements."""
    wanted = settings.announce
    return AnnouncerOptions(
        groups=wanted.groups,
        usual=wanted.usual,
        chime=wanted.chime,
        quiet_hours=QuietHours.parse(wanted.quiet_hours) if wanted.quiet_hours else None,
        expires=wanted.expires,
        max_age=settings.mqtt.max_age,
        waiting=wanted.waiting,
    )


@dataclass(frozen=True, slots=True)
class AnnouncedOverMqtt:
    """An announcer as MQTT asks for it: `port.Announcer`."""

    announcer: Announcer

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return self.announcer.waiting

    @property
    def quiet(self) -> bool:
        """Whether nobody is to be disturbed."""
        return self.announcer.quiet

    def announce(self, wish: port.Wish) -> str:
        """Take an announcement; return its id.

        Raises:
            SpeechError: it is not taken, and why.
        """
        return self.announcer.announce(wish.fields)

    def stop(self, *, announcement: str | None = None, target: str | None = None) -> int:
        """End one announcement, those for a target, or all; return how many there were."""
        return self.announcer.stop(announcement=announcement, target=target)

    def hush(self, *, quiet: bool) -> None:
        """Set whether nobody is to be disturbed."""
        self.announcer.hush(quiet=quiet)

    def listen(self, listener: Callable[[port.Notice], None]) -> Callable[[], None]:
        """Tell each step but a rejection, which MQTT tells whoever asked itself."""

        def tell(notice: Notice) -> None:
            if notice.state != "rejected":
                listener(port.Notice(notice.state, _told(notice)))

        return self.announcer.listen(tell)


def _told(notice: Notice) -> Mapping[str, object]:
    """Return the fields of an event."""
    told: dict[str, object] = {"announcement": notice.id, "target": notice.target}
    if notice.announcement:
        told["priority"] = notice.announcement.priority.name.lower()
    if notice.state == "started":
        told["waited_ms"] = round(1000 * notice.waited)
    elif notice.state != "queued":
        told["seconds"] = round(notice.sound, 3)
    if notice.code:
        told |= {"code": notice.code, "text": notice.reason}
    return told
