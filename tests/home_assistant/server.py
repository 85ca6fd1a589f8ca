"""Our server on the other machine, as a user starts it."""

import asyncio
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from wyoming.client import AsyncTcpClient
from wyoming.info import Describe, Info

PORT: Final = 10200

PATIENCE: Final = 300.0
"""Seconds that it may take to be ready; the voice is prepared at the first start."""


@dataclass
class Server:
    """A server that can be ended and started again."""

    machine: str
    """Name of the network namespace that it runs in."""

    host: str
    folder: Path
    """Where its settings file is, and its data folder."""

    cache: Path
    log: list[str] = field(default_factory=list)
    _process: Process | None = None
    _reading: asyncio.Task[None] | None = None

    async def start(self) -> float:
        """Start it; return the seconds until it is ready."""
        began = time.monotonic()
        self._process = await asyncio.create_subprocess_exec(
            *("ip", "netns", "exec", self.machine, sys.executable, "-m", "wyoming_indextts"),
            *("serve", "--config", self.folder / "wyoming-indextts.toml", "--engine", "embedded"),
            *("--data-dir", self.folder / "data", "--cache-dir", self.cache),
            stderr=PIPE,
        )
        ready = asyncio.Event()
        self._reading = asyncio.create_task(self._read(self._process, ready))
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait(
                [asyncio.ensure_future(ready.wait()), self._reading],
                return_when=asyncio.FIRST_COMPLETED,
            )
        assert ready.is_set(), "\n".join(self.log)
        return time.monotonic() - began

    async def end(self) -> int:
        """End it in order; return its exit status."""
        assert self._process is not None
        assert self._reading is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        status = await self._process.wait()
        await self._reading
        return status

    async def info(self) -> Info:
        """Return what it says of itself."""
        async with AsyncTcpClient(self.host, PORT) as client:
            await client.write_event(Describe().event())
            event = await client.read_event()
            assert event is not None
            return Info.from_event(event)

    async def _read(self, process: Process, ready: asyncio.Event) -> None:
        assert process.stderr is not None
        while line := (await process.stderr.readline()).decode():
            self.log.append(line.rstrip())
            if "ready at" in line:
                ready.set()


@asynccontextmanager
async def server(
    machine: str, host: str, folder: Path, cache: Path
) -> AsyncGenerator[Server, None]:
    """Give a server that is ready."""
    one = Server(machine, host, folder, cache)
    try:
        await one.start()
        yield one
    finally:
        await one.end()
