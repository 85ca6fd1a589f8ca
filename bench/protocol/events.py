"""Events per second: how fast the layer itself is, in both directions."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final

from wyoming.audio import AudioChunk
from wyoming.client import AsyncTcpClient
from wyoming.event import Event
from wyoming.ping import Ping
from wyoming.tts import Synthesize

from bench.processes import HOST, Server
from bench.texts import ENGLISH
from wyoming_indextts.edges.wyoming.writer import encode

CHARACTERS: Final = 19_000
"""Length of the text that is spoken: just below the limit of a request."""

BATCH: Final = 256
"""Pings written at once; their answers fit into the buffers on the way."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Events per second: of time, and of the server's CPU time."""

    wall: float
    cpu: float


async def pings(server: Server, count: int) -> Rate:
    """Have `count` pings answered on one connection; a ping and its pong count as one.

    Bytes, not the protocol's library: it would be what is measured. Each pong has one newline.
    """
    frames = encode(Ping().event()) * BATCH
    reader, writer = await asyncio.open_connection(HOST, server.port)
    try:
        before, began = server.cpu, time.monotonic()
        answered = 0
        for sent in range(BATCH, count + BATCH, BATCH):
            writer.write(frames)
            while answered < sent:
                answered += (await _piece(reader)).count(b"\n")
        return _rate(server, answered, before, began)
    finally:
        writer.close()


async def chunks(server: Server, characters: int = CHARACTERS) -> Rate:
    """Have a long text spoken to one client; audio-chunks count."""
    text = " ".join(ENGLISH * (characters // len(" ".join(ENGLISH)) + 1))[:characters]
    async with AsyncTcpClient(HOST, server.port) as client:
        before, began = server.cpu, time.monotonic()
        await client.write_event(Synthesize(text).event())
        count = 0
        while (event := await _next(client)).type != "audio-stop":
            count += AudioChunk.is_type(event.type)
    return _rate(server, count, before, began)


async def _piece(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(10):
        piece = await reader.read(2**16)
    if not piece:
        raise ConnectionError("hung up in the middle of the pings")
    return piece


async def _next(client: AsyncTcpClient) -> Event:
    async with asyncio.timeout(10):
        event = await client.read_event()
    if event is None or event.type == "error":
        raise ConnectionError(f"{event and event.data} in the middle of a text")
    return event


def _rate(server: Server, count: int, before: float, began: float) -> Rate:
    return Rate(count / (time.monotonic() - began), count / max(server.cpu - before, 0.01))
