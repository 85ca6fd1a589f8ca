"""The embedded voice in numbers: work per second of speech, first sound, memory, start.

Prints a table in Markdown. Work is CPU seconds of the process per audible second, which other
load on the machine hardly changes; times are wall clock and mean little on a shared machine.
"""

import argparse
import asyncio
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing, asynccontextmanager
from itertools import cycle
from pathlib import Path
from typing import Final

import numpy as np
from wyoming.audio import AudioChunk
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.tts import Synthesize

from bench.texts import LONG, MIXED, SENTENCES

START_LIMIT: Final = 120.0
"""Seconds in which a server must have logged `ready`."""

READY: Final = re.compile(r"ready at tcp://127\.0\.0\.1:(\d+)")
"""What a server logs when it can speak."""


class Server:
    """A server of ours in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, started: float) -> None:
        self._process = process
        self.port = port
        self.started = started

    @property
    def cpu(self) -> float:
        """CPU seconds so far, all threads."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def megabytes(self) -> float:
        """Memory in use now."""
        for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("no VmRSS")


@asynccontextmanager
async def serving(cache: Path) -> AsyncGenerator[Server, None]:
    """Start a server on a free port and wait until it can speak."""
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "wyoming_indextts", "serve",
        "--uri", "tcp://127.0.0.1:0", "--cache-dir", str(cache),
        stderr=subprocess.PIPE,
    )  # fmt: skip
    log = process.stderr
    if log is None:
        raise RuntimeError("the server has no log")
    try:
        async with asyncio.timeout(START_LIMIT):
            line = ""
            while "ready" not in line:
                line = (await log.readline()).decode()
                if not line:
                    raise RuntimeError("the server ended before it was ready")
        port = int(READY.findall(line)[0])
        async with asyncio.TaskGroup() as tasks:
            draining = tasks.create_task(_drain(log))
            yield Server(process, port, started)
            draining.cancel()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _drain(log: asyncio.StreamReader) -> None:
    while await log.readline():
        pass


async def spoken(server: Server, text: str) -> AsyncGenerator[AudioChunk, None]:
    """Yield the answer's audio as it comes."""
    async with AsyncTcpClient("127.0.0.1", server.port) as client:
        await client.write_event(Synthesize(text).event())
        while (event := await client.read_event()) is not None and event.type != "audio-stop":
            if Error.is_type(event.type):
                raise RuntimeError(Error.from_event(event).text)
            if AudioChunk.is_type(event.type):
                yield AudioChunk.from_event(event)


def audible(chunks: Iterable[AudioChunk]) -> float:
    """Return the seconds of sound, digital silence left out."""
    seconds = 0.0
    for chunk in chunks:
        samples = np.frombuffer(chunk.audio, "<i2")
        seconds += np.count_nonzero(samples) / chunk.rate
    return seconds


async def work(server: Server, texts: Iterable[str], rounds: int) -> float:
    """Return CPU seconds per audible second."""
    before, seconds = server.cpu, 0.0
    for text in list(texts) * rounds:
        seconds += audible([chunk async for chunk in spoken(server, text)])
    return (server.cpu - before) / seconds


async def first_sound(server: Server, text: str, rounds: int) -> list[float]:
    """Return the seconds from the request to the first sound that is not silence, sorted."""
    waits: list[float] = []
    for _ in range(rounds):
        started = time.monotonic()
        async with aclosing(spoken(server, text)) as chunks:
            async for chunk in chunks:
                if np.frombuffer(chunk.audio, "<i2").any():
                    waits.append(time.monotonic() - started)
                    break
        await asyncio.sleep(0.3)
    return sorted(waits)


async def memory(server: Server, speech: float) -> tuple[float, float]:
    """Speak mixed text for `speech` seconds of sound; return MB before and after."""
    before, seconds = server.megabytes, 0.0
    for text in cycle((*MIXED, *SENTENCES, LONG)):
        seconds += audible([chunk async for chunk in spoken(server, text)])
        if seconds >= speech:
            return before, server.megabytes
    raise AssertionError("cycle ends never")


async def started(cache: Path) -> float:
    """Return the seconds from nothing to the first sound of a new server."""
    async with serving(cache) as server:
        await first_sound(server, MIXED[0], 1)
        return time.monotonic() - server.started


async def bench(rounds: int, speech: float) -> None:
    """Measure everything and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        rows = [("first start ever to first sound, s", await started(cache), 30.0)]
        warm = [await started(cache) for _ in range(3)]
        rows.append(("warm start to first sound, s, median of 3", statistics.median(warm), 6.0))
        async with serving(cache) as server:
            await work(server, MIXED, 1)
            rows += [
                ("CPU s per audible s, mixed clauses", await work(server, MIXED, rounds), 0.80),
                (
                    "CPU s per audible s, sentences >= 4 s",
                    await work(server, SENTENCES, rounds),
                    0.60,
                ),
            ]
            waits = await first_sound(server, LONG, max(10, rounds * 5))
            rows.append(("first sound of a long text, s, p50", statistics.median(waits), 1.0))
            before, after = await memory(server, speech)
            rows.append((f"memory after {speech / 60:.0f} min of speech, MB", after, 1024.0))
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, ", end="")  # noqa: T201
    print(f"Python {platform.python_version()}, memory at the beginning {before:.0f} MB\n")  # noqa: T201
    print("| what | measured | goal |\n|---|---|---|")  # noqa: T201
    for what, value, goal in rows:
        print(f"| {what} | {value:.2f} | <= {goal:g} |")  # noqa: T201


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="times each text is spoken")
    parser.add_argument("--speech", type=float, default=600.0, help="seconds of speech for memory")
    arguments = parser.parse_args()
    asyncio.run(bench(arguments.rounds, arguments.speech))


if __name__ == "__main__":
    main()
