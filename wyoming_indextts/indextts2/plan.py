"""When the codes of a sentence become sound: the plan of its chunks. Pure arithmetic, no clock.

    codes  |-- first --|-------------- rest, as late as the listener allows --------------|
    flow   |prompt|====|held|      then  |prompt|heard|===================================|
    sound         |==|                          |==========================================|

A chunk runs the prompt and all that was heard before once more, so few and large chunks are cheap,
and each has nearly all the context that one shot would have. The first one is small, because
someone waits; each other one begins just before the listener would run dry.

A first chunk waits for more codes where by the machine's pace the sound would otherwise run dry
later, at the latest until the segment is complete.

The listener is reckoned by the pace, not watched: so the same words are cut at the same places
whatever else the machine does, and sound the same.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

from wyoming_indextts.indextts2.length_regulator import frames_of
from wyoming_indextts.indextts2.mel import HOP, RATE

FIRST: Final = 24
"""Codes of the smallest chunk: 0.2 s of sound beside what is held back; the rest comes soon."""

HELD: Final = 8
"""Frames at the end of a chunk that are made again by the next one, which knows what follows."""

CONTEXT: Final = 16
"""Frames the vocoder hears on both sides; with them a stream is the one shot (a test measures)."""

RESERVE: Final = 0.06
"""Seconds of sound the listener is to have left when a chunk is ready: what else takes time."""

HEADROOM: Final = 1.15
"""Factor on the pace: work takes longer now and then."""

CODES_PER_TOKEN: Final = 14
"""Codes a token of text is expected to last at most; 10 is usual."""

ROUNDING: Final = HOP / RATE
"""Seconds of sound in hand that a first chunk is not begun without: codes are no whole frames."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of work for a code, for a frame in all steps of the flow, for a frame's wave."""

    code: float = 0.0
    flow: float = 0.0
    wave: float = 0.0

    def shared(self, jobs: int) -> "Pace":
        """Return the pace of one of so many jobs that take turns."""
        return Pace(self.code * jobs, self.flow * jobs, self.wave * jobs)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a segment is.

    Args:
        codes: Decoded by now.
        cut: Of these, those that went into a chunk.
        expected: Codes it will have at most, as far as one can know.
        prompt: Frames of the voice's prompt.
        speed: Factor on the speed of speech.
        ahead: Seconds of sound the listener still has; below 0 when he waits.
    """

    codes: int
    cut: int
    expected: int
    prompt: int
    speed: float
    ahead: float

    @property
    def sound(self) -> float:
        """Seconds of sound that its chunks have given so far."""
        return self._sound(self.cut)

    @property
    def gain(self) -> float:
        """Seconds of sound that a chunk of all codes would add."""
        return self._sound(self.codes) - self.sound

    def work(self, pace: Pace) -> float:
        """Return the seconds that such a chunk takes."""
        frames = self._frames(self.codes)
        fresh = frames - self._frames(self.cut) + HELD + 2 * CONTEXT
        return HEADROOM * (pace.flow * (self.prompt + frames) + pace.wave * fresh)

    def after(self, codes: int, pace: Pace) -> "Progress":
        """Return the progress when so many more are decoded."""
        ahead = self.ahead - HEADROOM * pace.code * codes
        return replace(self, codes=self.codes + codes, ahead=ahead)

    def rendered(self, pace: Pace) -> "Progress":
        """Return the progress after a chunk of all codes; who waits begins to hear it then."""
        ahead = self.ahead - self.work(pace) if self.ahead > 0 else 0.0
        return replace(self, cut=self.codes, ahead=ahead + self.gain)

    def _frames(self, codes: int) -> float:
        return frames_of(codes) / self.speed

    def _sound(self, codes: int) -> float:
        return max(0.0, self._frames(codes) - HELD - CONTEXT) * HOP / RATE


class Plan:
    """Where one segment is cut."""

    def __init__(self, pace: Pace, *, expected: int, prompt: int, speed: float) -> None:
        """Take the pace; the rest as of `Progress`. Nothing is decoded, and somebody waits."""
        self._pace = pace
        self._at = Progress(0, 0, expected, prompt, speed, ahead=0.0)

    def add(self) -> bool:
        """Count a code; return whether all there are become sound before more are decoded."""
        self._at = self._at.after(1, self._pace)
        wanted = wants_chunk(self._at, self._pace)
        if wanted:
            self._at = self._at.rendered(self._pace)
        return wanted


def wants_chunk(progress: Progress, pace: Pace) -> bool:
    """Return whether the codes there are should become sound before more are decoded."""
    if progress.codes - progress.cut < FIRST or progress.gain <= 0:
        return False
    if progress.cut:
        return latest(progress, pace) < 1
    if progress.expected - progress.codes < FIRST:
        return False  # all of it is near
    begun = progress.rendered(pace)
    return lasts(replace(begun, ahead=begun.ahead - ROUNDING), pace)


def latest(progress: Progress, pace: Pace) -> float:
    """Return how many codes may still be decoded before a chunk of all of them is late."""
    spare = progress.ahead - progress.work(pace) - RESERVE
    one = replace(progress, codes=progress.codes + 100)
    more = (one.work(pace) - progress.work(pace)) / 100 + HEADROOM * pace.code
    return spare / more if more > 0 else (math.inf if spare > 0 else 0.0)


def lasts(progress: Progress, pace: Pace) -> bool:
    """Return whether the listener hears the segment to its end without a gap."""
    while progress.codes < progress.expected:
        left = progress.expected - progress.codes
        codes = latest(progress, pace)
        if codes >= left:
            return True
        if codes < FIRST:
            return False
        progress = progress.after(math.floor(codes), pace).rendered(pace)
    return True
