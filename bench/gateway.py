"""A gateway in numbers: what it adds to the far side, and how soon others speak without that.

The far side is our whole server around an engine that costs nothing; the gateway is the program
as users run it, with the embedded voice. Clients ask the two in turns, over Wyoming.
"""

import asyncio
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.answer import Answer, streamed, whole
from bench.machine import heading
from bench.percentiles import median, percentile
from bench.processes import HOST, Server, free_port, running
from bench.progress import say
from bench.protocol.added import TEXT
from bench.table import figure, table
from wyoming_indextts.indextts2.options import RATE

LONG: Final = "The washing machine has finished, please take out the laundry. " * 8
"""Eight sentences, 30 s of the tone."""

THERE: Final = "is there: wyoming-indextts"
"""What a gateway's log says when the far side has come."""

PATIENCE: Final = 60.0
"""Seconds that the far side may take to come back."""

TOGETHER: Final = 4
"""Clients that ask at the same moment."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    answers: int = 300
    """Of each server, one after the other."""
    long: int = 20
    losses: int = 7
    """Of each kind."""
    idle: float = 20.0
    """Seconds."""


QUICK: Final = Plan(answers=5, long=1, losses=1, idle=0.5)
"""Enough to see that everything works; its numbers mean nothing."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The same answers of the far side and through the gateway, taken in turns."""

    direct: list[float]
    through: list[float]

    def row(self, what: str, percent: float, goal: str = "") -> tuple[str, ...]:
        """Return a row in milliseconds; the difference is that of the two percentiles."""
        one, two = (1000 * percentile(part, percent) for part in (self.direct, self.through))
        return (what, figure(one), figure(two), figure(two - one), goal)


async def report(*, quick: bool = False) -> str:
    """Measure and return the report.

    Raises:
        RuntimeError, OSError, TimeoutError: a server did not start, answer or come back.
    """
    plan = QUICK if quick else Plan()
    title = heading("Gateway")
    with tempfile.TemporaryDirectory() as folder:
        places = _Places(Path(folder), free_port(), free_port(), free_port())
        async with _gateway(places) as through:
            async with _far_side(places) as direct:
                await _is_there(through, times=1)
                rows = await _added(direct, through, plan)
                idle = 100 * await through.busy(plan.idle)
            killed = [await _lost(places, through, signal.SIGKILL) for _ in range(plan.losses)]
            stopped = [await _lost(places, through, signal.SIGSTOP) for _ in range(plan.losses)]
            alone = [(await whole(through.port, TEXT)).first for _ in range(plan.losses)]
    rows += [
        _one("connected and idle, % of a CPU", [idle], max, ""),
        _one("far side killed: first audio of the embedded voice, p50, s", _firsts(killed), median),
        _one("the same, slowest, s", _firsts(killed), max, "<= 1.5"),
        _one("far side stands still: the same, p50, s", _firsts(stopped), median),
        _one("the same, slowest, s", _firsts(stopped), max, "<= 1.5"),
        _one("of that, the embedded voice by itself, p50, s", alone, median),
        _one("far side listens again: it speaks again after, p50, s", _backs(killed), median),
        _one("the same, slowest, s", _backs(killed), max),
    ]
    header = ("", "direct", "through", "added", "goal")
    return f"{title}\n{table(header, rows)}\n"


@dataclass(frozen=True, slots=True)
class _Places:
    folder: Path
    far: int
    web: int
    """The far side's port for HTTP."""
    gateway: int


@dataclass(frozen=True, slots=True)
class _Loss:
    """Seconds from a request made just after the loss to first audio, and to the return."""

    first: float
    back: float


async def _added(direct: Server, through: Server, plan: Plan) -> list[tuple[str, ...]]:
    for server in (direct, through):
        for _ in range(3):
            await whole(server.port, TEXT)  # warm
    say("time to first audio")
    at_once = Pair([], [])
    in_pieces = Pair([], [])
    for _ in range(plan.answers):
        for pair, ask in ((at_once, whole), (in_pieces, streamed)):
            pair.direct.append((await ask(direct.port, TEXT)).first)
            pair.through.append((await ask(through.port, TEXT)).first)
    say("several at once, long texts")
    crowd, whole_text = Pair([], []), Pair([], [])
    for _ in range(plan.long):
        for server, firsts in ((direct, crowd.direct), (through, crowd.through)):
            firsts += [answer.first for answer in await _together(server)]
        whole_text.direct.append((await whole(direct.port, LONG)).total)
        whole_text.through.append((await whole(through.port, LONG)).total)
    return [
        at_once.row("first audio, p50, ms", 50, "<= 10 added"),
        at_once.row("first audio, p99, ms", 99),
        in_pieces.row("first audio of streamed text, p50, ms", 50, "<= 10 added"),
        in_pieces.row("first audio of streamed text, p99, ms", 99),
        crowd.row(f"first audio, {TOGETHER} clients at the same moment, p50, ms", 50),
        whole_text.row("all of 8 sentences, p50, ms", 50),
    ]


async def _together(server: Server) -> list[Answer]:
    return await asyncio.gather(*(whole(server.port, TEXT) for _ in range(TOGETHER)))


async def _lost(places: _Places, through: Server, how: signal.Signals) -> _Loss:
    """Lose the far side between two utterances, and ask at once."""
    say(f"far side lost by {how.name}")
    before = _times_there(through)
    async with _far_side(places) as direct:
        await _is_there(through, times=before + 1)
        await whole(through.port, TEXT)
        os.kill(direct.pid, how)
        first = (await whole(through.port, TEXT)).first
        if how is signal.SIGSTOP:
            os.kill(direct.pid, signal.SIGKILL)
    async with _far_side(places):
        began = time.monotonic()
        await _is_there(through, times=before + 2)
        back = time.monotonic() - began
        await whole(through.port, TEXT)  # one that has spoken is not taken for one that flaps
        return _Loss(first, back)


def _firsts(losses: list[_Loss]) -> list[float]:
    return [loss.first for loss in losses]


def _backs(losses: list[_Loss]) -> list[float]:
    return [loss.back for loss in losses]


def _one(
    what: str, values: list[float], of: Callable[[list[float]], float], goal: str = ""
) -> tuple[str, ...]:
    return (what, "", figure(of(values)), "", goal)


def _times_there(gateway: Server) -> int:
    return len(re.findall(THERE, gateway.log.read_text("utf-8", "replace")))


async def _is_there(gateway: Server, *, times: int) -> None:
    """Wait until the far side has come so many times."""
    async with asyncio.timeout(PATIENCE):
        while _times_there(gateway) < times:  # noqa: ASYNC110 - another process's file
            await asyncio.sleep(0.01)


@asynccontextmanager
async def _far_side(places: _Places) -> AsyncGenerator[Server, None]:
    command = (
        sys.executable, "-m", "bench.protocol.server", "--engine", "thread",
        "--port", str(places.far), "--http", str(places.web), "--rate", str(RATE),
    )  # fmt: skip
    async with running(command, places.far, places.folder / "far.log") as server:
        yield server


@asynccontextmanager
async def _gateway(places: _Places) -> AsyncGenerator[Server, None]:
    command = (
        sys.executable, "-m", "wyoming_indextts", "serve", "--remote", f"ws://{HOST}:{places.web}",
        "--uri", f"tcp://{HOST}:{places.gateway}", "--http", "off", "--no-zeroconf",
        "--data-dir", str(places.folder / "data"),
    )  # fmt: skip
    async with running(command, places.gateway, places.folder / "gateway.log") as server:
        say("the embedded voice loads")
        await whole(places.gateway, TEXT)
        yield server
