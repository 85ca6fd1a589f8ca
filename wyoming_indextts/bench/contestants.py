"""Contestants in processes of their own: started, asked over a real socket, and ended."""

import asyncio
import json
import os
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from wyoming_indextts.bench.contest import HELD, Contest, Done, Ready
from wyoming_indextts.bench.holding import Held
from wyoming_indextts.edges.wyoming import client
from wyoming_indextts.errors import EngineFailedError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.request import Request

HOST: Final = "127.0.0.1"

LOADING: Final = 540.0
"""Seconds that a contestant may take until it is ready: official weights are converted first."""

ENDING: Final = 20.0
"""Seconds that it may take to end once it is told to."""

LINE: Final = 2**20
"""Bytes of its longest line."""

FIRST: Final = 0.02
"""Seconds of sound that count as first audio: a tiny packet must not pass for speech."""

BEGINNING: Final = 0.25
"""Seconds of sound that a player wants in hand before it begins."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Seconds since the request was written, by the clock and of the contestant's CPUs."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Answer:
    """When the first audio was there, a player's beginning, and all; seconds of sound.

    `stalled` is how long a player that begins with the first audio has to stand still.
    """

    first: Moment
    beginning: Moment
    whole: Moment
    sound: float
    stalled: float
    done: Done | None = None


class Contestant:
    """One that runs and answers."""

    def __init__(self, process: Process, ready: Ready) -> None:
        self._process = process
        self.ready = ready

    @property
    def cpu(self) -> float:
        """CPU seconds so far, of all its threads."""
        return cpu_of(self.pid)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    async def ask(self, text: str) -> Answer:
        """Have a text spoken, as Home Assistant asks for it.

        Raises:
            SpeechError: it failed.
            TimeoutError: it does not say that it is done.
        """
        answer = await self.listen(text)
        line = await asyncio.wait_for(_line(self._process), ENDING)
        return Answer(
            answer.first, answer.beginning, answer.whole, answer.sound, answer.stalled,
            Done(**json.loads(line)),
        )  # fmt: skip

    async def listen(self, text: str, voice: str | None = None) -> Answer:
        """Have a text spoken, one of many at a time: what was spent on which is not known."""
        began, cpu = time.monotonic(), self.cpu
        arrivals: list[tuple[Moment, float]] = []
        sound = 0.0

        async def hear(pcm: Pcm) -> None:
            nonlocal sound
            sound += pcm.seconds
            arrivals.append((Moment(time.monotonic() - began, self.cpu - cpu), sound))

        await client.speak(HOST, self.ready.port, _pieces(text), Request("bench", voice), hear)
        whole = Moment(time.monotonic() - began, self.cpu - cpu)
        return Answer(
            in_hand(arrivals, FIRST), in_hand(arrivals, BEGINNING), whole, sound, stalled(arrivals)
        )

    async def held(self) -> Held:
        """Return what it holds by now, reading away what else it has said."""
        if self._process.stdin is None:
            raise EngineFailedError("it cannot be asked")
        self._process.stdin.write(b"\n")
        async with asyncio.timeout(ENDING):
            while True:
                content = json.loads(await _line(self._process))
                if HELD in content:
                    return Held(**content[HELD])

    async def forget(self) -> None:
        """Read away what it has said about requests that many made at once."""
        with suppress(TimeoutError):
            while True:
                await asyncio.wait_for(_line(self._process), 0.2)


def cpu_of(pid: int) -> float:
    """Return the CPU seconds of a process so far (Linux)."""
    clock = (~pid << 3) | 2  # clock_getcpuclockid(3): of a process, scheduled
    return time.clock_gettime(clock)


def in_hand(arrivals: list[tuple[Moment, float]], seconds: float) -> Moment:
    """Return when so much sound was there, or all of it; each arrival has the sum until then."""
    return next((at for at, sound in arrivals if sound >= seconds), arrivals[-1][0])


def stalled(arrivals: list[tuple[Moment, float]]) -> float:
    """Return the seconds that a player which begins with the first audio has to stand still."""
    until = in_hand(arrivals, FIRST).wall
    waited = had = 0.0
    for at, sound in arrivals:
        waited += max(0.0, at.wall - until)
        until = max(at.wall, until) + sound - had
        had = sound
    return waited


@asynccontextmanager
async def contestant(
    command: tuple[str, ...],
    contest: Contest,
    *,
    threads: int,
    environment: Mapping[str, str] | None = None,
) -> AsyncGenerator[Contestant, None]:
    """Start one; the block runs once it is ready, and leaving it ends it.

    `environment` is what its process has beside this one's, as our server's engine has it.

    Raises:
        EngineFailedError: it ended, or was not ready in time; it has said why on standard error.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        contest.as_json(),
        stdin=PIPE,
        stdout=PIPE,
        limit=LINE,
        env={
            **(environment or {}),
            **os.environ,
            "OMP_NUM_THREADS": str(threads),
            "TQDM_DISABLE": "1",
        },
    )
    try:
        try:
            ready = await asyncio.wait_for(_ready(process), LOADING)
        except TimeoutError:
            raise EngineFailedError("a contestant took too long to load") from None
        yield Contestant(process, ready)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), ENDING)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _ready(process: Process) -> Ready:
    return Ready(**json.loads(await _line(process)))


async def _line(process: Process) -> bytes:
    if process.stdout is None:
        raise EngineFailedError("nothing can be heard of it")
    while line := await process.stdout.readline():
        if line.startswith(b"{"):
            return line
    raise EngineFailedError("a contestant ended; see what it said above")


async def _pieces(text: str) -> AsyncIterable[str]:
    yield text
