"""A Wyoming snd service for tests: it takes note of what comes, and when, and says `played`."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import async_read_event, async_write_event
from wyoming.snd import Played

from wyoming_indextts.speech.audio import Pcm

PATIENCE: Final = 20.0
"""Seconds that a test waits for anything."""

Manner = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""How a service behaves that does not behave."""


@dataclass
class Heard:
    """One connection: its sound, and the times of its events on the clock of the machine."""

    rate: int = 0
    data: bytearray = field(default_factory=bytearray)
    stamps: list[int | None] = field(default_factory=list)
    began: float = 0.0
    chunks: list[float] = field(default_factory=list)
    stopped: float | None = None
    closed: float | None = None

    @property
    def sound(self) -> Pcm:
        """All that came."""
        return Pcm(bytes(self.data), self.rate)


@dataclass
class SndService:
    """What a test may look at."""

    port: int = 0
    heard: list[Heard] = field(default_factory=list)

    async def until(self, fits: Callable[["SndService"], bool]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(PATIENCE):
            while not fits(self):
                await asyncio.sleep(0.005)

    @property
    def over(self) -> int:
        """How many connections have come to their end."""
        return sum(one.closed is not None for one in self.heard)


@asynccontextmanager
async def snd_service(manner: Manner | None = None) -> AsyncGenerator[SndService, None]:
    """Give a service on a free port of this machine."""
    service = SndService()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await (manner(reader, writer) if manner else _take(service, reader, writer))
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    service.port = server.sockets[0].getsockname()[1]
    async with server:
        yield service


async def _take(
    service: SndService, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    heard = Heard()
    service.heard.append(heard)
    try:
        while event := await async_read_event(reader):
            now = time.monotonic()
            if AudioStart.is_type(event.type):
                heard.rate, heard.began = AudioStart.from_event(event).rate, now
            elif AudioChunk.is_type(event.type):
                chunk = AudioChunk.from_event(event)
                heard.data += chunk.audio
                heard.stamps.append(chunk.timestamp)
                heard.chunks.append(now)
            elif AudioStop.is_type(event.type):
                heard.stopped = now
                await async_write_event(Played().event(), writer)
    except (OSError, asyncio.IncompleteReadError):
        pass
    heard.closed = time.monotonic()
