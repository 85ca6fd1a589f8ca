"""Asks a container's server, as soon as it listens."""

import asyncio
from typing import Final

from wyoming.audio import AudioChunk
from wyoming.client import AsyncTcpClient
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.tts import Synthesize, SynthesizeVoice

from tests.image.running import Container

PATIENCE: Final = 120.0
"""Seconds until the voice must speak; the engine's image prepares it at the first start."""


async def described(one: Container) -> tuple[Info, float]:
    """Return what it says of itself, and the seconds after its start."""
    (event,) = await talk(one, Describe().event(), last="info")
    return Info.from_event(event), one.age


async def heard(one: Container) -> float:
    """Have it speak in an emotional voice; return the seconds of sound."""
    text = "客厅的窗户开着。The window is open."
    asked = Synthesize(text, voice=SynthesizeVoice(name="lan-happy")).event()
    events = await talk(one, asked, last="audio-stop")
    chunks = [AudioChunk.from_event(event) for event in events if AudioChunk.is_type(event.type)]
    assert any(max(chunk.audio) > 0 for chunk in chunks), "silence"
    seconds = sum(chunk.seconds for chunk in chunks)
    assert seconds > 1.5, f"only {seconds:.1f} s"
    return seconds


async def talk(one: Container, event: Event, *, last: str) -> list[Event]:
    """Ask, as soon as it listens; return the answer up to the event `last`."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                async with AsyncTcpClient("127.0.0.1", one.port) as client:
                    await client.write_event(event)
                    events: list[Event] = []
                    while not events or events[-1].type != last:
                        got = await client.read_event()
                        assert got is not None, one.log()
                        assert got.type != "error", f"{got.data}\n{one.log()}"
                        events.append(got)
                    return events
            except OSError:
                await asyncio.sleep(0.05)
