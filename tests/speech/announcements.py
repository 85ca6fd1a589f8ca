"""An announcer whose targets are in memory and play in no time, around tones."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from tests.house import casting, speaking
from tests.tone import ToneEngine
from wyoming_indextts.errors import SpeechError
from wyoming_indextts.speech.announcer import Announcer, AnnouncerOptions, Gain, announcing
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.queue import Notice, Place, Ready

PATIENCE: Final = 20.0
"""Seconds that a test waits for anything."""


@dataclass
class Memory:
    """A target that keeps what it plays; `gate` holds it before its first sound."""

    played: list[bytes] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    fails: SpeechError | None = None

    async def play(self, sound: AsyncIterator[Pcm], ready: Ready) -> None:  # noqa: ARG002 - the port's
        """Play."""
        data = bytearray()
        async for run in sound:
            data += run.data
            if self.fails:
                raise self.fails
            await self.gate.wait()
        self.played.append(bytes(data))


@dataclass
class Town:
    """What a test may look at."""

    announcer: Announcer
    engine: ToneEngine
    targets: Mapping[str, Memory]
    told: list[Notice]
    now: list[float]

    def open(self) -> None:
        """Let every target play."""
        for target in self.targets.values():
            target.gate.set()

    async def until(self, state: str, count: int = 1) -> list[Notice]:
        """Wait for so many notices of a state; return them."""
        async with asyncio.timeout(PATIENCE):
            while len(found := self.of(state)) < count:
                await asyncio.sleep(0.005)
        return found

    async def working(self) -> None:
        """Wait until the engine has been given something."""
        async with asyncio.timeout(PATIENCE):
            while not self.engine.jobs:
                await asyncio.sleep(0.005)

    async def idle(self) -> None:
        """Wait until nothing is to be played."""
        async with asyncio.timeout(PATIENCE):
            await self.announcer.idle()

    def of(self, state: str) -> list[Notice]:
        """Return the notices of a state."""
        return [notice for notice in self.told if notice.state == state]

    def order(self, state: str = "started", target: str = "kitchen") -> list[str | None]:
        """Return the ids in the order in which they came to a state at a target."""
        return [notice.id for notice in self.of(state) if notice.target == target]


@asynccontextmanager
async def town(
    *names: str,
    engine: ToneEngine | None = None,
    gains: Mapping[str, float] | None = None,
    gain: Gain | None = None,
    **changes: object,
) -> AsyncGenerator[Town, None]:
    """Give an announcer with targets of these names, by default `kitchen`; all are held.

    Its clock stands; there is no chime unless `changes` of the options say so.
    """
    targets = {name: Memory() for name in names or ("kitchen",)}
    cast = casting()
    engine = engine or ToneEngine()
    options = replace(AnnouncerOptions(groups={}, chime=False), **changes)  # type: ignore[arg-type]
    now = [1_800_000_000.0]
    places = [Place(name, target, (gains or {}).get(name, 0.0)) for name, target in targets.items()]
    told: list[Notice] = []
    async with AsyncExitStack() as opened:
        speaker = await opened.enter_async_context(speaking(engine, cast=cast))
        announcer = await opened.enter_async_context(
            announcing(speaker, cast, places, options, lambda: now[0], gain)
        )
        announcer.listen(told.append)
        yield Town(announcer, engine, targets, told, now)
