"""The other side of the conversation: asks a Wyoming server what it is, or to speak.

Text is sent as Home Assistant sends it: start, chunks as they come, the whole text, stop.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Final

from wyoming.audio import AudioChunk
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeVoice,
)

from wyoming_indextts.edges.wyoming.options import WyomingOptions
from wyoming_indextts.edges.wyoming.reader import received
from wyoming_indextts.edges.wyoming.writer import encode
from wyoming_indextts.errors import (
    BadDataError,
    EngineFailedError,
    SpeechError,
    SynthesisFailedError,
)
from wyoming_indextts.speech.audio import BYTES_PER_SAMPLE, Pcm
from wyoming_indextts.speech.request import Request

CONNECTING: Final = 5.0
"""Seconds a server may take to accept a connection; as long as Home Assistant waits."""

Hear = Callable[[Pcm], Awaitable[None]]
"""Takes the next run of sound."""


async def describe(host: str, port: int) -> Info | None:
    """Return what the server says of itself, None if it does not speak Wyoming.

    It may never answer: limit the time.

    Raises:
        OSError: nobody listens there.
    """
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(encode(Describe().event()))
        async with aclosing(received(reader, WyomingOptions())) as events:
            async for event in events:
                if isinstance(event, Event) and Info.is_type(event.type):
                    return Info.from_event(event)
    except SpeechError:
        pass  # bytes of another protocol
    finally:
        writer.close()
    return None


async def speak(
    host: str, port: int, text: AsyncIterable[str], request: Request, hear: Hear
) -> None:
    """Have the server speak `text` as it arrives; return when `hear` has had all of it.

    Raises:
        SpeechError: the server's, by its code; or it hung up before the end.
        OSError: nobody listens there.
    """
    async with _connected(host, port) as client:
        try:
            async with asyncio.TaskGroup() as tasks:
                asking = tasks.create_task(_ask(client, text, request), name="wyoming-ask")
                await _listen(client, hear)
                asking.cancel()
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None


async def speak_whole(host: str, port: int, text: str, request: Request, hear: Hear) -> None:
    """Have the server speak a text that it gets whole, as clients ask that do not stream.

    Raises:
        SpeechError, OSError: as `speak` does.
    """
    async with _connected(host, port) as client:
        with suppress(ConnectionError):  # whoever listens hears why
            await client.write_event(_whole(text, request).event())
        await _listen(client, hear, end="audio-stop")


@asynccontextmanager
async def _connected(host: str, port: int) -> AsyncGenerator[AsyncTcpClient, None]:
    client = AsyncTcpClient(host, port)
    async with asyncio.timeout(CONNECTING):  # its own limit forgets a cancellation in Python 3.11
        await client.connect()
    try:
        yield client
    finally:
        with suppress(OSError):  # the server was first to go
            await client.disconnect()


async def _ask(client: AsyncTcpClient, text: AsyncIterable[str], request: Request) -> None:
    wanted = _whole("", request)
    said: list[str] = []
    with suppress(ConnectionError):  # whoever listens hears why
        await client.write_event(SynthesizeStart(wanted.voice, context=wanted.context).event())
        async for piece in text:
            said.append(piece)
            await client.write_event(SynthesizeChunk(piece).event())
        await client.write_event(_whole("".join(said), request).event())
        await client.write_event(SynthesizeStop().event())


def _whole(text: str, request: Request) -> Synthesize:
    voice = SynthesizeVoice(request.voice) if request.voice else None
    wishes = {"emotion": request.emotion, "intensity": request.intensity}
    context = {name: wish for name, wish in wishes.items() if wish is not None} or None
    return Synthesize(text, voice, context=context)


async def _listen(client: AsyncTcpClient, hear: Hear, *, end: str = "synthesize-stopped") -> None:
    heard = False
    while (event := await _next(client)) is not None:
        match event.type:
            case "audio-chunk":
                await hear(_pcm(AudioChunk.from_event(event)))
                heard = True
            case "error":
                raise _failure(Error.from_event(event))
            case kind if kind == end and heard:
                return
            case kind if kind == end:
                raise SynthesisFailedError("the server gave no sound")
    raise EngineFailedError("the server hung up before the end")


async def _next(client: AsyncTcpClient) -> Event | None:
    try:
        return await client.read_event()
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def _pcm(chunk: AudioChunk) -> Pcm:
    if (chunk.width, chunk.channels) != (BYTES_PER_SAMPLE, 1):
        raise BadDataError("the server's sound is not 16-bit mono")
    return Pcm(chunk.audio, chunk.rate)


def _failure(error: Error) -> SpeechError:
    kinds = {kind.code: kind for kind in SpeechError.__subclasses__()}
    return kinds.get(error.code or "", SynthesisFailedError)(error.text)
