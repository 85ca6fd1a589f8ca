"""A gateway's session: sentences that were decided there, spoken here, several at once.

The messages are those of `speech.wire`. A gateway is a program, so whoever breaks the form is cut
off; what goes wrong with a sentence is told of that sentence.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final

from wyoming_indextts import __version__
from wyoming_indextts.edges.http.asking import SOURCE
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.errors import BadDataError, BusyError, SpeechError
from wyoming_indextts.speech.audio import BYTES_PER_SAMPLE, Pcm
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.speech.wire import (
    JOB,
    LARGEST_FRAME,
    House,
    Order,
    decoded,
    encoded,
    house_fields,
    job_of,
    order_of,
)

LATE: Final = (-60.0, 600.0)
"""Seconds from now within which a sentence's sound can become late."""

SLOWEST: Final = 1_000.0
"""The highest factor that is told; infinity is no JSON."""

FLOOD: Final = 4
"""Times as many sentences as may wait are refused one by one; with more it is cut off."""


class Relay:
    """Speaks what one gateway orders."""

    def __init__(
        self,
        speaker: Speaker,
        casting: Casting,
        send: Callable[[str | bytes], Awaitable[None]],
        options: HttpOptions,
        path: Callable[[], Sequence[str]],
    ) -> None:
        """Take the parts; `send` sends a frame, text or binary, and waits for room.

        `path` gives the servers that speech goes through, see `House`.
        """
        self._path = path
        self._speaker = speaker
        self._casting = casting
        self._send = send
        self._options = options
        self._jobs: dict[int, asyncio.Task[None]] = {}  # bounded by `FLOOD`
        self._started = asyncio.Event()
        self._parting: SpeechError | None = None

    async def run(self) -> None:
        """Tell what the house offers, whenever that changes, and speak until cancelled."""
        changed = asyncio.Event()
        deaf = self._casting.voices.listen(changed.set)
        try:
            async with asyncio.TaskGroup() as self._tasks:
                self._tasks.create_task(self._tell_factor(), name="relay-factor")
                self._started.set()
                while True:
                    changed.clear()
                    await self._send(encoded("house", **house_fields(self._house())))
                    await changed.wait()
        finally:
            deaf()

    async def receive(self, content: str) -> None:
        """Do what a message asks.

        Raises:
            BadDataError: it is none of a gateway's.
        """
        await self._started.wait()
        kind, fields = decoded(content)
        match kind:
            case "speak":
                self._order(job_of(fields), fields)
            case "cancel":
                if job := self._jobs.get(job_of(fields)):
                    job.cancel()
            case _:
                raise BadDataError("a gateway speaks and cancels")

    async def part(self, error: SpeechError) -> None:
        """End every sentence with `error`; return when the gateway was told."""
        self._parting = error
        while self._jobs:
            await asyncio.wait(tuple(self._jobs.values()))

    def _order(self, number: int, fields: dict[str, object]) -> None:
        if number in self._jobs:
            raise BadDataError(f"job {number} is spoken already")
        if len(self._jobs) > FLOOD * (self._options.waiting + 1):
            raise BadDataError("it does not listen to what it is told")
        refusal = self._parting
        if refusal is None and len(self._jobs) > self._options.waiting:
            refusal = BusyError(f"{self._options.waiting} sentences may wait")
        speaking = self._tasks.create_task(
            self._speak(number, fields, refusal), name=f"relay-{number}"
        )
        self._jobs[number] = speaking
        speaking.add_done_callback(lambda _: self._jobs.pop(number))

    async def _speak(
        self, number: int, fields: dict[str, object], refusal: SpeechError | None
    ) -> None:
        try:
            if refusal:
                raise type(refusal)(str(refusal))  # the same one may be told of many
            order = order_of(fields, self._options.text_characters)
            factor = min(await self._speaker.factor(order.style.voice), SLOWEST)
            samples = await self._spoken(order)
        except SpeechError as error:
            told = encoded("failed", job=number, code=error.code, text=str(error))
        else:
            told = encoded("done", job=number, samples=samples, factor=factor)
        await self._send(told)

    async def _spoken(self, order: Order) -> int:
        deadline = time.monotonic() + min(max(order.due, LATE[0]), LATE[1])
        head, size = JOB.pack(order.job), 0
        async with self._speaker.recite(
            order.phrases, order.style, source=SOURCE, deadline=deadline
        ) as sound:
            async for pcm in sound:
                size += len(pcm.data)
                for frame in _frames(pcm):
                    await self._send(head + frame)
        return size // BYTES_PER_SAMPLE

    async def _tell_factor(self) -> None:
        try:
            factor = await self._speaker.factor()
        except SpeechError:
            return  # each sentence is told why
        await self._send(encoded("speed", factor=min(factor, SLOWEST)))

    def _house(self) -> House:
        voices = self._casting.voices
        return House(
            __version__,
            self._speaker.rate,
            tuple(voices),
            tuple(self._casting.presets),
            voices.default.name,
            tuple(self._path()),
        )


def _frames(pcm: Pcm) -> Iterator[bytes]:
    for at in range(0, len(pcm.data), LARGEST_FRAME):
        yield pcm.data[at : at + LARGEST_FRAME]
