"""What is measured, in turns: each round asks every contestant for every text, one at a time."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from wyoming_indextts.bench.contestants import Answer, Contestant

STILL: Final = 0.05
"""Seconds without work after which a cancelled request counts as over."""

LOOK: Final = 0.002
"""Seconds between two looks at a contestant's CPU clock."""

IDLE: Final = 0.1
"""Share of a look's time below which nothing was done in it."""

SETTLING: Final = 60.0
"""Seconds that work may go on after it was cancelled."""

Answers = dict[tuple[str, int], list[Answer]]
"""By contestant and by the codes of the text."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """What so many listeners had: seconds of audio made a second, first audio in seconds."""

    listeners: int
    throughput: float
    first_p50: float
    first_p95: float
    underruns: int
    stalled: float


@dataclass(slots=True)
class Results:
    """All that was measured; `cancelled` is in seconds, `megabytes` at most by contestant."""

    answers: Answers = field(default_factory=dict)
    crowds: list[Crowd] = field(default_factory=list)
    cancelled: list[float] = field(default_factory=list)


async def rounds(
    contestants: Mapping[str, Contestant], texts: Mapping[int, str], *, count: int
) -> Answers:
    """Return the answers of so many rounds, after one with the shortest text that does not count.

    The texts are by the number of their codes.
    """
    for one in contestants.values():
        await one.ask(texts[min(texts)])
    answers: Answers = {}
    for number in range(count):
        turn = list(contestants.items())
        for name, one in turn if number % 2 == 0 else turn[::-1]:
            for codes, text in texts.items():
                answers.setdefault((name, codes), []).append(await one.ask(text))
    return answers


async def crowd(one: Contestant, text: str, *, listeners: int) -> Crowd:
    """Have so many listeners ask at the same moment, each to play as it comes."""
    began = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        asking = [tasks.create_task(one.listen(text)) for _ in range(listeners)]
    answers = [task.result() for task in asking]
    seconds = time.monotonic() - began
    await one.forget()
    first = sorted(answer.first.wall for answer in answers)
    return Crowd(
        listeners=listeners,
        throughput=sum(answer.sound for answer in answers) / seconds,
        first_p50=median(first),
        first_p95=percentile(first, 95),
        underruns=sum(answer.stalled > LOOK for answer in answers),
        stalled=sum(answer.stalled for answer in answers),
    )


async def cancelled(one: Contestant, text: str, *, after: float) -> float:
    """Hang up `after` seconds; return how long the contestant then still worked.

    Raises:
        TimeoutError: it works on for `SETTLING` seconds.
    """
    asking = asyncio.create_task(one.listen(text))
    await asyncio.sleep(after)
    asking.cancel()
    await asyncio.wait([asking])
    hung_up = last = time.monotonic()
    cpu = one.cpu
    async with asyncio.timeout(SETTLING):
        while (now := time.monotonic()) - last < STILL:
            await asyncio.sleep(LOOK)
            was, cpu = cpu, one.cpu
            if cpu - was > IDLE * LOOK:
                last = now
    return last - hung_up


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest of sorted values that at least `percent` % of them do not exceed."""
    return values[max(0, -(-len(values) * int(percent) // 100) - 1)]
