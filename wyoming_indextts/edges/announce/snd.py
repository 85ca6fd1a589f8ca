"""A target that is a Wyoming snd service: a loudspeaker that takes sound over TCP.

    audio-start, audio-chunk ..., audio-stop   ->
                                               <-   played

`played` says that the service has taken everything in, not that it was heard. So the sound is
sent only a little ahead of its time: then a stop is soon heard, and the connection, with which
such services end their player, stays open until the sound has had its time.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import async_write_event
from wyoming.snd import Played

from wyoming_indextts.errors import SpeechError, TargetFailedError, TimedOutError
from wyoming_indextts.speech.audio import BYTES_PER_SAMPLE, Pcm
from wyoming_indextts.speech.queue import Ready

HEADER: Final = 64 * 1024
"""Bytes of the longest header that a service may send."""

BODY: Final = 1024 * 1024
"""Bytes that may follow a header; they are skipped."""

PIECE: Final = 64 * 1024
"""Bytes skipped at a time."""


@dataclass(frozen=True, slots=True)
class SndOptions:
    """One snd service, and the seconds it is given."""

    host: str
    port: int
    connecting: float = 5.0
    taking: float = 10.0
    """For each 0.1 s of sound: one that takes nothing is given up."""

    answering: float = 5.0
    """For `played`, from the end of the sound on."""

    ahead: float = 0.5
    """Of sound that is sent before its time: what bridges a gap in the network."""

    lingering: float = 0.2
    """After the sound's end, for what the player itself holds."""


class SndTarget:
    """Plays at one service; a connection for each sound, as they expect it."""

    def __init__(self, options: SndOptions) -> None:
        self._options = options

    async def play(self, sound: AsyncIterator[Pcm], ready: Ready) -> None:  # noqa: ARG002 - the port's
        """Play `sound`; return when it has had its time and the connection is closed.

        Cancelled, it cuts the connection at once.

        Raises:
            TargetFailedError: the service is not reached, hung up, or sent no Wyoming.
            TimedOutError: it took too long to take something in.
            SpeechError: what `sound` raises.
        """
        try:
            async with self._connected() as (reader, writer), asyncio.TaskGroup() as tasks:
                answer = tasks.create_task(_played(reader), name="snd-answer")
                end = await self._send(sound, writer)
                await self._answered(answer, end)
                await _until(end + self._options.lingering)
        except* SpeechError as errors:
            raise _first(errors) from None

    @asynccontextmanager
    async def _connected(
        self,
    ) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter], None]:
        options = self._options
        async with _limited(options.connecting, f"{self._where} does not answer"):
            try:
                reader, writer = await asyncio.open_connection(
                    options.host, options.port, limit=HEADER
                )
            except TimeoutError:
                raise
            except OSError as error:
                reason = error.strerror or type(error).__name__
                raise TargetFailedError(f"{self._where} is not reached: {reason}") from None
        try:
            yield reader, writer
            writer.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(options.connecting):
                    await writer.wait_closed()
        finally:
            writer.transport.abort()  # nothing that is still unsent is to be heard

    async def _send(self, sound: AsyncIterator[Pcm], writer: asyncio.StreamWriter) -> float:
        """Send the sound as it comes; return the loop's time at which it has been heard."""
        loop = asyncio.get_running_loop()
        heard = loop.time()
        rate = samples = 0
        async for run in sound:
            now = loop.time()
            if not rate:
                rate, heard = run.rate, now
                await self._write(AudioStart(rate, BYTES_PER_SAMPLE, 1, timestamp=0), writer)
            await _until(heard - self._options.ahead)
            stamp = samples * 1000 // rate
            chunk = AudioChunk(rate, BYTES_PER_SAMPLE, 1, audio=run.data, timestamp=stamp)
            await self._write(chunk, writer)
            samples += len(run.data) // BYTES_PER_SAMPLE
            heard = max(heard, now) + run.seconds
        if rate:
            await self._write(AudioStop(timestamp=samples * 1000 // rate), writer)
        return heard

    async def _write(
        self, event: AudioStart | AudioChunk | AudioStop, writer: asyncio.StreamWriter
    ) -> None:
        async with _limited(self._options.taking, f"{self._where} takes no sound"):
            try:
                await async_write_event(event.event(), writer)
            except TimeoutError:
                raise
            except OSError:
                raise TargetFailedError(f"{self._where} hung up") from None

    async def _answered(self, answer: asyncio.Task[None], end: float) -> None:
        left = max(0.0, end - asyncio.get_running_loop().time())
        limit = left + self._options.answering
        async with _limited(limit, f"{self._where} does not say that it has played"):
            await answer

    @property
    def _where(self) -> str:
        return f"the speaker at {self._options.host}:{self._options.port}"


async def _played(reader: asyncio.StreamReader) -> None:
    """Wait for `played`; what else the service says is passed over.

    Raises:
        TargetFailedError: it hung up before, or says something that is no Wyoming.
    """
    try:
        while True:
            line = await reader.readuntil(b"\n")
            header = json.loads(line)
            if not isinstance(header, dict):
                raise TargetFailedError("the speaker does not speak Wyoming")
            if Played.is_type(str(header.get("type"))):
                return
            await _skip(reader, header)
    except (asyncio.IncompleteReadError, OSError):
        raise TargetFailedError("the speaker hung up before the sound had ended") from None
    except (asyncio.LimitOverrunError, ValueError, RecursionError):
        raise TargetFailedError("the speaker does not speak Wyoming") from None


async def _skip(reader: asyncio.StreamReader, header: dict[str, object]) -> None:
    for name in ("data_length", "payload_length"):
        left = header.get(name) or 0
        if not isinstance(left, int) or not 0 <= left <= BODY:
            raise TargetFailedError("the speaker does not speak Wyoming")
        while left:
            piece = min(left, PIECE)
            await reader.readexactly(piece)
            left -= piece


@asynccontextmanager
async def _limited(seconds: float, complaint: str) -> AsyncGenerator[None, None]:
    """Run the block for at most so long.

    Raises:
        TimedOutError: that was not enough.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise TimedOutError(complaint) from None


async def _until(time: float) -> None:
    """Wait until the loop's clock shows `time`."""
    left = time - asyncio.get_running_loop().time()
    if left > 0:
        await asyncio.sleep(left)


def _first(errors: BaseExceptionGroup[SpeechError]) -> SpeechError:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
