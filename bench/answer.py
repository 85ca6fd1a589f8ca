"""One spoken answer as its listener has it, asked for with the protocol's own client."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final

import numpy as np
from wyoming.audio import AudioChunk
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop

from bench.processes import HOST

FIRST: Final = 0.02
"""Seconds of sound that count as first audio: a tiny packet must not pass for speech."""

BEGINNING: Final = 0.25
"""Seconds of sound that a player wants in hand before it begins."""

PATIENCE: Final = 300.0
"""Seconds that an answer may take, with many clients on a small machine."""

SILENT: Final = 0.01
"""Of full scale (-40 dB): samples that stay below it are not heard."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Times in seconds since the request was written."""

    first: float
    """When `FIRST` seconds of sound were there."""
    audible: float
    """When a player that begins with the first chunk makes its first sound above `SILENT`."""
    beginning: float
    """When `BEGINNING` seconds were there, or all of a shorter answer."""
    total: float
    """When the answer was complete."""
    sound: float
    """Seconds of sound."""
    stalled: float
    """Seconds that a player which begins with the first audio has to stand still."""

    @property
    def real_time_factor(self) -> float:
        """Seconds of waiting for the whole per second of sound."""
        return self.total / self.sound


class Listener:
    """Counts an answer's sound as it arrives; pure, times are what it is told."""

    def __init__(self, asked: float) -> None:
        """Take the time at which the request was written."""
        self._asked = asked
        self._arrivals: list[tuple[float, float]] = []
        self._sound = 0.0
        self._audible: float | None = None

    def hear(self, at: float, samples: bytes, rate: int) -> None:
        """Take a chunk of mono 16-bit sound that arrived at `at`."""
        if self._audible is None:
            amplitude = np.abs(np.frombuffer(samples, "<i2").astype(np.int32))
            heard = np.flatnonzero(amplitude > SILENT * 2**15)
            if heard.size:
                begun = self._arrivals[0][0] if self._arrivals else at
                self._audible = max(at, begun + self._sound) + int(heard[0]) / rate
        self._sound += len(samples) / 2 / rate
        self._arrivals.append((at, self._sound))

    def heard(self, at: float) -> Answer:
        """Return the answer, complete at `at`.

        Raises:
            ValueError: it had no sound.
        """
        if not self._sound:
            raise ValueError("an answer without sound")
        return Answer(
            first=self._in_hand(FIRST) - self._asked,
            audible=(at if self._audible is None else self._audible) - self._asked,
            beginning=self._in_hand(BEGINNING) - self._asked,
            total=at - self._asked,
            sound=self._sound,
            stalled=self._stalled(),
        )

    def _in_hand(self, seconds: float) -> float:
        """Return when so much sound was there, or all of it."""
        for at, sound in self._arrivals:
            if sound >= seconds:
                return at
        return self._arrivals[-1][0]

    def _stalled(self) -> float:
        played_until = self._in_hand(FIRST)
        stalled = had = 0.0
        for at, sound in self._arrivals:
            stalled += max(0.0, at - played_until)
            played_until = max(at, played_until) + sound - had
            had = sound
        return stalled


async def whole(port: int, text: str) -> Answer:
    """Have a text spoken that is sent in one event.

    Raises:
        RuntimeError: the server answered with an error, or hung up.
    """
    return await _answer(port, [Synthesize(text).event()], "audio-stop")


async def streamed(port: int, text: str) -> Answer:
    """Have a text spoken as Home Assistant does it with every server that takes streams.

    Raises:
        RuntimeError: the server answered with an error, or hung up.
    """
    request = [
        SynthesizeStart().event(),
        SynthesizeChunk(text).event(),
        Synthesize(text).event(),
        SynthesizeStop().event(),
    ]
    return await _answer(port, request, "synthesize-stopped")


async def _answer(port: int, request: list[Event], last: str) -> Answer:
    async with asyncio.timeout(PATIENCE), AsyncTcpClient(HOST, port) as client:
        listener = Listener(time.monotonic())
        for asking in request:
            await client.write_event(asking)
        while (event := await client.read_event()) is not None:
            if AudioChunk.is_type(event.type):
                chunk = AudioChunk.from_event(event)
                listener.hear(time.monotonic(), chunk.audio, chunk.rate)
            elif Error.is_type(event.type):
                error = Error.from_event(event)
                raise RuntimeError(f"{error.code}: {error.text}")
            elif event.type == last:
                return listener.heard(time.monotonic())
    raise RuntimeError("the server hung up in the middle of an answer")
