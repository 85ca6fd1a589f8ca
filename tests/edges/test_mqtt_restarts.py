"""A broker that is killed again and again under fire: nothing it took is lost, nothing twice."""

import asyncio
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from aiomqtt import Client, MqttError, ProtocolVersion

from tests.edges.mqtt_broker import Broker, broker
from tests.edges.mqtt_house import BASE, options
from tests.edges.mqtt_strict import ours, strict, theirs
from tests.house import casting, speaking
from tests.tone import ToneEngine
from wyoming_indextts.announcing import AnnouncedOverMqtt
from wyoming_indextts.edges.mqtt.back_off import LONGEST
from wyoming_indextts.edges.mqtt.edge import MqttEdge
from wyoming_indextts.speech.announcer import AnnouncerOptions, announcing
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.queue import Notice, Place, Ready

DURABLE: Final = ("autosave_interval 1", "autosave_on_changes true", "persistence true")
"""What the broker took it still has after it was killed."""

ROUNDS: Final = 8
RATE: Final = 50.0
"""Announcements a second."""

DOWN: Final = 0.4
"""Seconds between a kill and the next start."""

UP: Final = 0.6
"""Seconds of fire between a reconnection and the next kill."""

PATIENCE: Final = 20.0
"""Seconds that anything may take on a slow machine."""


class Sink:
    """A target that costs nothing: no sound is made for it."""

    async def play(self, sound: AsyncIterator[Pcm], ready: Ready) -> None:
        """Take nothing of it."""


@dataclass
class Doorbell:
    """Somebody who announces all the time, and says again what nobody acknowledged."""

    broker: Broker
    login: dict[str, Any]
    taken: list[str] = field(default_factory=list)
    """Ids that the broker acknowledged."""

    repeated: int = 0

    async def ring(self) -> None:
        """Announce until cancelled."""
        number = 0
        while True:
            client = Client("127.0.0.1", self.broker.port, protocol=ProtocolVersion.V5,
                            timeout=1.0, **self.login)  # fmt: skip
            try:
                async with client:
                    while True:
                        name = f"bell-{number}"
                        message = f'{{"message": "Hi.", "id": "{name}"}}'
                        await client.publish(f"{BASE}/announce/set", message, qos=1)
                        self.taken.append(name)
                        number += 1
                        await asyncio.sleep(1 / RATE)
            except (MqttError, OSError):
                self.repeated += 1
                await asyncio.sleep(0.05)


async def until_connected(edge: MqttEdge, *, to_be: bool = True) -> None:
    async with asyncio.timeout(PATIENCE):
        while edge.connected != to_be:
            await asyncio.sleep(0.002)


async def test_eight_kills_under_fifty_announcements_a_second(tmp_path: Path) -> None:
    cast = casting()
    told: list[Notice] = []
    waits: list[float] = []
    limits = AnnouncerOptions(groups={}, chime=False, waiting=1_000)
    async with (
        broker(tmp_path, *strict(tmp_path), *DURABLE) as there,
        speaking(ToneEngine(), cast=cast) as speaker,
        announcing(speaker, cast, [Place("kitchen", Sink())], limits) as announcer,
    ):
        announcer.listen(told.append)
        wanted = replace(options(there.port), broker=ours(tmp_path, there.port))
        edge = MqttEdge(wanted, speaker, cast, ready=lambda: True, version="1",
                        announcer=AnnouncedOverMqtt(announcer))  # fmt: skip
        async with edge.running():
            await until_connected(edge)
            doorbell = Doorbell(there, theirs(tmp_path))
            ringing = asyncio.create_task(doorbell.ring())
            for _ in range(ROUNDS):
                await asyncio.sleep(UP)
                await there.end(signal.SIGKILL)
                await until_connected(edge, to_be=False)
                await asyncio.sleep(DOWN)
                await there.start()
                up = time.monotonic()
                await until_connected(edge)
                waits.append(time.monotonic() - up)
            await asyncio.sleep(UP)
            ringing.cancel()
            await asyncio.wait([ringing])
            async with asyncio.timeout(PATIENCE):
                while not set(doorbell.taken) <= {n.id for n in told if n.state == "finished"}:
                    await asyncio.sleep(0.02)
    handled = Counter(notice.id for notice in told if notice.state == "finished")
    refused = [notice.code for notice in told if notice.state == "rejected"]
    sys.stdout.write(
        f"reconnected after {[f'{wait:.2f}' for wait in sorted(waits)]} s; {len(doorbell.taken)} "
        f"acknowledged, {len(handled)} handled, {len(refused)} duplicates refused\n"
    )
    assert len(doorbell.taken) > ROUNDS * RATE * UP / 4, "there was hardly any fire"
    assert set(handled.values()) == {1}
    assert set(refused) <= {"duplicate"}
    assert max(waits) < LONGEST + PATIENCE / 2, "the next attempt comes within a second"
