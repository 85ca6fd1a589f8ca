"""A server in processes of its own: started, watched through /proc, and ended whatever happens."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wyoming.client import AsyncTcpClient
from wyoming.info import Describe

HOST: Final = "127.0.0.1"

START_LIMIT: Final = 180.0
"""Seconds in which a server must answer `describe`; a first start converts the model."""

END_LIMIT: Final = 15.0
"""Seconds a server may take to end after SIGTERM; then its processes are killed."""

STILL: Final = 0.1
"""CPU seconds per second below which a server has nothing under way."""

LOOK: Final = 0.25
"""Seconds of a look at whether it has; ten ticks of its CPU clock and more."""

TICKS: Final = os.sysconf("SC_CLK_TCK")
"""Units of CPU time in a second (10 ms on Linux)."""

MEGABYTE: Final = 2**20


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes (2**20 bytes) of all of a server's processes."""

    resident: float
    """RSS; what processes share is counted in each."""
    proportional: float
    """PSS; what processes share is counted once, parted among them."""


class Server:
    """A server that runs: one process and all it has started."""

    def __init__(self, pid: int, port: int, log: Path, started: float) -> None:
        self.pid = pid
        self.port = port
        self.log = log
        self.started = started
        """When its process was started (time.monotonic)."""

    @property
    def cpu(self) -> float:
        """CPU seconds so far, all threads of all processes, those that have ended included."""
        return sum(_cpu(pid) for pid in _tree(self.pid))

    @property
    def memory(self) -> Memory:
        """Memory in use now."""
        pids = list(_tree(self.pid))
        resident = sum(_kilobytes(pid, "smaps_rollup", "Rss:") for pid in pids)
        proportional = sum(_kilobytes(pid, "smaps_rollup", "Pss:") for pid in pids)
        return Memory(resident / 1024, proportional / 1024)

    def forget_peak(self) -> None:
        """Begin to watch for the highest memory anew."""
        for pid in _tree(self.pid):
            Path(f"/proc/{pid}/clear_refs").write_text("5")  # proc(5): resets VmHWM

    @property
    def peak(self) -> float:
        """Megabytes of resident memory that its processes have had at most since."""
        return sum(_kilobytes(pid, "status", "VmHWM:") for pid in _tree(self.pid)) / 1024

    async def still(self) -> None:
        """Wait until nothing is under way: what a client has left behind is over.

        Raises:
            TimeoutError: it works on for `START_LIMIT` seconds.
        """
        async with asyncio.timeout(START_LIMIT):
            while await self.busy(LOOK) > STILL:
                pass

    async def busy(self, seconds: float) -> float:
        """Return the CPU seconds it uses per second, seen for so many seconds."""
        before, began = self.cpu, time.monotonic()
        await asyncio.sleep(seconds)
        return (self.cpu - before) / (time.monotonic() - began)


def free_port() -> int:
    """Return a port that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def running(command: tuple[str, ...], port: int, log: Path) -> AsyncGenerator[Server, None]:
    """Start a server that listens at `port`; the block runs once it answers `describe`.

    It writes to `log`. Leaving the block, by any road, ends all of its processes.

    Raises:
        RuntimeError: it ended, or did not answer in time; the message has the end of its log.
    """
    started = time.monotonic()
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=_environment(),
        )
    try:
        await _answering(process, port, log)
        yield Server(process.pid, port, log, started)
    finally:
        await _end(process)


async def describe(port: int) -> None:
    """Ask a server what it is, as Home Assistant does: a connection, one question, its answer.

    Raises:
        OSError: nobody listens, or whoever does hung up.
    """
    async with AsyncTcpClient(HOST, port) as client:
        await client.write_event(Describe().event())
        while (event := await client.read_event()) is not None:
            if event.type == "info":
                return
    raise ConnectionError("hung up instead of saying what it is")


async def _answering(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    try:
        async with asyncio.timeout(START_LIMIT):
            while process.returncode is None:
                with suppress(OSError):
                    return await describe(port)
                await asyncio.sleep(0.02)
    except TimeoutError:
        pass
    last = (await asyncio.to_thread(log.read_text, "utf-8", "replace"))[-2000:]
    raise RuntimeError(f"the server at port {port} does not answer; its log ends in\n{last}")


async def _end(process: asyncio.subprocess.Process) -> None:
    pids = list(_tree(process.pid))
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(END_LIMIT):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
    finally:
        for pid in pids[1:]:  # a server that ended in order has ended these
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _environment() -> dict[str, str]:
    """Return this process's, without what would change the settings of either server."""
    theirs = ("WYOMING_INDEXTTS_", "WYOMING_PIPER_")
    return {name: value for name, value in os.environ.items() if not name.startswith(theirs)}


def _tree(pid: int) -> Iterator[int]:
    """Yield `pid`, then all that it and its descendants have started and not buried."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in task.read_text().split():
                yield from _tree(int(child))


def _cpu(pid: int) -> float:
    """Return user and system time, of itself and of the children it has waited for."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(field) for field in fields[11:15]) / TICKS
    return 0.0


def _kilobytes(pid: int, file: str, name: str) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1])
    return 0
