"""A broker that is killed again and again under fire: nothing it took is lost, nothing twice."""

import asyncio
import math
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from aiomqtt import Client, MqttError, ProtocolVersion

from tests.edges.mqtt_broker import Broker, broker
from tests.edges.mqtt_house import BASE, announcing_nowhere, options
from tests.edges.mqtt_strict import ours, strict, theirs
from wyoming_indextts.edges.mqtt.back_off import LONGEST
from wyoming_indextts.edges.mqtt.edge import MqttEdge
from wyoming_indextts.speech.queue import Notice

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
                        async with asyncio.timeout(1.0):  # the client's own may swallow our end
                            await client.publish(
                                f"{BASE}/announce/set", message, qos=1, timeout=math.inf
                            )
                        self.taken.append(name)
                        number += 1
                        await asyncio.sleep(1 / RATE)
            except (MqttError, OSError):
                self.repeated += 1
                await asyncio.sleep(0.05)
            finally:
                looked_at(client)


def looked_at(client: Client) -> None:
    """Look at the error of a lost connection, which the library leaves to be complained of."""
    for ended in (client._connected, client._disconnected):  # noqa: SLF001 - there is no other way
        if ended.done() and not ended.cancelled():
            ended.exception()


async def until_connected(edge: MqttEdge, *, to_be: bool = True) -> None:
    async with asyncio.timeout(PATIENCE):
        while edge.connected != to_be:
            await asyncio.sleep(0.002)


async def test_eight_kills_under_fifty_announcements_a_second(tmp_path: Path) -> None:
    handled: Counter[str | None] = Counter()
    refused: list[str | None] = []
    waits: list[float] = []

    def hear(notice: Notice) -> None:
        if notice.state == "finished":
            handled[notice.id] += 1
        elif notice.state == "rejected":
            refused.append(notice.code)

    async with broker(tmp_path, *strict(tmp_path), *DURABLE) as there:
        wanted = replace(options(there.port), broker=ours(tmp_path, there.port))
        async with announcing_nowhere(wanted) as house:
            edge = house.edge
            house.announcer.listen(hear)
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
                while not set(doorbell.taken) <= handled.keys():
                    await asyncio.sleep(0.02)
    sys.stdout.write(
        f"reconnected after {[f'{wait:.2f}' for wait in sorted(waits)]} s; {len(doorbell.taken)} "
        f"acknowledged, {len(handled)} handled, {len(refused)} duplicates refused\n"
    )
    assert len(doorbell.taken) > ROUNDS * RATE * UP / 4, "there was hardly any fire"
    assert set(handled.values()) == {1}
    assert set(refused) <= {"duplicate"}
    assert max(waits) < LONGEST + PATIENCE / 2, "the next attempt comes within a second"
