"""A house's day in minutes: mixed requests, several at once, some hung up on at any moment.

Which they are follows from a seed, so that two soaks ask the same; when somebody hangs up is by the
clock, so that no two do it at the same step.
"""

import asyncio
from collections.abc import AsyncIterable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import islice
from random import Random
from typing import Final

from wyoming_indextts.bench.contestants import HOST, Contestant
from wyoming_indextts.bench.holding import Held
from wyoming_indextts.edges.wyoming import client
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.request import Request

VOICES: Final = {"low": 95.0, "middle": 140.0, "high": 210.0}
"""Who is asked for, and around which pitch in Hz each buzzes."""

EMOTIONS: Final = (None, "happy", "sad", "angry", "surprised", "neutral")

INTENSITIES: Final = (None, 0.5, 1.0)
"""With the voices and emotions more prefixes than are kept in memory."""

AT_ONCE: Final = 4

LEAVING: Final = 0.2
"""Share of those who hang up."""

PATIENCE: Final = 0.1
"""Seconds at most until one of those does; about what an answer takes."""

BETWEEN: Final = 500
"""Requests at most between two looks; what a contestant says of them fits into the pipe."""

LOOKS: Final = 10
"""Looks at least, while there are as many requests."""

SETTLING: Final = 10.0
"""Seconds in which what was hung up on is to be let go of."""

AGAIN: Final = 0.05
"""Seconds between two looks at what is not let go of yet."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: text in pieces, or whole for a client that does not stream.

    `leaves` is the seconds after which it is hung up on; None: heard to its end.
    """

    pieces: Sequence[str]
    streamed: bool
    request: Request
    leaves: float | None


@dataclass(frozen=True, slots=True)
class Look:
    """What was held after so many requests, all of them over; seconds since the first."""

    requests: int
    seconds: float
    held: Held


@dataclass(slots=True)
class Soak:
    """All looks, the first before any request; how many were hung up on, and seconds of sound."""

    looks: list[Look]
    left: int = 0
    sound: float = 0.0

    @property
    def warm(self) -> Look:
        """The look after the warm-up, which growth is counted from."""
        return self.looks[1]

    def grown(self, what: str) -> float:
        """Return by how much a field of `Held` has grown since the warm-up."""
        first, last = asdict(self.warm.held), asdict(self.looks[-1].held)
        return float(last[what]) - float(first[what])


def mixed(sentences: Sequence[str], *, count: int, seed: int = 0) -> Iterable[Asked]:
    """Yield so many requests of one or two of these sentences."""
    random = Random(seed)  # noqa: S311 - no secret
    for _ in range(count):
        text = " ".join(random.choices(sentences, k=random.choice((1, 1, 1, 2))))
        request = Request(
            "bench",
            voice=random.choice(tuple(VOICES)),
            emotion=random.choice(EMOTIONS),
            intensity=random.choice(INTENSITIES),
        )
        leaves = random.uniform(0, PATIENCE) if random.random() < LEAVING else None
        yield Asked(_pieces(text, random), random.random() < 1 / 2, request, leaves)


async def soak(one: Contestant, sentences: Sequence[str], *, count: int) -> Soak:
    """Ask for so many, after a warm-up of as many as there are between two looks.

    Raises:
        SpeechError: a request failed.
        TimeoutError: it does not say what it holds.
    """
    step = max(1, min(BETWEEN, count // LOOKS))
    asked = iter(mixed(sentences, count=step + count))
    began = asyncio.get_running_loop().time()
    before = await one.held()
    done = Soak([Look(0, 0.0, before)])
    while batch := list(islice(asked, step)):
        await _asked(one, batch, done)
        seconds = asyncio.get_running_loop().time() - began
        held = await _settled(one, before)
        done.looks.append(Look(done.looks[-1].requests + len(batch), seconds, held))
    return done


async def _asked(one: Contestant, batch: Sequence[Asked], done: Soak) -> None:
    """Have some clients ask one after another, each for what nobody has asked for yet."""
    waiting = iter(batch)

    async def ask() -> None:
        for asked in waiting:
            await _ask(one, asked, done)

    async with asyncio.TaskGroup() as tasks:
        for number in range(AT_ONCE):
            tasks.create_task(ask(), name=f"client-{number}")


async def _ask(one: Contestant, asked: Asked, done: Soak) -> None:
    async def hear(pcm: Pcm) -> None:
        done.sound += pcm.seconds

    port = one.ready.port
    text, request = asked.pieces, asked.request
    if asked.streamed:
        speaking = client.speak(HOST, port, _given(text), request, hear)
    else:
        speaking = client.speak_whole(HOST, port, "".join(text), request, hear)
    if asked.leaves is None:
        await speaking
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(asked.leaves):
            await speaking
            return
    done.left += 1


async def _settled(one: Contestant, before: Held) -> Held:
    """Return what is held once no more tasks are there than before, or what then still is."""
    until = asyncio.get_running_loop().time() + SETTLING
    while (now := await one.held()).tasks > before.tasks:
        if asyncio.get_running_loop().time() > until:
            break
        await asyncio.sleep(AGAIN)
    return now


def _pieces(text: str, random: Random) -> list[str]:
    """Return a text cut anywhere, as a language model's words come."""
    cuts = sorted(random.sample(range(1, len(text)), min(len(text) // 6, len(text) - 1)))
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


async def _given(pieces: Sequence[str]) -> AsyncIterable[str]:
    for piece in pieces:
        yield piece
        await asyncio.sleep(0)
