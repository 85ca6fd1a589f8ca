"""The program in a process of its own, as a user starts it, and a look at what it costs."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from wyoming.client import AsyncTcpClient

LOADING: Final = 100.0
"""Seconds that a test of the program may take on a busy machine, the voice's loading included."""

TICKS: Final = os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def program(*arguments: str | Path, **env: str) -> AsyncGenerator[Process, None]:
    """Give the program in a process of its own; leaving ends it.

    Its engines have one thread each: two that compute at once would wait for each other, spinning.
    """
    env = {"OMP_NUM_THREADS": "1", **env}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "wyoming_indextts", *map(str, arguments),
        stdin=PIPE, stdout=PIPE, stderr=PIPE, env={**os.environ, **env},
    )  # fmt: skip
    try:
        async with asyncio.timeout(LOADING):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@dataclass(frozen=True, slots=True)
class Served:
    """A server that is ready; `log` is what it said so far."""

    process: Process
    host: str
    port: int
    log: list[str] = field(default_factory=list)

    @property
    def uri(self) -> str:
        """Where it listens."""
        return f"tcp://{self.host}:{self.port}"

    def client(self) -> AsyncTcpClient:
        """Return the protocol's own client."""
        return AsyncTcpClient(self.host, self.port)

    @property
    def engines(self) -> list[int]:
        """The processes it has started."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(child) for task in tasks for child in task.read_text("ascii").split()]

    def cpu_seconds(self) -> float:
        """Return the CPU time that it and its engine have used."""
        return sum(map(cpu_seconds, (self.process.pid, *self.engines)))

    async def until(self, *parts: str) -> str:
        """Return the next line of its log that has all of `parts` in it."""
        assert self.process.stderr
        while line := (await self.process.stderr.readline()).decode():
            self.log.append(line)
            if all(part in line for part in parts):
                return line
        raise AssertionError(f"it ended without {parts}: {''.join(self.log)}")

    async def seen(self, *parts: str) -> str:
        """Return the first line of its log with all of `parts`, said already or to come."""
        said = (line for line in self.log if all(part in line for part in parts))
        return next(said, "") or await self.until(*parts)

    async def end(self) -> str:
        """Wait until it has ended by itself; return its whole log."""
        assert self.process.stderr
        self.log.append((await self.process.stderr.read()).decode())
        await self.process.wait()
        return "".join(self.log)


@asynccontextmanager
async def served(
    cache: Path, data: Path, *arguments: str, **env: str
) -> AsyncGenerator[Served, None]:
    """Give the real server, ready to speak with the embedded voice on a free loopback port."""
    folders = ("--cache-dir", cache, "--data-dir", data)
    where = ("--uri", "tcp://127.0.0.1:0", "--no-zeroconf")
    web = () if "--http" in arguments else ("--http", "off")
    async with program("serve", *where, *web, *folders, *arguments, **env) as process:
        starting = Served(process, "127.0.0.1", 0)
        line = await starting.until(" ready at ")
        port = int(line.split("tcp://127.0.0.1:")[1].split(";")[0])
        yield Served(process, "127.0.0.1", port, starting.log)


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
