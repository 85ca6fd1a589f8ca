"""Runs an engine in a thread of its own for any number of callers in the event loop."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final, Self

from wyoming_indextts.errors import EngineFailedError, SpeechError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.engine import Audio, Engine, Failed, Finished, Job, Produced
from wyoming_indextts.speech.vitals import Toll, Vitals, lack_of, toll_of

log = logging.getLogger(__name__)

CLOSING: Final = 10.0
"""Seconds that closing waits for the engine's last step."""

LOADING: Final = 60.0
"""The same while it is loaded, which nothing interrupts: a thread that is still inside the
engine's libraries when the interpreter ends aborts the process."""


@dataclass(frozen=True, slots=True)
class _Drop:
    job_id: int


class _Close:
    """The thread is to end."""


class Runner:
    """Owns the engine's thread; use it as `async with Runner(load) as runner`.

    The engine is loaded at once, in its thread; jobs given before it is there wait for it. A
    step that raises (a bug: engines report their failures) fails the jobs under way with
    `engine-failed` and the engine is loaded anew.
    """

    def __init__(self, load: Callable[[], Engine], name: str = "the engine") -> None:
        """Take the function that makes the engine; it runs in the engine's thread."""
        self._load = load
        self._name = name
        self._orders: SimpleQueue[Job | _Drop | _Close] = SimpleQueue()
        self._listening: dict[int, asyncio.Queue[Produced]] = {}
        self._engine: Engine | None = None
        self._active: set[int] = set()  # changed by the engine's thread alone
        self._broken: SpeechError | None = None
        self._losses = 0  # these two are changed by the engine's thread alone
        self._toll = Toll()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._loaded: asyncio.Future[Engine] = self._loop.create_future()
        self._thread = Thread(target=self._work, name="engine", daemon=True)
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._orders.put(_Close())
        for job_id in tuple(self._listening):
            self._drop(job_id)
        patience = CLOSING if self._loaded.done() else LOADING
        await asyncio.to_thread(self._thread.join, patience)
        self._loaded.cancel()

    @property
    def ready(self) -> bool:
        """Whether the engine is loaded."""
        return self._engine is not None

    @property
    def busy(self) -> int:
        """How many jobs the engine works for; a cancelled one counts until it is let go of."""
        return len(self._active)

    def vitals(self) -> Sequence[Vitals]:
        """Return how the engine is; its memory is this process's."""
        engine = self._engine
        return [
            Vitals(
                self._name,
                ready=self.ready,
                busy=self.busy,
                losses=self._losses,
                memory=0,
                real_time_factor=engine.real_time_factor if engine else 0.0,
                toll=self._toll,
                lack=lack_of(engine),
            )
        ]

    def wake(self) -> None:
        """Do nothing: it is loaded from the beginning."""

    async def loaded(self, voice: str | None = None) -> float:  # noqa: ARG002 - it speaks them all
        """Wait until the engine can speak; return its real-time factor as it is now.

        Raises:
            SpeechError: it cannot be loaded, and why.
        """
        first = await asyncio.shield(self._loaded)
        return (self._engine or first).real_time_factor

    async def run(self, job: Job) -> AsyncGenerator[Pcm, None]:
        """Yield the job's sound as it is made; closing the generator cancels the job.

        Raises:
            SpeechError: the job failed.
        """
        if self._broken is not None:
            raise type(self._broken)(str(self._broken))
        made: asyncio.Queue[Produced] = asyncio.Queue()  # bounded by the job: one sentence
        self._listening[job.id] = made
        self._orders.put(job)
        try:
            while True:
                match await made.get():
                    case Audio(_, pcm):
                        yield pcm
                    case Finished():
                        return
                    case Failed(_, error):
                        raise error
        finally:
            self._listening.pop(job.id, None)
            self._drop(job.id)

    def _drop(self, job_id: int) -> None:
        if (engine := self._engine) is not None:
            engine.cancel(job_id)
        self._orders.put(_Drop(job_id))

    # What follows runs in the engine's thread.

    def _work(self) -> None:
        try:
            while True:
                engine = self._engine = self._load()
                self._tell(self._has_loaded, engine)
                try:
                    if self._serve(engine):
                        return
                finally:
                    self._engine = None
                    engine.close()
        except SpeechError as error:
            self._tell(self._has_broken, error)
        except Exception:  # the thread's outermost boundary
            log.exception("the engine cannot be loaded")
            self._tell(self._has_broken, EngineFailedError("the engine cannot be loaded"))

    def _serve(self, engine: Engine) -> bool:
        """Step until closed (True) or until a step raises (False)."""
        active = self._active
        active.clear()
        try:
            while True:
                while (order := self._order(wait=not active)) is not None:
                    match order:
                        case Job():
                            active.add(order.id)
                            engine.begin(order)
                        case _Drop(job_id):
                            engine.cancel(job_id)
                            active.discard(job_id)
                        case _Close():
                            return True
                produced = engine.step()
                active -= {item.job_id for item in produced if not isinstance(item, Audio)}
                if any(isinstance(item, Finished) for item in produced):
                    self._toll = toll_of(engine)
                if produced:
                    self._tell(self._deliver, produced)
        except Exception:  # engines report failures; this is a bug, and speech goes on
            log.exception("the engine failed; it is loaded again")
            self._losses += 1
            self._toll = Toll()
            failure = EngineFailedError("the engine failed while it spoke")
            self._tell(self._deliver, [Failed(job_id, failure) for job_id in active])
            return False

    def _order(self, *, wait: bool) -> Job | _Drop | _Close | None:
        try:
            return self._orders.get(block=wait)
        except Empty:
            return None

    def _tell(self, callback: Callable[..., None], *args: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(callback, *args)

    # What follows runs in the loop's thread again.

    def _has_loaded(self, engine: Engine) -> None:
        if not self._loaded.done():
            self._loaded.set_result(engine)

    def _has_broken(self, error: SpeechError) -> None:
        self._broken = error
        if not self._loaded.done():
            self._loaded.set_exception(error)
            self._loaded.exception()  # whoever asks is told; nobody has to ask
        for job_id, made in self._listening.items():
            made.put_nowait(Failed(job_id, error))

    def _deliver(self, produced: Sequence[Produced]) -> None:
        for item in produced:
            if (made := self._listening.get(item.job_id)) is not None:
                made.put_nowait(item)
