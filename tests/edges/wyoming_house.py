"""A Wyoming server on a free loopback port; talk to it with the real client, or with bytes."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Self

from wyoming.client import AsyncTcpClient
from wyoming.event import Event
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop

from tests.house import PRESETS, speaking, voices
from tests.tone import ToneEngine
from wyoming_indextts.edges.wyoming.options import WyomingOptions
from wyoming_indextts.edges.wyoming.server import WyomingServer
from wyoming_indextts.speech.deeds import Recorder, unrecorded
from wyoming_indextts.speech.speaker import SpeakerOptions

PATIENCE: Final = 5.0
"""Seconds that a test waits for anything."""

LAST: Final = {"audio-stop", "error", "synthesize-stopped"}
"""What ends an answer to a whole text."""


@dataclass(frozen=True, slots=True)
class House:
    """What a test may look at."""

    host: str
    port: int
    engine: ToneEngine
    server: WyomingServer

    def client(self) -> AsyncTcpClient:
        """Return the protocol's own client, as Home Assistant uses it."""
        return AsyncTcpClient(self.host, self.port)

    async def emptied(self) -> None:
        """Wait until no client is held."""
        async with asyncio.timeout(PATIENCE):
            while self.server.connections:
                await asyncio.sleep(0.005)

    async def quiet(self, seconds: float = 0.2) -> int:
        """Wait until the engine has done nothing for a while; return its steps so far."""
        async with asyncio.timeout(2 * PATIENCE):
            steps = -1
            while steps != self.engine.steps:
                steps = self.engine.steps
                await asyncio.sleep(seconds)
        return steps


@asynccontextmanager
async def serving(
    engine: ToneEngine | None = None,
    options: WyomingOptions | None = None,
    *,
    at_once: int = 2,
    record: Recorder = unrecorded,
) -> AsyncGenerator[House, None]:
    """Serve with the real speaker around a tone engine that speaks for `at_once` at once."""
    engine = engine or ToneEngine()
    limits = SpeakerOptions(speaking=at_once)
    async with speaking(engine, options=limits, record=record) as speaker:
        server = WyomingServer(speaker, voices(), PRESETS, options)
        async with server.listen("127.0.0.1", 0) as ((host, port),):
            yield House(host, port, engine, server)


async def answer(client: AsyncTcpClient, *last: str) -> list[Event]:
    """Return the events that arrive, up to one of the types `last`."""
    events: list[Event] = []
    async with asyncio.timeout(PATIENCE):
        while not events or events[-1].type not in (last or LAST):
            event = await client.read_event()
            assert event is not None, f"hung up after {types(events)}"
            events.append(event)
    return events


async def stream(client: AsyncTcpClient, *texts: str) -> None:
    """Send a stream of text in Home Assistant's order."""
    await client.write_event(SynthesizeStart().event())
    for text in texts:
        await client.write_event(SynthesizeChunk(text).event())
    await client.write_event(Synthesize("".join(texts)).event())
    await client.write_event(SynthesizeStop().event())


def types(events: list[Event]) -> list[str]:
    """Return the events' types, runs of audio-chunk folded into one."""
    names = [event.type for event in events]
    return [
        name
        for before, name in zip([None, *names], names, strict=False)
        if (before, name) != ("audio-chunk", "audio-chunk")
    ]


def sound(events: list[Event]) -> bytes:
    """Return the samples of all chunks."""
    return b"".join(event.payload or b"" for event in events if event.type == "audio-chunk")


def seconds(events: list[Event]) -> float:
    """Return how long the sound lasts."""
    rates = {event.data["rate"] for event in events if event.type == "audio-chunk"}
    assert len(rates) == 1
    return len(sound(events)) / (2 * int(rates.pop()))


def frame(kind: str, body: object = None, payload: bytes = b"", /, **header: object) -> bytes:
    """Return an event as bytes; `header` goes over what belongs in it."""
    data = b"" if body is None else json.dumps(body).encode()
    fields = {"type": kind, "data_length": len(data), "payload_length": len(payload), **header}
    return json.dumps(fields).encode() + b"\n" + data + payload


class Raw:
    """A client that sends whatever bytes a test likes, and looks at frames bare."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection(self._house.host, self._house.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.transport.abort()

    async def send(self, received: bytes) -> None:
        """Send bytes; a server that hangs up meanwhile is none of the sender's business."""
        if self.writer.is_closing():
            return
        try:
            async with asyncio.timeout(PATIENCE):
                self.writer.write(received)
                await self.writer.drain()
        except ConnectionError:
            pass

    async def frame(self) -> tuple[dict[str, object], dict[str, object], bytes] | None:
        """Return header, data and payload of the next event; None when the server hung up."""
        async with asyncio.timeout(PATIENCE):
            try:
                line = await self.reader.readline()
                if not line:
                    return None
                assert len(line) < 4096
                header = json.loads(line)
                body = await self.reader.readexactly(header.get("data_length", 0))
                payload = await self.reader.readexactly(header.get("payload_length", 0))
            except ConnectionError:
                return None
        return header, json.loads(body) if body else {}, payload

    async def next_type(self) -> str | None:
        """Return the type of the next event; None when the server hung up."""
        got = await self.frame()
        return str(got[0]["type"]) if got else None

    async def until(self, *last: str) -> list[str]:
        """Return the types up to one of `last`, or to the server's hanging up."""
        names: list[str] = []
        while (name := await self.next_type()) is not None:
            names.append(name)
            if name in last:
                break
        return names

    async def error(self) -> str:
        """Return the code of the next event, which is an error."""
        got = await self.frame()
        assert got is not None, "hung up without a word"
        header, data, _ = got
        assert header["type"] == "error", header
        assert data["text"]
        return str(data["code"])
