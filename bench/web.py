"""The web side in numbers, without a browser: over HTTP, WebSockets and WebRTC.

The engine answers at once and costs nothing, so that what is measured is everything but it. The
server runs in a process of its own; how late its event loop was at the same time stands beside.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib import metadata
from typing import Any, Final

import aiohttp
import numpy as np

from bench.machine import heading
from bench.percentiles import median, percentile
from bench.processes import HOST
from bench.progress import say
from bench.protocol.tone import CHARACTER
from bench.table import figure, table
from bench.web_clients import Listener, first_byte, left, talking
from tests.edges.own_network import own_network

SHORT: Final = "a" * round(1.5 / CHARACTER)
"""A second and a half."""

LONG: Final = "the first of the words that follow one another without an end " * 40
"""Two minutes and a half, in one sentence."""

PACE: Final = 0.05
"""Seconds of waiting in each step, so that speech is still being made when it is cut off."""

LONGEST: Final = 0.3
"""Seconds that a client listens at most before it leaves or cancels."""

HEADER: Final = ("", "median", "p90", "loop late, ms: median, most", "goal, median")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    answers: int = 200
    departures: int = 100
    idle: float = 20.0
    """Seconds."""

    tail: float = 3.0
    """Seconds after which a peer is quiet."""

    peers: int = 8
    """That are idle at once."""

    visits: int = 60


QUICK: Final = Plan(answers=3, departures=3, idle=0.3, tail=0.1, peers=2, visits=3)


@dataclass(frozen=True, slots=True)
class Program:
    """The server's process, asked about itself."""

    answers: asyncio.StreamReader
    asks: asyncio.StreamWriter

    async def line(self) -> Any:  # noqa: ANN401 - JSON
        """Return what it prints next."""
        return json.loads(await self.answers.readline())

    async def look(self) -> Mapping[str, Any]:
        """Return what it says of itself."""
        self.asks.write(b"\n")
        found: Mapping[str, Any] = await self.line()
        return found


Row = tuple[str, str, str, str, str]


async def report(*, quick: bool) -> str:
    """Return the report in Markdown.

    Raises:
        RuntimeError, OSError: the server did not start, or did not answer.
    """
    plan = QUICK if quick else Plan()
    title = heading("The web side without a browser", _versions())
    with own_network():
        async with _serving(0.0) as (program, client):
            rows = await _first(program, client, plan)
            rows += await _peers(program, client, plan)
        async with _serving(PACE) as (program, client):
            rows += await _ends(program, client, plan)
    after = f"Load average after {os.getloadavg()[0]:.2f}.\n"
    return f"{title}\n{after}\n{table(HEADER, rows)}\n"


async def _first(program: Program, client: aiohttp.ClientSession, plan: Plan) -> list[Row]:
    say("first sound")
    await program.look()
    rows = []
    waits = [await first_byte(client, SHORT) for _ in range(plan.answers)]
    rows.append(_row("HTTP: first byte of sound, ms", waits, await program.look(), "<= 5"))
    for form, name in (("pcm", "samples"), ("opus", "Opus")):
        async with talking(client, form) as talker:
            waits = [await talker.first_sound(SHORT) for _ in range(plan.answers)]
        looked = await program.look()
        rows.append(_row(f"WebSocket: first frame of sound, {name}, ms", waits, looked))
    return rows


