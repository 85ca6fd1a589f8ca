"""What the tests of the engine's process share: jobs, quick limits, and a look at the system."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.process.engines import TONES, Tones
from wyoming_indextts.process.options import ProcessOptions
from wyoming_indextts.process.supervisor import ProcessRunner
from wyoming_indextts.speech.engine import EngineRunner, Job, Style
from wyoming_indextts.speech.script import Phrase

QUICK: Final = ProcessOptions(shortest_back_off=0.01, longest_back_off=0.02)
"""The defaults, without a pause to speak of after a loss."""


def job(number: int, text: str) -> Job:
    """Return a job without a hurry; a character of it lasts 0.05 s."""
    return Job(number, (Phrase(text),), Style("alice"), 0.0)


def process(options: Tones | None = None, limits: ProcessOptions = QUICK) -> ProcessRunner:
    """Return a runner of a tone engine."""
    return ProcessRunner(TONES, options or Tones(), limits)


async def seconds(runner: EngineRunner, wanted: Job) -> float:
    """Return how much sound a job gives."""
    return sum([pcm.seconds async for pcm in runner.run(wanted)])


async def until(condition: Callable[[], bool], limit: float = 10.0) -> None:
    """Poll until `condition` holds."""
    async with asyncio.timeout(limit):
        while not condition():
            await asyncio.sleep(0.005)


async def stays(condition: Callable[[], bool], seconds: float) -> None:
    """Poll for so many seconds that `condition` holds all the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert condition()
        await asyncio.sleep(0.005)


async def engine_pid(runner: ProcessRunner) -> int:
    """Return the process that has the engine loaded, waiting for it."""
    await runner.loaded()
    assert runner.pid is not None
    return runner.pid


def children(pid: int | None = None) -> list[int]:
    """Return the processes that `pid`, by default this one, has started, dead ones included."""
    tasks = Path(f"/proc/{pid or os.getpid()}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def is_running(pid: int) -> bool:
    """Return whether a process is there and has not ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def held() -> tuple[int, list[int]]:
    """Return how many descriptors this process has open, and its children."""
    return len(list(Path("/proc/self/fd").iterdir())), children()
