"""MQTT in numbers: our whole house at a real broker, beside a program that only echoes.

The engine only waits, as long as a quick one works; beyond that a wait is ours, the broker's and
the network's.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.machine import heading
from bench.mqtt import restarts, waits
from bench.mqtt.server import PACE
from bench.percentiles import percentile
from bench.processes import Server, free_port, running
from bench.progress import say
from bench.table import figure, table
from tests.edges.mqtt_broker import MOSQUITTO, Broker, Guest, broker, guest
from tests.edges.snd_service import SndService, snd_service

NODE: Final = "bench"
BASE: Final = f"wyoming-indextts/{NODE}"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    commands: int = 300
    announcements: int = 40
    flood: int = 10_000
    """Commands after which memory is looked at."""
    warm: int = 2_000
    """Commands before that."""
    kills: int = 20


QUICK: Final = Plan(commands=5, announcements=2, flood=50, warm=10, kills=1)
"""Enough to see that everything works; its numbers mean nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """A quantity, ours and the echo's, and what it should be."""

    what: str
    ours: str
    echo: str = ""
    goal: str = ""


async def report(*, quick: bool = False) -> str:
    """Measure and return the report.

    Raises:
        RuntimeError, OSError, TimeoutError: a program did not start, or did not answer.
    """
    plan = QUICK if quick else Plan()
    title = heading("MQTT", [await _version()])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            broker(folder) as there,
            snd_service() as service,
            _ours(there, service, folder) as server,
        ):
            async with (
                _echo(there),
                guest(there.port, f"{BASE}/#", "echo/#") as other,
            ):
                await other.until(f"{BASE}/status")
                await other.until("echo/status")
                rows = await _waits(other, service, plan)
                rows += await _memory(server, other, plan)
            rows += await _restarts(there, plan)
    lines = ((row.what, row.ours, row.echo, row.goal) for row in rows)
    return f"{title}\n{table(('', 'ours', 'an echo', 'goal'), lines)}\n"


@asynccontextmanager
async def _ours(there: Broker, service: SndService, folder: Path) -> AsyncGenerator[Server, None]:
    port = free_port()
    given = ("--port", port, "--broker", there.port, "--snd", service.port, "--http", free_port())
    command = (sys.executable, "-m", "bench.mqtt.server", "--node", NODE, *map(str, given))
    async with running(command, port, folder / "log") as server:
        yield server


@asynccontextmanager
async def _echo(there: Broker) -> AsyncGenerator[None, None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.mqtt.echo", str(there.port)
    )
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def _waits(other: Guest, service: SndService, plan: Plan) -> list[Row]:
    say("commands")
    values = [f"{1 + (at % 2) / 2}" for at in range(plan.commands)]
    ours = await waits.state(other, f"{BASE}/speed/set", f"{BASE}/state", values)
    echo = await waits.state(other, "echo/set", "echo/state", values)
    say("announcements")
    announced = await waits.announced(other, BASE, service, plan.announcements)
    sound = [one.sound - PACE for one in announced]
    pages = [one.page - one.sound for one in announced]
    stops = await waits.stopped(other, BASE, service, plan.announcements)
    return [
        Row("command to state, p50, ms", _ms(ours, 50), _ms(echo, 50), "<= 60"),
        Row("the same, p99, ms", _ms(ours, 99), _ms(echo, 99)),
        Row("announcement to first audio at a snd service, beyond the engine's own, p50, ms",
            _ms(sound, 50), "", "<= 60"),
        Row("the same, p90, ms", _ms(sound, 90)),
        Row("from there to the first page of Opus of the link, p50, ms", _ms(pages, 50), "",
            "<= 60"),
        Row("the same, p90, ms", _ms(pages, 90)),
        Row("stop to a cut connection at the snd service, p50, ms", _ms(stops, 50), "", "<= 100"),
        Row("the same, p90, ms", _ms(stops, 90)),
    ]  # fmt: skip


async def _memory(server: Server, other: Guest, plan: Plan) -> list[Row]:
    say(f"{plan.flood} commands")
    await _flood(other, plan.warm)
    before = server.memory.resident
    await _flood(other, plan.flood)
    grown = server.memory.resident - before
    return [Row(f"{plan.flood} commands: memory grows by, MB", figure(grown), "", "< 5")]


async def _flood(other: Guest, count: int) -> None:
    """Send commands of all kinds, good and bad, each with an answer wanted; await the last."""
    kinds = (
        ("emotion", '{"preset": "happy", "for": "30s"}'), ("speed", "1.5"), ("voice", "nobody"),
        ("emotion_sad", "0.4"), ("announce", '{"message": 1}'), ("volume", "80"),
        ("emotion", "neutral"), ("announce", '{"message": "Hi.", "targets": ["nowhere"]}'),
    )  # fmt: skip
    for number in range(count):
        key, payload = kinds[number % len(kinds)]
        await other.say(f"{BASE}/{key}/set", payload, reply_to=f"{BASE}/reply/bench")
        if not number % 500:
            other.forget()
    other.forget()
    await other.say(f"{BASE}/stop/set", "PRESS", reply_to=f"{BASE}/reply/last")
    await other.until(f"{BASE}/reply/last")


async def _restarts(there: Broker, plan: Plan) -> list[Row]:
    say("restarts of the broker")
    ours = await restarts.reconnections(there, f"{BASE}/status", plan.kills)
    return [
        Row("broker back after a kill to reconnected, p50, ms", _ms(ours, 50)),
        Row("the same, p95, ms", _ms(ours, 95), "", "<= 1500"),
    ]


async def _version() -> str:
    """Return name and version of the broker.

    Raises:
        FileNotFoundError: it is not installed.
    """
    process = await asyncio.create_subprocess_exec(
        MOSQUITTO or "mosquitto", "-h", stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    return told.decode().splitlines()[0]


def _ms(seconds: Sequence[float], percent: float) -> str:
    return figure(1000 * percentile(seconds, percent))
