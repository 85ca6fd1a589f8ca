"""Many connections held at once: how many are answered, one after the other and all together."""

import asyncio
import resource
from collections.abc import AsyncGenerator, Awaitable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from wyoming.client import AsyncTcpClient
from wyoming.ping import Ping
from wyoming.tts import Synthesize

from bench.processes import HOST, Server
from bench.protocol.added import TEXT

LIMIT: Final = 60.0
"""Seconds in which everybody must have been answered."""

SPARE: Final = 256
"""Descriptors beside the connections."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many of the connections got what they asked for."""

    ponged: int
    spoken: int
    """Whole answers when all ask at once."""
    idle: float
    """Per cent of a CPU that holding them costs."""


async def crowd(server: Server, connections: int, idle: float) -> Crowd:
    """Open so many connections at once and hold them; all ask for a pong, later for speech."""
    async with _held(server.port, connections) as clients:
        ponged = await _count(_ponged(client) for client in clients)
        await server.still()
        busy = await server.busy(idle)
        spoken = await _count(_spoken(client) for client in clients)
    return Crowd(ponged, spoken, 100 * busy)


def allow(connections: int) -> None:
    """Raise this process's limit of descriptors, and that of the servers it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + SPARE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@asynccontextmanager
async def _held(port: int, count: int) -> AsyncGenerator[list[AsyncTcpClient], None]:
    async with AsyncExitStack() as opened:
        clients = [AsyncTcpClient(HOST, port) for _ in range(count)]
        for client in clients:
            opened.push_async_callback(_disconnect, client)
        connected = await asyncio.gather(*(_connected(client) for client in clients))
        yield [client for client, there in zip(clients, connected, strict=True) if there]


async def _connected(client: AsyncTcpClient) -> bool:
    try:
        await client.connect()
    except OSError:
        return False
    return True


async def _disconnect(client: AsyncTcpClient) -> None:
    with suppress(OSError):  # it was lost before
        await client.disconnect()


async def _count(answers: Iterable[Awaitable[bool]]) -> int:
    async with asyncio.timeout(LIMIT):
        return sum(await asyncio.gather(*answers))


async def _ponged(client: AsyncTcpClient) -> bool:
    try:
        await client.write_event(Ping().event())
        answer = await client.read_event()
    except OSError:
        return False
    return answer is not None and answer.type == "pong"


async def _spoken(client: AsyncTcpClient) -> bool:
    try:
        await client.write_event(Synthesize(TEXT).event())
        while (event := await client.read_event()) is not None and event.type != "error":
            if event.type == "audio-stop":
                return True
    except OSError:
        pass
    return False