async def _ends(program: Program, client: aiohttp.ClientSession, plan: Plan) -> list[Row]:
    say("departures")
    listens = np.random.default_rng(1).uniform(0.0, LONGEST, plan.departures)
    await program.look()
    waits, late = [], []
    for seconds in listens:
        gone = await left(client, LONG, float(seconds))
        for _ in range(100):
            looked = await program.look()
            late += [looked["late"]]
            if looked["dropped"]:
                break
            await asyncio.sleep(0.01)
        else:
            raise RuntimeError("a job was never cancelled")
        waits.append(looked["dropped"][0] - gone)
    lateness = {"late": [median([m for m, _ in late]), max(most for _, most in late)]}
    rows = [_row("client gone to engine cancelled, ms", waits, lateness, "<= 60")]
    async with talking(client) as talker:
        ends = [await talker.cancelled(LONG, float(seconds)) for seconds in listens]
    looked = await program.look()
    rows.append(_row("WebSocket: cancel to last sound on the wire, ms", [end[0] for end in ends],
                     looked, "<= 100"))  # fmt: skip
    rows.append(_row("WebSocket: cancel to `cancelled`, ms", [end[1] for end in ends], looked))
    return rows


async def _peers(program: Program, client: aiohttp.ClientSession, plan: Plan) -> list[Row]:
    say("WebRTC")
    alone = await _used(program, plan.idle)
    async with AsyncExitStack() as held:
        for _ in range(plan.peers):
            listener = Listener()
            held.push_async_callback(listener.close)
            await listener.connect(client)
            await listener.hear("Hi.")
        await asyncio.sleep(plan.tail)
        together = await _used(program, plan.idle)
    looked = await program.look()
    each = 100 * (together - alone) / plan.peers
    rows: list[Row] = [
        (f"an idle peer of {plan.peers}, % of a core", figure(each), "", _late(looked), "<= 0.5")
    ]
    await _visits(client, min(plan.visits, 10))
    before = await _emptied(program)
    waits = await _visits(client, plan.visits)
    after = await _emptied(program)
    rows.append(_row("WebRTC: offer to open channel, ms", waits, after))
    what = f"left by {plan.visits} peers that came, heard and went: "
    for kind, name in (("files", "files"), ("tasks", "tasks"), ("memory", "memory, MB")):
        grown = (after[kind] - before[kind]) / (2**20 if kind == "memory" else 1)
        rows.append((what + name, figure(grown), "", "", "0" if kind != "memory" else ""))
    return rows


async def _visits(client: aiohttp.ClientSession, number: int) -> list[float]:
    """Have peers come, hear a word and go; every other does not say that it goes."""
    waits = []
    for index in range(number):
        listener = Listener()
        waits.append(await listener.connect(client))
        await listener.hear("Hi.")
        if index % 2:
            await listener.end(client)
        await listener.close()
    return waits


async def _emptied(program: Program) -> Mapping[str, Any]:
    """Wait until no session is held and the loop rests; return a look then."""
    looked = await program.look()
    while looked["sessions"]:
        await asyncio.sleep(0.1)
        looked = await program.look()
    await asyncio.sleep(1.0)
    return await program.look()


async def _used(program: Program, seconds: float) -> float:
    """Return the CPU seconds per second that it uses."""
    before = (await program.look())["cpu"]
    await asyncio.sleep(seconds)
    used: float = (await program.look())["cpu"] - before
    return used / seconds


def _row(what: str, waits: list[float], looked: Mapping[str, Any], goal: str = "") -> Row:
    middle, high = (figure(1000 * at) for at in (median(waits), percentile(waits, 90)))
    return what, middle, high, _late(looked), goal


def _late(looked: Mapping[str, Any]) -> str:
    return ", ".join(figure(late) for late in looked["late"])


def _versions() -> list[str]:
    return [f"{name} {metadata.version(name)}" for name in ("aiohttp", "aiortc", "av")]


@asynccontextmanager
async def _serving(pace: float) -> AsyncGenerator[tuple[Program, aiohttp.ClientSession], None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.web_server", str(pace),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    answers, asks = process.stdout, process.stdin
    if answers is None or asks is None:
        raise RuntimeError("the server has no pipes")
    try:
        program = Program(answers, asks)
        port = await program.line()
        async with aiohttp.ClientSession(f"http://{HOST}:{port}") as client:
            yield program, client
    finally:
        asks.close()
        await process.wait()
