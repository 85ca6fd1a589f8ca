"""A Wyoming satellite without microphone or loudspeaker: it takes note of what it is to play."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from wyoming.audio import AudioChunk, AudioStop
from wyoming.event import Event, async_read_event, async_write_event
from wyoming.info import Attribution, Describe, Info, Satellite
from wyoming.ping import Ping, Pong
from wyoming.snd import Played

RATE: Final = 22_050
"""What Home Assistant gives satellites."""


@dataclass
class Heard:
    """One thing it played: its sound, and when the first of it came."""

    data: bytes
    began: float

    @property
    def seconds(self) -> float:
        """How long it was."""
        return len(self.data) / 2 / RATE


@dataclass
class FakeSatellite:
    """What a test may look at."""

    port: int
    heard: list[Heard] = field(default_factory=list)
    served: bool = False
    """Whether Home Assistant has come."""


@asynccontextmanager
async def satellite(name: str) -> AsyncGenerator[FakeSatellite, None]:
    """Give a satellite of that name, on a free loopback port."""
    attribution = Attribution("the tests", "https://example.org")
    about = Satellite(
        name=name, attribution=attribution, installed=True, description=name, version="1"
    )
    fake = FakeSatellite(0)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data, began = bytearray(), 0.0
        try:
            while event := await async_read_event(reader):
                if AudioChunk.is_type(event.type):
                    began = began or time.monotonic()
                    data += AudioChunk.from_event(event).audio
                elif AudioStop.is_type(event.type):
                    fake.heard.append(Heard(bytes(data), began))
                    data, began = bytearray(), 0.0
                    await async_write_event(Played().event(), writer)
                elif answer := _answer(event, about):
                    await async_write_event(answer, writer)
                else:
                    fake.served |= event.type == "run-satellite"
        except ConnectionError:
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        fake.port = server.sockets[0].getsockname()[1]
        yield fake


def _answer(event: Event, about: Satellite) -> Event | None:
    if Describe.is_type(event.type):
        return Info(satellite=about).event()
    if Ping.is_type(event.type):
        return Pong(text=Ping.from_event(event).text).event()
    return None
