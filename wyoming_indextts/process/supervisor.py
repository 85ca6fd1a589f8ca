"""Runs an engine in a process of its own, and another when that one is lost.

A fault of the engine ends its process and nothing else: what it was speaking fails with
`engine-failed`, what it had not begun and what comes after is spoken by its successor.
"""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from wyoming_indextts.errors import EngineFailedError, ShutdownError, SpeechError
from wyoming_indextts.process.back_off import BackOff
from wyoming_indextts.process.messages import (
    Alive,
    Begin,
    Begun,
    Cancel,
    Dropped,
    Load,
    Loaded,
    LoadFailed,
    Prepare,
    Report,
    Worked,
)
from wyoming_indextts.process.options import ProcessOptions
from wyoming_indextts.process.spawned import Spawned
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.engine import Audio, Failed, Finished, Job, Produced
from wyoming_indextts.speech.vitals import Lack, Toll, Vitals

log = logging.getLogger(__name__)

PACKAGE: Final = __name__.partition(".")[0]
"""Whose log level the engine's process takes over."""

LOOKS: Final = 4
"""Silent quarters of the step's time that make a process hung. A server that was itself stopped
for a while (a frozen container) finds one quarter gone, whatever the clock says."""

MEGABYTE: Final = 2**20


@dataclass(slots=True)
class _Given:
    """A job that has not ended."""

    job: Job
    begun: bool = False
    made: asyncio.Queue[Produced] = field(default_factory=asyncio.Queue)
    """Bounded by the job: one sentence."""


