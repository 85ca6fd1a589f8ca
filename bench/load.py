"""Clients that all want speech at once, each its next answer as soon as it has the last."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from bench.answer import Answer
from bench.processes import Server, describe

Ask = Callable[[int, str], Awaitable[Answer]]
"""Has the server at a port speak a text."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a server did for its clients, and what that cost."""

    answers: tuple[Answer, ...]
    cpu: float
    """CPU seconds of all of its processes."""
    wall: float
    """Seconds from the first request to the last answer."""

    @property
    def sound(self) -> float:
        """Seconds of sound in all answers."""
        return sum(answer.sound for answer in self.answers)


async def load(server: Server, ask: Ask, texts: Sequence[str], *, clients: int, each: int) -> Load:
    """Have `clients` clients ask for `each` answers one after the other; texts in turn."""
    before, began = server.cpu, time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        asking = [
            tasks.create_task(_client(server.port, ask, _texts(texts, number, each)))
            for number in range(clients)
        ]
    wall = time.monotonic() - began
    answers = tuple(answer for client in asking for answer in client.result())
    await server.still()  # what it still does belongs to these answers
    return Load(answers, server.cpu - before, wall)


async def describes(
    server: Server, ask: Ask, texts: Sequence[str], *, clients: int, times: int, every: float
) -> list[float]:
    """Return how long `describe` took while `clients` clients were spoken to without a pause.

    It is asked `times` times, every so many seconds, whether or not the last one has been
    answered: a server that stands still must not be spared questions. Then the clients leave.
    """
    async with asyncio.TaskGroup() as tasks:
        speaking = [
            tasks.create_task(_client(server.port, ask, _texts(texts, number)))
            for number in range(clients)
        ]
        asking: list[asyncio.Task[float]] = []
        for _ in range(times):
            await asyncio.sleep(every)
            asking.append(tasks.create_task(_described(server.port)))
        await asyncio.wait(asking)
        for client in speaking:
            client.cancel()
    await server.still()
    return [one.result() for one in asking]


async def _client(port: int, ask: Ask, texts: Iterable[str]) -> list[Answer]:
    return [await ask(port, text) for text in texts]


async def _described(port: int) -> float:
    began = time.monotonic()
    await describe(port)
    return time.monotonic() - began


def _texts(texts: Sequence[str], first: int, count: int | None = None) -> Iterable[str]:
    """Return `count` texts in turn, for ever if None; each client begins at another one."""
    return islice(cycle(texts), first, None if count is None else first + count)
