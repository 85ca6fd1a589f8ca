"""The embedded voice in numbers: work per second of speech, first sound, memory, start.

Work is CPU seconds of the server's processes per audible second, which other load on the machine
hardly changes; times are wall clock and mean little on a shared machine.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from typing import Final

import numpy as np
from wyoming.audio import AudioChunk
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.tts import Synthesize

from bench.contestants import ours
from bench.machine import heading
from bench.processes import HOST, Server, free_port, running
from bench.progress import say
from bench.table import table
from bench.texts import LONG, MIXED, SENTENCES

REST: Final = 0.3
"""Seconds between two requests whose first sound is awaited: the last one was cut off."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    rounds: int = 3
    """Times each text is spoken."""
    starts: int = 3
    waits: int = 15
    """First sounds."""
    speech: float = 600.0
    """Seconds of speech after which memory is looked at."""


QUICK: Final = Plan(rounds=1, starts=1, waits=2, speech=20.0)
"""Enough to see that everything works."""


async def report(*, quick: bool = False, speech: float | None = None) -> str:
    """Measure and return the report; `speech` goes before what the plan says.

    Raises:
        RuntimeError: the server did not start, or answered with an error.
    """
    plan = QUICK if quick else Plan()
    plan = replace(plan, speech=speech or plan.speech)
    title = heading("The embedded voice")
    with tempfile.TemporaryDirectory() as name:
        rows = await _measured(Path(name), plan)
    lines = ((what, value, f"<= {goal:g}" if goal else "") for what, value, goal in rows)
    return f"{title}\n{table(('', 'measured', 'goal'), lines)}\n"


async def _measured(folder: Path, plan: Plan) -> list[tuple[str, float, float | None]]:
    """Return what was measured, what it came to, and what it may be."""
    say("starts")
    first = await _started(folder)
    warm = statistics.median([await _started(folder) for _ in range(plan.starts)])
    async with _serving(folder) as server:
        say("work")
        await _work(server, MIXED, 1)
        before = server.memory.resident
        clauses = await _work(server, MIXED, plan.rounds)
        sentences = await _work(server, SENTENCES, plan.rounds)
        say("first sound")
        waits = [await _first_sound(server.port, LONG) for _ in range(plan.waits)]
        say(f"{plan.speech / 60:.1f} minutes of speech")
        await _speak(server.port, plan.speech)
        after = server.memory.resident
    return [
        ("first start ever to first sound, s", first, 30.0),
        ("warm start to first sound, s, median", warm, 6.0),
        ("CPU s per audible s, mixed clauses", clauses, 0.80),
        ("CPU s per audible s, sentences >= 4 s", sentences, 0.60),
        ("first sound of a long text, s, p50", statistics.median(waits), 1.0),
        ("memory when warm, MB", before, None),
        (f"memory after {plan.speech / 60:.0f} min of speech, MB", after, 1024.0),
    ]


def _serving(folder: Path) -> AbstractAsyncContextManager[Server]:
    server = ours(free_port(), folder)
    return running(server.command, server.port, folder / "log")


async def _started(folder: Path) -> float:
    """Return the seconds from nothing to the first sound of a new server."""
    async with _serving(folder) as server:
        await _first_sound(server.port, MIXED[0])
        return time.monotonic() - server.started


async def _work(server: Server, texts: Iterable[str], rounds: int) -> float:
    """Return CPU seconds per audible second."""
    before, seconds = server.cpu, 0.0
    for text in list(texts) * rounds:
        seconds += await _spoken(server.port, text)
    return (server.cpu - before) / seconds


async def _speak(port: int, speech: float) -> None:
    """Have mixed text spoken until there were so many audible seconds."""
    seconds = 0.0
    for text in cycle((*MIXED, *SENTENCES, LONG)):
        if seconds >= speech:
            return
        seconds += await _spoken(port, text)


async def _spoken(port: int, text: str) -> float:
    """Return the seconds of sound, digital silence left out."""
    async with AsyncTcpClient(HOST, port) as client:
        await client.write_event(Synthesize(text).event())
        seconds = 0.0
        while (chunk := await _next(client)) is not None:
            seconds += _audible(chunk)
        return seconds


async def _first_sound(port: int, text: str) -> float:
    """Return the seconds from the request to the first sound that is not silence; then leave."""
    async with AsyncTcpClient(HOST, port) as client:
        began = time.monotonic()
        await client.write_event(Synthesize(text).event())
        while (chunk := await _next(client)) is not None:
            if _audible(chunk):
                break
        waited = time.monotonic() - began
    await asyncio.sleep(REST)
    return waited


async def _next(client: AsyncTcpClient) -> AudioChunk | None:
    """Return the next chunk, None at the end.

    Raises:
        RuntimeError: the server answered with an error, or hung up.
    """
    while (event := await client.read_event()) is not None:
        if AudioChunk.is_type(event.type):
            return AudioChunk.from_event(event)
        if Error.is_type(event.type):
            raise RuntimeError(Error.from_event(event).text)
        if event.type == "audio-stop":
            return None
    raise RuntimeError("the server hung up in the middle of an answer")


def _audible(chunk: AudioChunk) -> float:
    return int(np.count_nonzero(np.frombuffer(chunk.audio, "<i2"))) / chunk.rate