class ProcessRunner:
    """Owns the engine's process; use it as `async with ProcessRunner(...) as runner`.

    The engine is loaded at once, or when it is first wanted; jobs given before it is there wait
    for it. An engine that cannot be loaded fails them, and the next job has it tried again; while
    the back-off lasts it is refused for the same reason. A first loss may be bad luck: after that
    nothing is refused, and the engine is tried again unasked. Belongs to the event loop's thread.
    """

    def __init__(
        self,
        factory: str,
        options: object,
        limits: ProcessOptions | None = None,
        *,
        eager: bool = True,
    ) -> None:
        """Take the engine's factory, "module:function", and what it is called with in the child.

        `options` is pickled, so its class has to be importable; `eager` loads at once.
        """
        self._limits = limits or ProcessOptions()
        self._factory = factory
        self._options = options
        self._back_off = BackOff(self._limits.shortest_back_off, self._limits.longest_back_off)
        self._jobs: dict[int, _Given] = {}
        self._active: set[int] = set()
        self._spawned: Spawned | None = None
        self._refusal: SpeechError | None = None
        self._rests = False  # a successor comes at once, and loads when it is wanted
        self._wanted = asyncio.Event()
        if eager:
            self._wanted.set()
        self._real_time_factor = 0.0
        self._lack: Lack | None = None
        self._losses = 0
        self._toll = Toll()

    async def __aenter__(self) -> Self:
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tasks = await asyncio.TaskGroup().__aenter__()
        self._supervising = self._tasks.create_task(self._supervise(), name="engine")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._spawned is not None:
            for job_id in self._jobs:
                self._spawned.send(Cancel(job_id))
        self._refusal = ShutdownError("the server is going down")
        self._refuse(self._refusal)
        self._supervising.cancel()
        # Told of no error, the group raises none but the supervisor's: the block's stays itself.
        await self._tasks.__aexit__(None, None, None)

    @property
    def pid(self) -> int | None:
        """The process that has the engine loaded; None while there is none."""
        return self._spawned.pid if self._spawned else None

    @property
    def ready(self) -> bool:
        """Whether the engine is loaded."""
        return self._spawned is not None

    @property
    def busy(self) -> int:
        """How many jobs the engine works for; a cancelled one counts until it is let go of."""
        return len(self._active)

    def vitals(self) -> Sequence[Vitals]:
        """Return how the engine is."""
        return [
            Vitals(
                self._limits.name,
                ready=self.ready,
                busy=self.busy,
                losses=self._losses,
                memory=_resident(self.pid) if self.pid else 0,
                real_time_factor=self._real_time_factor,
                toll=self._toll,
                lack=self._lack,
            )
        ]

    def wake(self) -> None:
        """Have the engine loaded, if it is not and is not refused."""
        self._wanted.set()

    async def loaded(self, voice: str | None = None) -> float:  # noqa: ARG002 - it speaks them all
        """Wait until the engine can speak, loading it if need be; return its factor as it is now.

        Raises:
            SpeechError: it cannot be loaded, and why.
        """
        self._want()
        await asyncio.shield(self._ready)
        return self._real_time_factor

    async def run(self, job: Job) -> AsyncGenerator[Pcm, None]:
        """Yield the job's sound as it is made; closing the generator cancels the job.

        Raises:
            SpeechError: the job failed.
        """
        self._want()
        given = self._jobs[job.id] = _Given(job)
        if self._spawned is not None:
            self._spawned.send(Begin(job))
        try:
            while True:
                match await given.made.get():
                    case Audio(_, pcm):
                        yield pcm
                    case Finished():
                        return
                    case Failed(_, error):
                        raise error
        finally:
            if self._jobs.pop(job.id, None) is not None:
                self._rested()
                if self._spawned is not None:
                    self._spawned.send(Cancel(job.id))

    def _want(self) -> None:
        """Have the engine loaded if it is not, or raise why it will not be."""
        if self._refusal is not None:
            raise _copy(self._refusal)
        self._wanted.set()

    async def _supervise(self) -> None:
        await self._wanted.wait()
        while True:
            if await self._live() and not self._rests:
                await self._wanted.wait()

    async def _live(self) -> bool:
        """Run one process to its end; return whether its successor waits until it is wanted."""
        loading = True
        try:
            limits = self._limits
            async with Spawned(limits.close_timeout, limits.environment) as spawned:
                self._rests = False
                if not self._wanted.is_set() and not await self._kept_until_wanted(spawned):
                    return True
                self._real_time_factor = await self._load(spawned)
                loading = False
                log.info("%s is loaded", self._limits.name)
                return await self._serve(spawned)
        except SpeechError as error:
            wait = self._back_off.failed()
            if loading:
                log.error("%s cannot be loaded: %s", self._limits.name, error)  # noqa: TRY400 - no bug of ours
                self._load_failed(error)
            else:
                self._losses += 1
                log.warning("%s is lost, another comes in %g s: %s", self._limits.name, wait, error)
                self._lost(error)
        await asyncio.sleep(wait)
        self._refusal = None
        return loading

    async def _kept_until_wanted(self, spawned: Spawned) -> bool:
        """Have imported what loading needs, and wait; False if the process is lost meanwhile."""
        spawned.send(Prepare(self._factory))
        lost = asyncio.create_task(spawned.receive(), name="engine-lost")
        wanted = asyncio.create_task(self._wanted.wait(), name="engine-wanted")
        try:
            await asyncio.wait((lost, wanted), return_when=asyncio.FIRST_COMPLETED)
            return not lost.done()
        finally:
            for task in (lost, wanted):
                task.cancel()
            await asyncio.gather(lost, wanted, return_exceptions=True)

    async def _load(self, spawned: Spawned) -> float:
        limits = self._limits
        beat = limits.step_timeout / LOOKS / 2
        level = logging.getLogger(PACKAGE).getEffectiveLevel()
        spawned.send(Load(self._factory, self._options, beat, level))
        try:
            async with asyncio.timeout(limits.load_timeout):
                while True:
                    match await spawned.receive():
                        case Loaded(real_time_factor, lack):
                            self._lack = lack
                            return real_time_factor
                        case LoadFailed(error):
                            raise error
        except TimeoutError:
            message = f"the engine was not loaded within {limits.load_timeout:g} s"
            raise EngineFailedError(message) from None

    async def _serve(self, spawned: Spawned) -> bool:
        """Deliver until the process is idle for long (True) or has grown too large (False)."""
        for given in self._jobs.values():
            spawned.send(Begin(given.job))
        self._spawned = spawned
        self._ready.set_result(None)
        self._rested()
        spoken = False
        try:
            while True:
                report = await self._hear(spawned)
                if isinstance(report, Alive) and not self._jobs:
                    if self._is_long_idle():
                        self._wanted.clear()
                        self._rests = self._limits.prepared
                        return True
                    if spoken and self._is_large(spawned.pid):
                        return False
                spoken = spoken or isinstance(report, Begun)
                self._note(report)
        finally:
            self._spawned = None
            self._toll = Toll()
            self._active.clear()
            self._ready = asyncio.get_running_loop().create_future()

    def _note(self, report: Report) -> None:
        match report:
            case Worked(real_time_factor, toll):
                self._real_time_factor, self._toll = real_time_factor, toll
            case Begun(job_id):
                self._active.add(job_id)
                if job_id in self._jobs:
                    self._jobs[job_id].begun = True
            case Dropped(job_id):
                self._active.discard(job_id)
            case Audio() as audio:
                self._deliver(audio)
            case (Finished() | Failed()) as ended:
                self._active.discard(ended.job_id)
                self._deliver(ended)

    async def _hear(self, spawned: Spawned) -> Report:
        for _ in range(LOOKS):
            with suppress(TimeoutError):
                async with asyncio.timeout(self._limits.step_timeout / LOOKS):
                    return await spawned.receive()
        raise EngineFailedError("the engine hangs")

    def _deliver(self, produced: Produced) -> None:
        given = self._jobs.get(produced.job_id)
        if given is None:
            return  # cancelled while this was on its way
        given.made.put_nowait(produced)
        if isinstance(produced, Audio):
            return
        del self._jobs[produced.job_id]
        self._rested()
        if isinstance(produced, Finished):
            self._back_off.succeeded()

    def _lost(self, error: SpeechError) -> None:
        """Fail what had begun; what had not is given to the next process."""
        for given in tuple(self._jobs.values()):
            if given.begun:
                self._fail(given, error)

    def _load_failed(self, error: SpeechError) -> None:
        if self._back_off.failures > 1 or not isinstance(error, EngineFailedError):
            self._refusal = error
            self._wanted.clear()
        self._refuse(error)
        self._ready = asyncio.get_running_loop().create_future()

    def _refuse(self, error: SpeechError) -> None:
        """Tell everyone who waits for the engine, and for its sound."""
        for given in tuple(self._jobs.values()):
            self._fail(given, error)
        if not self._ready.done():
            self._ready.set_exception(error)
            self._ready.exception()  # nobody has to have asked

    def _fail(self, given: _Given, error: SpeechError) -> None:
        del self._jobs[given.job.id]
        given.made.put_nowait(Failed(given.job.id, _copy(error)))

    def _rested(self) -> None:
        self._idle_since = asyncio.get_running_loop().time()

    def _is_long_idle(self) -> bool:
        idle = asyncio.get_running_loop().time() - self._idle_since
        return self._limits.idle_unload is not None and idle >= self._limits.idle_unload

    def _is_large(self, pid: int) -> bool:
        limit = self._limits.memory_limit
        if limit is None or (size := _resident(pid)) <= limit * MEGABYTE:
            return False
        log.warning("the engine's process holds %d MB and is replaced", size // MEGABYTE)
        return True


def _resident(pid: int) -> int:
    """Return the bytes of memory a process occupies (Linux)."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    except OSError:
        return 0  # it has just ended, which the pipe is about to tell
    return pages * os.sysconf("SC_PAGE_SIZE")


def _copy(error: SpeechError) -> SpeechError:
    """Return the same error for one more to raise."""
    return type(error)(str(error))
