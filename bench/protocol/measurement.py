"""The protocol layer in numbers: our whole server around an engine that costs nothing.

Everything is measured of three servers: ours with the engine in a thread, ours with it in a
process of its own, and the `wyoming` library's around the same tone.
"""

import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.answer import whole
from bench.load import describes
from bench.machine import heading
from bench.percentiles import percentile
from bench.processes import Server, free_port, running
from bench.progress import say
from bench.protocol import added, crowd, departure, events, payload
from bench.table import figure, table

CROWD: Final = 16
"""Clients where the goal names so many."""

EVERYBODY: Final = 1024
"""Connections, and utterances that may wait: more than are ever there."""

OURS: Final = (
    "bench.protocol.server",
    "--connections", str(EVERYBODY),
    "--waiting", str(EVERYBODY),
)  # fmt: skip

SERVERS: Final[Mapping[str, tuple[str, ...]]] = {
    "ours, engine in a thread": (*OURS, "--engine", "thread"),
    "ours, engine in its process": (*OURS, "--engine", "process"),
    "the library's server": ("bench.protocol.library",),
}
"""The columns, and the program of each."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    alone: int = 500
    """Answers to one client."""
    apart: int = 12
    """Answers to each of sixteen."""
    pause: float = 1.6
    """Seconds between them on the average: as long as an answer sounds."""
    together: int = 25
    """Moments at which sixteen ask."""
    described: int = 100
    pings: int = 50_000
    characters: int = events.CHARACTERS
    connections: int = 500
    megabytes: int = 128
    """Sent by each of four clients."""
    departures: int = 200
    idle: float = 10.0
    """Seconds."""


QUICK: Final = Plan(
    alone=10,
    apart=2,
    pause=0.1,
    together=1,
    described=5,
    pings=256,
    characters=500,
    connections=50,
    megabytes=2,
    departures=5,
    idle=0.5,
)
"""Enough to see that everything works; its numbers mean nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """A quantity, what it came to, and what it should."""

    what: str
    value: str
    goal: str = ""


async def report(*, quick: bool = False) -> str:
    """Measure and return the report.

    Raises:
        RuntimeError, OSError: a server did not start, or did not answer.
    """
    plan = QUICK if quick else Plan()
    title = heading("The protocol layer alone")
    crowd.allow(plan.connections)
    columns = [await _measured(name, plan) for name in SERVERS]
    rows = zip(*columns, strict=True)
    lines = ((row[0].what, *(column.value for column in row), row[0].goal) for row in rows)
    return f"{title}\n{table(('', *SERVERS, 'goal'), lines)}\n"


async def _measured(name: str, plan: Plan) -> list[Row]:
    say(name)
    async with _serving(name) as server:
        rows = await _waits(server, plan) + await _rates(server, plan)
    async with _serving(name, pace=departure.PACE) as server:
        return rows + await _endurance(server, plan)


async def _waits(server: Server, plan: Plan) -> list[Row]:
    say("time to first audio")
    idle = 100 * await server.busy(plan.idle)
    for _ in range(3):
        await whole(server.port, added.TEXT)  # warm
    one = await added.alone(server.port, plan.alone)
    many = await added.apart(server.port, CROWD, plan.apart, plan.pause)
    burst = await added.together(server.port, CROWD, plan.together)
    asked = [
        1000 * seconds
        for seconds in await describes(
            server, whole, [added.TEXT], clients=CROWD, times=plan.described, every=0.1
        )
    ]
    return [
        Row("added to first audio, 1 client, p50, ms", figure(one.middle)),
        Row("added to first audio, 1 client, p99, ms", figure(one.high), "<= 2"),
        Row("the same, 16 clients at moments of their own, p50, ms", figure(many.middle)),
        Row("the same, 16 clients at moments of their own, p99, ms", figure(many.high), "<= 10"),
        Row("the same, 16 clients at the same moment, p50, ms", figure(burst.middle)),
        Row("the same, 16 clients at the same moment, p99, ms", figure(burst.high)),
        Row("`describe` while 16 clients ask on and on, p50, ms", figure(percentile(asked, 50))),
        Row("the same, p99, ms", figure(percentile(asked, 99)), "<= 100"),
        Row("idle, % of a CPU", figure(idle), "< 1"),
    ]


async def _rates(server: Server, plan: Plan) -> list[Row]:
    say("events per second")
    pings = await events.pings(server, plan.pings)
    chunks = await events.chunks(server, plan.characters)
    say(f"{plan.connections} connections")
    held = await crowd.crowd(server, plan.connections, plan.idle)
    every = f"{plan.connections} of {plan.connections}"
    return [
        Row("pings answered per second", figure(pings.wall)),
        Row("pings answered per CPU second", figure(pings.cpu)),
        Row("audio-chunks per second, to one client", figure(chunks.wall)),
        Row("audio-chunks per CPU second", figure(chunks.cpu)),
        Row("connections held that answer", f"{held.ponged} of {plan.connections}", every),
        Row("the same, all ask for speech at once", f"{held.spoken} of {plan.connections}", every),
        Row("the same, idle, % of a CPU", figure(held.idle), "< 1"),
    ]


async def _endurance(server: Server, plan: Plan) -> list[Row]:
    say("payloads and departures")
    huge = await payload.announced(server, plan.megabytes)
    legal = await payload.allowed(server, plan.megabytes)
    left = await departure.departures(server, plan.departures)
    sent = f"{payload.CLIENTS} x {plan.megabytes} MiB"
    return [
        Row(f"{sent} announced as 16 GiB: taken, MB", figure(huge.taken)),
        Row(f"{sent} announced as 16 GiB: memory grows by, MB", figure(huge.after), "< 32"),
        Row(f"{sent} announced as 16 GiB: at most, MB", figure(huge.peak), "< 32"),
        Row(f"{sent} in events of 1 MiB: taken, MB", figure(legal.taken)),
        Row(f"{sent} in events of 1 MiB: memory grows by, MB", figure(legal.after), "< 32"),
        Row(f"{sent} in events of 1 MiB: at most, MB", figure(legal.peak), "< 32"),
        Row("clients gone in mid-speech, jobs cancelled", f"{len(left)} of {plan.departures}"),
        Row("client gone to engine cancelled, p50, ms", figure(percentile(left, 50))),
        Row("client gone to engine cancelled, p99, ms", figure(percentile(left, 99)), "<= 60"),
    ]


@asynccontextmanager
async def _serving(name: str, pace: float = 0.0) -> AsyncGenerator[Server, None]:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        module, *arguments = SERVERS[name]
        given = ("--port", str(port), "--pace", str(pace))
        command = (sys.executable, "-m", module, *arguments, *given)
        async with running(command, port, Path(folder) / "log") as server:
            yield server
