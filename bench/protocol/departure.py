"""From a client's leaving in mid-speech to the engine's hearing that its job is dropped."""

import asyncio
import time
from typing import Final

import numpy as np
from wyoming.client import AsyncTcpClient
from wyoming.tts import Synthesize

from bench.processes import HOST, Server
from bench.protocol.tone import CANCELLED

TEXT: Final = "the first of the words that follow one another without an end " * 3
"""One sentence; at `PACE` the engine works on it for longer than `LONGEST`."""

PACE: Final = 0.05
"""Seconds of waiting in each of the engine's steps."""

LONGEST: Final = 0.3
"""Seconds that a client listens at most before it leaves."""

LIMIT: Final = 5.0
"""Seconds after which a job counts as never cancelled."""


async def departures(server: Server, times: int) -> list[float]:
    """Return, for each of so many clients, the milliseconds until its job was cancelled.

    Raises:
        TimeoutError: one never was.
    """
    listens = np.random.default_rng(times).uniform(0.0, LONGEST, times)
    return [1000 * await _departure(server, float(seconds)) for seconds in listens]


async def _departure(server: Server, seconds: float) -> float:
    known = len(_cancellations(server))
    client = AsyncTcpClient(HOST, server.port)
    await client.connect()
    try:
        await client.write_event(Synthesize(TEXT).event())
        while (event := await client.read_event()) is not None and event.type != "audio-chunk":
            pass
        await _listen(client, seconds)
    finally:
        left = time.monotonic()
        await client.disconnect()
    return await _cancelled(server, known) - left


async def _cancelled(server: Server, known: int) -> float:
    """Wait for one more cancellation than the `known` ones; return when it was."""
    async with asyncio.timeout(LIMIT):
        while True:
            if len(found := _cancellations(server)) > known:
                return found[-1]
            await asyncio.sleep(0.005)


async def _listen(client: AsyncTcpClient, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            while await client.read_event() is not None:
                pass
    except TimeoutError:
        pass  # heard enough


def _cancellations(server: Server) -> list[float]:
    """Return when jobs were cancelled, as the engine says in the server's log."""
    lines = server.log.read_text("utf-8", errors="replace").splitlines()
    return [float(line.rpartition(CANCELLED)[2]) for line in lines if CANCELLED in line]
