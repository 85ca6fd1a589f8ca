"""One connection to the far side: sentences out, their sound in, several at once.

What comes in is believed only as far as it can be true: sound for jobs that were given, whole
samples, no more of them than such a text can have, and as many as it says in the end. A far side
that breaks this is hung up on. It is in doubt as soon as nothing was heard of it for a while:
sentences that have not sounded are then given up, so that somebody else may speak them.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Final

import aiohttp
from aiohttp import WSMsgType

from wyoming_indextts.errors import (
    BadDataError,
    BusyError,
    EngineFailedError,
    InterruptedSpeechError,
    ModelLoadingError,
    OutOfMemoryError,
    SpeechError,
    SynthesisFailedError,
    TooLargeError,
)
from wyoming_indextts.remote.connecting import FarSide
from wyoming_indextts.remote.conversion import Conversion
from wyoming_indextts.remote.options import RemoteOptions
from wyoming_indextts.speech.audio import BYTES_PER_SAMPLE, Pcm
from wyoming_indextts.speech.engine import Job
from wyoming_indextts.speech.wire import (
    JOB,
    House,
    Order,
    decoded,
    encoded,
    house_of,
    job_of,
    number_of,
    order_fields,
    samples_of,
    text_of,
)

LOOKS: Final = 3
"""Pings within the time after which silence is a doubt."""

LOST: Final = 5.0
"""Seconds of silence after which the connection is given up, if that is more than twice as long
as what makes a doubt."""

SILENT: Final = 10.0
"""Seconds of sound that any sentence may have: pauses, and words that are numbers."""

SLOWEST: Final = 1.5
"""Seconds of sound that each character may add: slow speech at half its pace."""

TOLD: Final = {
    error.code: error
    for error in (
        BusyError,
        InterruptedSpeechError,
        ModelLoadingError,
        OutOfMemoryError,
        SynthesisFailedError,
        TooLargeError,
    )
}
"""What the far side may say of a sentence; anything else means that it cannot speak now."""

FACTORS: Final = 100.0
"""The highest factor that makes a difference."""


@dataclass(slots=True)
class _Given:
    """A job that has not ended; `room` is the bytes of sound that it may still have."""

    voice: str
    room: int
    converting: Conversion
    size: int = 0
    made: asyncio.Queue[Pcm | SpeechError | None] = field(default_factory=asyncio.Queue)
    """Bounded by `room`; None ends it."""


class Line:
    """Gives jobs to the far side while `serve` runs. Belongs to the event loop's thread."""

    def __init__(
        self, far: FarSide, options: RemoteOptions, offered: Callable[[House], None]
    ) -> None:
        """Take what is called with what the far side offers whenever that changes."""
        self._rate = far.house.rate
        self._offered = offered
        self.doubtful = False
        """Whether nothing was heard of it for a while."""
        self.spoken = 0
        """Sentences that have ended in order."""
        self._socket = far.socket
        self._options = options
        self._jobs: dict[int, _Given] = {}
        self._last = 0
        self._factor = 0.0
        self._factors: dict[str, float] = {}  # bounded by the voices that are asked for
        # bounded by the jobs, two messages each, and by the pulse, which adds nothing to a full one
        self._outgoing: asyncio.Queue[str | bytes] = asyncio.Queue()
        self._heard = asyncio.get_running_loop().time()

    @property
    def busy(self) -> int:
        """How many jobs are given and have not ended."""
        return len(self._jobs)

    def factor(self, voice: str | None) -> float:
        """Return the far side's seconds of work per second of speech, as it said last."""
        return self._factors.get(voice or "", self._factor)

    async def serve(self) -> None:
        """Listen until cancelled, or until the connection is lost.

        Raises:
            EngineFailedError: it is lost, and why; all jobs have failed with that.
            BadDataError: likewise, because the far side breaks the form.
        """
        lost: SpeechError | None = None
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write(), name="remote-write")
                tasks.create_task(self._watch(), name="remote-watch")
                await self._read()
        except* (aiohttp.ClientError, OSError):
            lost = EngineFailedError("the connection broke")
        except* SpeechError as group:
            lost = _first(group)
        finally:
            self.doubtful = True
            self._give_up(lost or EngineFailedError("the far side is left"))
        if (task := asyncio.current_task()) and task.cancelling():
            raise asyncio.CancelledError  # a task group forgets it where a loss came first
        raise lost or EngineFailedError("it hung up")

    async def run(self, job: Job) -> AsyncGenerator[Pcm, None]:
        """Yield the job's sound as it comes; closing the generator cancels the job.

        Raises:
            SpeechError: the job failed.
        """
        self._last += 1
        number, text = self._last, sum(len(phrase.text) for phrase in job.phrases)
        seconds = SILENT + SLOWEST * text
        given = self._jobs[number] = _Given(
            job.style.voice,
            room=round(seconds * self._rate) * BYTES_PER_SAMPLE,
            converting=Conversion(self._rate, self._options.rate),
        )
        order = Order(number, job.phrases, job.style, job.deadline - time.monotonic())
        self._outgoing.put_nowait(encoded("speak", **order_fields(order)))
        try:
            while (pcm := await self._next(given)) is not None:
                yield pcm
        finally:
            if self._jobs.pop(number, None) is not None:
                self._outgoing.put_nowait(encoded("cancel", job=number))

    async def _next(self, given: _Given) -> Pcm | None:
        patience = self._options.sound_timeout
        try:
            async with asyncio.timeout(patience):
                made = await given.made.get()
        except TimeoutError:
            raise EngineFailedError(f"the far side made no sound for {patience:g} s") from None
        if isinstance(made, SpeechError):
            raise made
        return made

    async def _write(self) -> None:
        while True:
            frame = await self._outgoing.get()
            if isinstance(frame, str):
                await self._socket.send_str(frame)
            else:
                await self._socket.pong(frame)

    async def _watch(self) -> None:
        """Ask for a sign of life, and doubt where there is none."""
        loop, silence = asyncio.get_running_loop(), self._options.silence
        every = silence / LOOKS
        while True:
            await self._ping()
            asked = loop.time()
            left = self._heard + silence - asked
            pause = left if 0.0 < left < every else every  # the doubt comes at its very time
            await asyncio.sleep(pause)
            if loop.time() - asked > pause + every:
                continue  # it was us who stood still: what was sent meanwhile is not read yet
            quiet = loop.time() - self._heard
            if quiet > max(LOST, 2 * silence):
                raise EngineFailedError(f"no sign of life for {quiet:.0f} s")
            if quiet >= silence:
                self._doubt()

    async def _ping(self) -> None:
        """Ask, unless so much is on its way out that it would have to be waited for."""
        if self._outgoing.empty():
            try:
                async with asyncio.timeout(self._options.silence / LOOKS):
                    await self._socket.ping()
            except TimeoutError:
                return

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            message = await self._socket.receive()
            self._heard, self.doubtful = loop.time(), False
            match message.type:
                case WSMsgType.BINARY:
                    self._sound(message.data)
                case WSMsgType.TEXT:
                    self._obey(message.data)
                case WSMsgType.PING:
                    self._outgoing.put_nowait(bytes(message.data))
                case WSMsgType.PONG:
                    pass
                case WSMsgType.ERROR:
                    raise BadDataError("it sends what is no message, or too long")
                case _:
                    raise EngineFailedError("it hung up")

    def _sound(self, frame: bytes) -> None:
        if len(frame) < JOB.size or (len(frame) - JOB.size) % BYTES_PER_SAMPLE:
            raise BadDataError("it sends sound that is not whole samples")
        given = self._job(*JOB.unpack_from(frame))
        if given is None:
            return
        sound = frame[JOB.size :]
        given.room -= len(sound)
        given.size += len(sound)
        if given.room < 0:
            raise BadDataError("it sends more sound than the text can have")
        if (pcm := given.converting.feed(sound)).data:
            given.made.put_nowait(pcm)

    def _obey(self, content: str) -> None:
        kind, fields = decoded(content)
        match kind:
            case "done":
                self._done(fields)
            case "failed":
                number = job_of(fields)
                if given := self._job(number):
                    del self._jobs[number]
                    code, text = text_of(fields, "code"), text_of(fields, "text")
                    given.made.put_nowait(_told(code, text))
            case "house":
                house = house_of(fields)
                if house.rate != self._rate:
                    raise BadDataError("it speaks at another rate now")
                self._factors.clear()
                self._offered(house)
            case "speed":
                self._factor = _factor_of(fields)
            case _:
                raise BadDataError("it says what nobody understands")

    def _done(self, fields: dict[str, object]) -> None:
        number, samples = job_of(fields), samples_of(fields)
        given = self._job(number)
        if given is None:
            return
        self._factors[given.voice] = _factor_of(fields)
        if given.size != samples * BYTES_PER_SAMPLE:
            raise BadDataError("it does not send as much sound as it says")
        del self._jobs[number]
        self.spoken += 1
        if (rest := given.converting.feed(b"", last=True)).data:
            given.made.put_nowait(rest)
        given.made.put_nowait(None)

    def _job(self, number: int) -> _Given | None:
        """Return a job under way; None if it has ended here meanwhile."""
        if not 0 < number <= self._last:
            raise BadDataError("it speaks of a job that nobody gave")
        return self._jobs.get(number)

    def _doubt(self) -> None:
        """Give up what has not sounded; what has may go on if the far side does."""
        self.doubtful = True
        for number, given in tuple(self._jobs.items()):
            if not given.size:
                del self._jobs[number]
                self._outgoing.put_nowait(encoded("cancel", job=number))
                given.made.put_nowait(EngineFailedError("nothing is heard of the far side"))

    def _give_up(self, error: SpeechError) -> None:
        for given in self._jobs.values():
            given.made.put_nowait(EngineFailedError(f"the far side is lost: {error}"))
        self._jobs.clear()


def _factor_of(fields: dict[str, object]) -> float:
    return min(number_of(fields, "factor", 0.0), FACTORS)


def _first(group: BaseExceptionGroup[SpeechError]) -> SpeechError:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def _told(code: str, text: str) -> SpeechError:
    return TOLD.get(code, EngineFailedError)(f"the far side says {code or 'nothing'}: {text}")
