"""One engine's process as the server sees it: started, spoken with, and ended for certain."""

import asyncio
import logging
import os
import socket
import sys
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from wyoming_indextts.errors import EngineFailedError
from wyoming_indextts.process.messages import Close, Decoder, Logged, Order, Report, encode

log = logging.getLogger(__name__)

PIECE: Final = 1024 * 1024
"""Bytes read at once; a clause of the embedded voice is shorter (10 s at 24 kHz: 480 kB)."""

DYING: Final = 2.0
"""Seconds that the system gets to end a dying process; one in a hung driver takes for ever."""

STDERR: Final = 2
"""Where what a library prints goes: the server's own output may be sound."""


class Spawned:
    """A process of its own for one engine; leaving the `async with` block ends it.

    Leaving by an error kills it; otherwise it is asked to close, and killed after
    `close_timeout` seconds. It dies with the thread that started it. `environment` has variables
    for it where this process has none of the name.
    """

    pid: int

    def __init__(self, close_timeout: float, environment: Mapping[str, str] | None = None) -> None:
        self._close_timeout = close_timeout
        self._environment = environment or {}
        self._decoder = Decoder[Report]()
        self._reports: deque[Report] = deque()

    async def __aenter__(self) -> Self:
        """Start the process.

        Raises:
            EngineFailedError: the system does not allow another one.
        """
        try:
            ours, theirs = socket.socketpair()
            with theirs:
                self._reader, self._writer = await asyncio.open_connection(sock=ours, limit=PIECE)
                self._process = await self._start(theirs.fileno())
        except OSError as error:
            raise EngineFailedError(f"no process for the engine: {error.strerror}") from error
        self.pid = self._process.pid
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None or issubclass(kind, asyncio.CancelledError):
                await self._close()
        finally:
            await self._kill()

    def send(self, order: Order) -> None:
        """Give an order; it never waits, and is lost if the process is."""
        self._writer.write(encode(order))

    async def receive(self) -> Report:
        """Wait for the next report; log records are passed on. A wait may be given up.

        Raises:
            EngineFailedError: the process has ended.
        """
        while not self._reports:
            if not await self._read():
                with suppress(TimeoutError):
                    async with asyncio.timeout(DYING):
                        await self._process.wait()
                ending = self._process.returncode
                raise EngineFailedError(f"the engine's process has ended with code {ending}")
        return self._reports.popleft()

    async def _start(self, pipe: int) -> asyncio.subprocess.Process:
        # A bare interpreter: multiprocessing's would import the server's main module, with
        # every edge's library, and start a second process to track resources nobody shares.
        command = (sys.executable, "-P", "-m", "wyoming_indextts.process.child", str(pipe))
        try:
            return await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=STDERR,
                pass_fds=[pipe],
                process_group=0,  # a terminal's Ctrl-C is for the server alone
                env={**self._environment, **os.environ, "PYTHONPATH": _search_path()},
            )
        except BaseException:
            self._writer.close()
            raise

    async def _read(self) -> bool:
        """Take in what the process has written; False if it never will again."""
        try:
            piece = await self._reader.read(PIECE)
        except ConnectionError:
            return False
        for report in self._decoder.feed(piece):
            match report:
                case Logged(name, level, text):
                    logging.getLogger(name).log(level, "%s", text)
                case _:
                    self._reports.append(report)
        return bool(piece)

    async def _close(self) -> None:
        self.send(Close())
        with suppress(TimeoutError):
            async with asyncio.timeout(self._close_timeout):
                while await self._read():
                    pass  # or it might wait for room in the pipe
                await self._process.wait()

    async def _kill(self) -> None:
        try:
            if self._process.returncode is None:
                self._process.kill()
            async with asyncio.timeout(DYING):
                await self._process.wait()
        except TimeoutError:
            log.error("the engine's process %d cannot be killed", self.pid)  # noqa: TRY400 - known
        finally:
            self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


def _search_path() -> str:
    """Return where this process finds its modules, for one that starts elsewhere."""
    return os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
