"""The far side as an engine: a connection that is kept open, and opened again when it is lost.

It is no engine in a thread or a process, which would take steps of a clock of its own: sound
comes in over the network in the event loop, where it is wanted. So it fits the port one level
higher, where a runner gives the sound of a job as it is made.
"""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from typing import Final, Self

from wyoming_indextts.errors import EngineFailedError, ShutdownError, SpeechError, UnsupportedError
from wyoming_indextts.remote.connecting import connected
from wyoming_indextts.remote.line import Line
from wyoming_indextts.remote.options import RemoteOptions
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.engine import Job
from wyoming_indextts.speech.wire import House

log = logging.getLogger(__name__)

SOONEST: Final = 0.25
"""Seconds between two attempts, however much somebody wants the far side."""


class RemoteRunner:
    """Has the far side speak; use it as `async with RemoteRunner(...) as runner`.

    It is `ready` while the far side is connected and not in doubt. A loss is logged once when it
    begins and once when it ends. Belongs to the event loop's thread.
    """

    def __init__(self, options: RemoteOptions, offered: Callable[[House], None]) -> None:
        """Take what is called with what the far side offers, when it comes and when it changes.

        `offered` is called in the loop's thread; it must neither block nor raise.
        """
        self._options = options
        self._offered = offered
        self._line: Line | None = None
        self._wanted = asyncio.Event()
        self._failures = 0
        self._complaint = ""

    async def __aenter__(self) -> Self:
        self._tried: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._keeping = asyncio.create_task(self._keep(), name="remote")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._keeping.cancel()
        await asyncio.wait([self._keeping])
        self._fail(ShutdownError("the server is going down"))

    @property
    def ready(self) -> bool:
        """Whether the far side is there."""
        return self._line is not None and not self._line.doubtful

    @property
    def busy(self) -> int:
        """How many jobs the far side works for."""
        return self._line.busy if self._line else 0

    def wake(self) -> None:
        """Try at once to reach the far side, unless it has sent us away."""
        self._wanted.set()

    async def loaded(self, voice: str | None = None) -> float:
        """Wait until the far side was tried; return its real-time factor, as it said last.

        Raises:
            SpeechError: it is not reached, and why.
        """
        while self._line is None:
            self.wake()
            try:
                await asyncio.shield(self._tried)
            except SpeechError as error:
                raise type(error)(str(error)) from None  # the same one is raised to many
        return self._line.factor(voice)

    async def run(self, job: Job) -> AsyncGenerator[Pcm, None]:
        """Yield the job's sound as it comes; closing the generator cancels the job.

        Raises:
            SpeechError: the job failed; `EngineFailedError` if the far side is not there, or lost.
        """
        if self._line is None or self._line.doubtful:
            raise EngineFailedError("the far side is not there")
        async with aclosing(self._line.run(job)) as sound:
            async for pcm in sound:
                yield pcm

    async def _keep(self) -> None:
        while True:
            try:
                await self._hold()
            except SpeechError as error:
                await self._wait(error)
            except Exception:  # this task's outermost boundary: a bug must not end the gateway
                log.exception("the far side is lost by a fault of ours")
                await self._wait(EngineFailedError("a fault of ours"))

    async def _hold(self) -> None:
        """Connect and stay until the connection is lost, which is raised."""
        async with connected(self._options) as far:
            self._check_path(far.house)
            line = self._line = Line(far, self._options, self._offered)
            self._offered(far.house)
            self._welcome(far.house)
            since = asyncio.get_running_loop().time()
            try:
                await line.serve()
            finally:
                self._line = None
                self._tried = asyncio.get_running_loop().create_future()
                lived = asyncio.get_running_loop().time() - since
                if line.spoken or lived > self._options.longest_back_off:
                    self._failures = 0

    def _check_path(self, house: House) -> None:
        """Make sure that what we have spoken there is not spoken here in the end."""
        if self._options.identity in house.path:
            raise UnsupportedError("it has its speech made here: nobody would ever speak")

    def _welcome(self, house: House) -> None:
        self._complaint = ""
        log.info(
            "the far side at %s is there: wyoming-indextts %s, %d voices",
            self._options.url,
            house.version,
            len(house.voices),
        )
        if not self._tried.done():
            self._tried.set_result(None)

    def _fail(self, error: SpeechError) -> None:
        """Tell whoever waits for the far side, until the next attempt."""
        if self._tried.done():
            self._tried = asyncio.get_running_loop().create_future()
        self._tried.set_exception(error)
        self._tried.exception()  # nobody has to have asked

    async def _wait(self, error: SpeechError) -> None:
        """Say why the far side is not there, once, and let time pass before the next attempt.

        Once it is away, only what a person has to mend is news.
        """
        away = not isinstance(error, EngineFailedError)
        if not self._complaint or (away and str(error) != self._complaint):
            self._complaint = str(error)
            log.warning("the far side at %s is not there: %s", self._options.url, error)
        self._wanted.clear()
        self._fail(error)
        options = self._options
        longest = options.longest_back_off
        doubled = min(options.shortest_back_off * 2.0 ** min(self._failures, 64), longest)
        self._failures += 1
        wait = (longest if away else doubled) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        fixed = wait if away else min(wait, SOONEST)
        await asyncio.sleep(fixed)
        with suppress(TimeoutError):
            async with asyncio.timeout(wait - fixed):
                await self._wanted.wait()
        self._tried = asyncio.get_running_loop().create_future()
