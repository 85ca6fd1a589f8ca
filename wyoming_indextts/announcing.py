"""Announcements put together from the settings, and the port through which MQTT asks for them."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from wyoming_indextts.edges.announce.local import LocalTarget, Outlet
from wyoming_indextts.edges.announce.offered import LinkTarget
from wyoming_indextts.edges.announce.snd import SndOptions, SndTarget
from wyoming_indextts.edges.discovery.addresses import own_addresses
from wyoming_indextts.edges.mqtt import announcer as port
from wyoming_indextts.errors import SpeechError, TargetFailedError
from wyoming_indextts.say.output import OutputError
from wyoming_indextts.say.player import find_player, played
from wyoming_indextts.settings import Address, Settings
from wyoming_indextts.settings.announce import AnnounceSettings, TargetSettings
from wyoming_indextts.speech.announcer import Announcer, AnnouncerOptions, announcing
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.clip import speech_level
from wyoming_indextts.speech.links import Links
from wyoming_indextts.speech.queue import Notice, Place, Target
from wyoming_indextts.speech.quiet_hours import QuietHours
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.store.voices import find_voice, voices_folder

LEVEL: Final = -20.0
"""dBFS of the bundled voices' neutral speech."""

MOST: Final = 12.0
"""dB by which an enrolled voice is made louder or softer at most."""


@dataclass(frozen=True, slots=True)
class WebAddress:
    """Where the HTTP server listens."""

    scheme: str
    host: str
    port: int

    @property
    def uri(self) -> str:
        """The address as others write it, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Served:
    """Links, and where they are served; at no address if there is no HTTP."""

    links: Links
    addresses: Sequence[WebAddress] = ()


@asynccontextmanager
async def announced_at_targets(
    settings: Settings, speaker: Speaker, casting: Casting, served: Served
) -> AsyncGenerator[Announcer | None, None]:
    """Give who announces at the targets of the settings; None if they name none."""
    if not settings.announce.targets:
        yield None
        return
    gain = partial(enrolled_gain, voices_folder(settings.data_dir))
    async with announcing(
        speaker, casting, places(settings, served), options(settings), gain=gain
    ) as announcer:
        yield announcer


def places(settings: Settings, served: Served) -> list[Place]:
    """Return the targets that the settings name."""
    return [
        Place(name, _target(wanted, settings.announce, served), wanted.gain)
        for name, wanted in settings.announce.targets.items()
    ]


def _target(wanted: TargetSettings, settings: AnnounceSettings, served: Served) -> Target:
    if wanted.snd:
        address = Address.parse(wanted.snd)
        return SndTarget(SndOptions(address.host, address.port))
    if wanted.local:
        return LocalTarget(_sound_card, OutputError)
    base = partial(base_url, settings.url, served.addresses)
    if not wanted.hub:
        return LinkTarget(served.links, base)
    from wyoming_indextts.edges.announce.hub import HubOptions, HubTarget  # noqa: PLC0415 - see `web`

    hub = settings.hub
    token = hub.token.get_secret_value() if hub.token else None
    where = (hub.url or "").rstrip("/")
    opus = find_spec("soundfile") is not None
    how = HubOptions(where, token, hub.token_file, opus=opus)
    return HubTarget(wanted.hub, served.links, base, how)


def _sound_card() -> Outlet:
    if player := find_player():
        return played(player)
    raise TargetFailedError("this machine has no player; one is in: sudo apt install alsa-utils")


def base_url(wanted: str | None, addresses: Sequence[WebAddress]) -> str:
    """Return where speakers reach this server over HTTP.

    Raises:
        TargetFailedError: nowhere.
    """
    if wanted:
        return wanted.rstrip("/")
    for address in addresses:
        if not ip_address(address.host).is_unspecified:
            return address.uri
        for own in sorted(own_addresses(), key=lambda own: (own.address.version, str(own.address))):
            if own.shared and own.address.version == ip_address(address.host).version:
                return replace(address, host=str(own.address)).uri
    raise TargetFailedError("speakers cannot fetch sound here: see http.listen and announce.url")


async def enrolled_gain(folder: Path, name: str) -> float:
    """Return by how many dB an enrolled voice is to be louder; 0 for any other.

    Its neutral speech is as loud as the clip it was cloned from; the bundled ones are even.
    """
    try:
        return await asyncio.to_thread(_gain_of_clip, folder, name)
    except SpeechError:
        return 0.0


def _gain_of_clip(folder: Path, name: str) -> float:
    from wyoming_indextts.store.clip import read_clip  # noqa: PLC0415 - its decoder is large

    try:
        content = find_voice(folder, name).clip.read_bytes()
    except OSError:
        return 0.0
    lacking = LEVEL - speech_level(read_clip(content))
    return min(max(lacking, -MOST), MOST)


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
    told |= notice.links
    if notice.code:
        told |= {"code": notice.code, "text": notice.reason}
    return told
