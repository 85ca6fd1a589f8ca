"""Time to first audio that everything but the engine adds, for clients of three kinds."""

import asyncio
import itertools
import time
from dataclasses import dataclass
from typing import Final

import numpy as np

from bench.answer import whole
from bench.percentiles import median, percentile
from bench.protocol.tone import ToneEngine, ToneOptions
from wyoming_indextts.speech.engine import Job, Style
from wyoming_indextts.speech.script import Phrase

TEXT: Final = "The front door is locked."
"""1.6 s of the tone."""


@dataclass(frozen=True, slots=True)
class Added:
    """Milliseconds over what the engine takes by itself."""

    middle: float
    high: float
    """99th percentile."""


async def alone(port: int, times: int) -> Added:
    """One client asks again and again."""
    return _added([(await whole(port, TEXT)).first for _ in range(times)])


async def apart(port: int, clients: int, times: int, pause: float) -> Added:
    """Clients that ask at moments of their own, on the average `pause` seconds after an answer."""
    generator = np.random.default_rng(clients)

    async def client(pauses: list[float]) -> list[float]:
        waits = []
        for seconds in pauses:
            await asyncio.sleep(seconds)
            waits.append((await whole(port, TEXT)).first)
        return waits

    pauses = generator.uniform(0.0, 2 * pause, (clients, times))
    waits = await asyncio.gather(*(client(row.tolist()) for row in pauses))
    return _added(list(itertools.chain.from_iterable(waits)))


async def together(port: int, clients: int, times: int) -> Added:
    """Clients that ask at the very same moment; `times` moments."""
    waits: list[float] = []
    for _ in range(times):
        answers = await asyncio.gather(*(whole(port, TEXT) for _ in range(clients)))
        waits += [answer.first for answer in answers]
    return _added(waits)


def _added(waits: list[float]) -> Added:
    direct = _direct()
    return Added(1000 * (median(waits) - direct), 1000 * (percentile(waits, 99) - direct))


def _direct() -> float:
    """Return the seconds to first audio of the engine called directly, the median of many."""
    waits = []
    for number in range(100):
        engine = ToneEngine(ToneOptions())
        began = time.monotonic()
        engine.begin(Job(number, (Phrase(TEXT),), Style("lan"), 0.0))
        engine.step()
        waits.append(time.monotonic() - began)
    return median(waits)
