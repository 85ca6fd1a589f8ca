"""Memory of a server that is sent payloads nobody asked for."""

import asyncio
import json
from dataclasses import dataclass
from typing import Final

from bench.processes import HOST, MEGABYTE, Server

ANNOUNCED: Final = 16 * 2**30
"""Bytes that the header promises."""

ALLOWED: Final = MEGABYTE
"""Bytes of payload that an event may have."""

CLIENTS: Final = 4
"""How many send at once."""


@dataclass(frozen=True, slots=True)
class Growth:
    """Megabytes of resident memory beyond what was there before, and how many were sent."""

    peak: float
    after: float
    taken: float
    """By all clients together, until they were hung up on."""


async def announced(server: Server, megabytes: int) -> Growth:
    """Each client announces `ANNOUNCED` bytes in one event and sends `megabytes` of them."""
    return await _sent(server, [_header(ANNOUNCED), *[bytes(MEGABYTE)] * megabytes])


async def allowed(server: Server, megabytes: int) -> Growth:
    """Each client sends `megabytes` events with as much payload as is allowed."""
    return await _sent(server, [_header(ALLOWED) + bytes(ALLOWED)] * megabytes)


async def _sent(server: Server, pieces: list[bytes]) -> Growth:
    await server.still()
    server.forget_peak()
    before = server.memory.resident
    taken = await asyncio.gather(*(_send(server.port, pieces) for _ in range(CLIENTS)))
    await server.still()
    return Growth(
        peak=server.peak - before,
        after=server.memory.resident - before,
        taken=sum(taken) / MEGABYTE,
    )


async def _send(port: int, pieces: list[bytes]) -> int:
    """Return how many bytes the system took before the server had enough."""
    _, writer = await asyncio.open_connection(HOST, port)
    taken = 0
    try:
        async with asyncio.timeout(60):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                taken += len(piece)
    except ConnectionError:
        pass
    finally:
        writer.transport.abort()
    return taken


def _header(length: int) -> bytes:
    return json.dumps({"type": "audio-chunk", "payload_length": length}).encode() + b"\n"
