"""The MQTT edge at a real mosquitto, around a speaker whose engine speaks in tones."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from tests.edges.mqtt_broker import Broker, Guest, broker, guest
from tests.house import casting, pieces, speaking
from tests.tone import ToneEngine
from wyoming_indextts.announcing import AnnouncedOverMqtt
from wyoming_indextts.edges.mqtt.announcer import Announcer
from wyoming_indextts.edges.mqtt.edge import MqttEdge
from wyoming_indextts.edges.mqtt.options import BrokerOptions, DiscoveryOptions, MqttOptions
from wyoming_indextts.edges.mqtt.topics import Topics
from wyoming_indextts.speech.announcer import Announcer as RealAnnouncer
from wyoming_indextts.speech.announcer import AnnouncerOptions, announcing
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.deeds import Deed, Recorder, unrecorded
from wyoming_indextts.speech.queue import Place, Ready
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.speech.vitals import Lack

BASE: Final = "wyoming-indextts/hall"
STATE: Final = f"{BASE}/state"
EVENT: Final = f"{BASE}/event"


@dataclass
class Shown:
    """What a test may look at."""

    edge: MqttEdge
    broker: Broker
    other: Guest
    cast: Casting
    speaker: Speaker
    topics: Topics
    deeds: list[Deed]
    """What was put on record."""

    @property
    def state(self) -> dict[str, Any]:
        """The newest state that the guest has."""
        newest: dict[str, Any] = self.other.on(STATE)[-1]
        return newest

    async def command(self, key: str, payload: object, **properties: Any) -> dict[str, Any]:  # noqa: ANN401
        """Send a command; return the state that follows it."""
        before = len(self.other.on(STATE))
        await self.other.say(f"{BASE}/{key}/set", payload, **properties)
        answer: dict[str, Any] = await self.other.until(STATE, since=before)
        return answer

    async def say(self, text: str) -> None:
        """Speak, as another edge would."""
        async with self.speaker.speak(pieces(text), Request("test")) as sound:
            assert [pcm async for pcm in sound]


def options(port: int, **discovery: Any) -> MqttOptions:  # noqa: ANN401
    """Return those of a server called hall."""
    told = replace(DiscoveryOptions(), **discovery)
    return MqttOptions(BrokerOptions("127.0.0.1", port), "hall", discovery=told)


class Nowhere:
    """A target at which nothing is heard, in no time: it costs nothing."""

    async def play(self, sound: AsyncIterator[Pcm], ready: Ready) -> None:
        """Take nothing of it."""


@dataclass
class Announcing:
    """What a test may look at of a house that announces."""

    edge: MqttEdge
    speaker: Speaker
    announcer: RealAnnouncer
    cast: Casting


@asynccontextmanager
async def announcing_at(
    wanted: MqttOptions, *places: Place, record: Recorder = unrecorded
) -> AsyncGenerator[Announcing, None]:
    """Give a house at a broker with everything that MQTT reaches; `places` are its targets."""
    cast = casting()
    limits = AnnouncerOptions(groups={}, chime=False, waiting=1_000)
    async with (
        speaking(ToneEngine(), cast=cast) as speaker,
        announcing(speaker, cast, places, limits) as announcer,
    ):
        edge = MqttEdge(
            wanted, speaker, cast, ready=lambda: True, version="1",
            announcer=AnnouncedOverMqtt(announcer), areas=announcer.areas,
        )  # fmt: skip
        async with edge.running(record):
            yield Announcing(edge, speaker, announcer, cast)


@asynccontextmanager
async def announcing_nowhere(wanted: MqttOptions) -> AsyncGenerator[Announcing, None]:
    """Give such a house whose one target, `kitchen`, is `Nowhere`."""
    async with announcing_at(wanted, Place("kitchen", Nowhere())) as house:
        yield house


@asynccontextmanager
async def shown(
    folder: Path,
    *lines: str,
    announcer: Announcer | None = None,
    engine: ToneEngine | None = None,
    lack: Lack | None = None,
    **discovery: Any,  # noqa: ANN401
) -> AsyncGenerator[Shown, None]:
    """Give a house that a guest sees at a broker of its own."""
    cast = casting()
    deeds: list[Deed] = []
    async with (
        broker(folder, *lines) as there,
        speaking(engine or ToneEngine(), cast=cast) as speaker,
        guest(there.port) as other,
    ):
        wanted = options(there.port, **discovery)
        edge = MqttEdge(
            wanted, speaker, cast, ready=lambda: True, version="1.2.3", announcer=announcer,
        )  # fmt: skip
        edge.lack = lambda: lack
        async with edge.running(deeds.append):
            await other.until(f"{BASE}/status", lambda status: status == "online")
            yield Shown(edge, there, other, cast, speaker, Topics.of(wanted), deeds)
