"""How soon there is sound where something has to be loaded first.

    a new process                        its start, imports, weights, the trial -> first audio
    an engine that gave its memory back  the request, weights, the trial -> first audio
    a new voice                          the request, enrolment -> first audio

As users run it: the engine has a process of its own, and after idling one in its place that has
imported what it needs. All files are in the page cache, for others have just read them.
"""

import asyncio
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from wyoming_indextts.bench.buzz import enrol_buzz
from wyoming_indextts.bench.contest import Contest
from wyoming_indextts.bench.contestants import HOST, Contestant, contestant, cpu_of
from wyoming_indextts.bench.tables import figure, table
from wyoming_indextts.edges.wyoming import client
from wyoming_indextts.store.voices import voices_folder

APART: Final = (sys.executable, "-m", "wyoming_indextts.bench.ours_apart")

TIMES: Final = 3
"""How often each is measured."""

KNOWN: Final = "known"

SECONDS: Final = 10.0
"""Of the clips of voices: what a person's lasts."""

IDLE: Final = 3.0
"""Seconds without a request after which the engine gives its memory back; more than pass between
two of the new voices."""

STILL: Final = 1.0
"""Seconds without work after which a successor has imported all it needs."""

LOOK: Final = 0.05
"""Seconds between two looks."""

PATIENCE: Final = 120.0
"""Seconds at most until a voice is offered, or an idle engine's successor is there."""


@dataclass(frozen=True, slots=True)
class Starts:
    """Seconds to first audio, of each time; `voices` are those beyond a known voice's."""

    cold: list[float] = field(default_factory=list)
    reloads: list[float] = field(default_factory=list)
    voices: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Engine:
    """The engine's process, and the CPU seconds it has taken."""

    pid: int
    cpu: float


async def started(contest: Contest, text: str, *, threads: int) -> Starts:
    """Measure; the voices that are enrolled are gone afterwards.

    Raises:
        EngineFailedError: the server ended.
        SpeechError: it failed a request.
        TimeoutError: it does not give back what it holds, or offers no new voice.
    """
    starts = Starts()
    with TemporaryDirectory(prefix="wyoming-indextts-bench-") as kept:
        voices = voices_folder(Path(kept))
        await asyncio.to_thread(voices.mkdir, parents=True)
        await asyncio.to_thread(enrol_buzz, voices, KNOWN, SECONDS)
        told = replace(contest, data=kept, eager=False, idle=IDLE)
        async with contestant(APART, told, threads=threads) as one:
            await one.listen(text)  # the voice is enrolled with this model now
        async with AsyncExitStack() as opened:
            for _ in range(TIMES):
                await opened.aclose()
                began = time.monotonic()
                one = await opened.enter_async_context(contestant(APART, told, threads=threads))
                loaded = time.monotonic() - began
                starts.cold.append(loaded + (await one.listen(text)).first.wall)
            for number in range(TIMES):
                starts.voices.append(await _newcomer(one, voices, text, number))
            for _ in range(TIMES):
                await _unloaded(one)
                starts.reloads.append((await one.listen(text, KNOWN)).first.wall)
    return starts


def told_of(starts: Starts) -> str:
    """Return the table."""
    rows = {
        "start of a new process": starts.cold,
        "request to an engine that gave its memory back": starts.reloads,
        "request in a new voice, beyond a known one's": starts.voices,
    }
    return table(
        ("to first audio, s", "median", "each"),
        [(what, figure(median(all_)), ", ".join(map(figure, all_))) for what, all_ in rows.items()],
    )


async def _newcomer(one: Contestant, voices: Path, text: str, number: int) -> float:
    """Return by how much later a voice that has just come is heard than one that is known."""
    known = await one.listen(text, KNOWN)
    name = f"new-{number}"
    await asyncio.to_thread(enrol_buzz, voices, name, SECONDS, 100.0 + 20 * number)
    await _offered(one, name)
    new = await one.listen(text, name)
    return new.first.wall - known.first.wall


async def _offered(one: Contestant, name: str) -> None:
    """Wait until a voice of that name can be asked for."""
    offered: set[str] = set()
    async with asyncio.timeout(PATIENCE):
        while name not in offered:
            await asyncio.sleep(LOOK)
            info = await client.describe(HOST, one.ready.port)
            offered = (
                {voice.name for program in info.tts for voice in program.voices} if info else set()
            )


async def _unloaded(one: Contestant) -> None:
    """Wait until the engine's process is another, which does nothing any more."""
    before = seen = _engine(one)
    since = time.monotonic()
    async with asyncio.timeout(PATIENCE):
        while _is_same(before, seen) or time.monotonic() - since < STILL:
            await asyncio.sleep(LOOK)
            if (now := _engine(one)) != seen:
                since, seen = time.monotonic(), now


def _is_same(before: _Engine | None, now: _Engine | None) -> bool:
    """Return whether an engine is still the one before, or none is there yet."""
    return now is None or (before is not None and now.pid == before.pid)


def _engine(one: Contestant) -> _Engine | None:
    """Return the process of the engine, a contestant's only child; None while it changes."""
    tasks = Path(f"/proc/{one.pid}/task")
    try:
        children = [
            int(child)
            for task in tasks.iterdir()
            for child in (task / "children").read_text("ascii").split()
        ]
        return _Engine(children[0], cpu_of(children[0])) if len(children) == 1 else None
    except OSError:
        return None  # it, or a thread, has just ended
