"""What was done for a segment, counted; and how long a piece of each kind takes here.

The counts are the same on any machine, so a test can hold a plan to them; the times are the pace
that the plan is made by.
"""

from collections import deque
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Final, Literal

from wyoming_indextts.indextts2.plan import Pace

Stage = Literal["text", "codes", "flow", "wave", "rest"]
"""The first pass of the language model, its others, the flow, the vocoder, and all else."""

SAMPLES: Final = 33
"""Of the last pieces of a kind the median counts."""


@dataclass(slots=True)
class Work:
    """Counts of one segment.

    Args:
        passes: Of the voice language model, that of the text included.
        codes: The speech codes that were kept.
        places: Of the language model's cache, in use when each of the codes was drawn, in one row.
        frame_steps: Frames of the flow, prompt included, each once for every step.
        pinned_steps: Of these, those that are only heard: the prompt's, and what was given.
        frame_pairs: Pairs of frames, one of which heard the other, each once for every step.
        waves: Frames that went through the vocoder.
        given: Frames whose sound was given.
        passes_at_first: Passes when the first sound was given; None before.
        spent: CPU seconds of this process by stage; see `stage_of`.
    """

    passes: int = 0
    codes: tuple[int, ...] = field(default=(), repr=False)
    places: int = 0
    frame_steps: int = 0
    pinned_steps: int = 0
    frame_pairs: int = 0
    waves: int = 0
    given: int = 0
    passes_at_first: int | None = None
    spent: dict[Stage, float] = field(default_factory=dict)

    def copy(self) -> "Work":
        """Return the counts as they are now."""
        return replace(self, spent=dict(self.spent))


def stage_of(before: Work, after: Work) -> Stage:
    """Return what a step was spent on; one that did several things counts for the last of them."""
    if after.waves > before.waves:
        return "wave"
    if after.frame_steps > before.frame_steps:
        return "flow"
    if after.passes > before.passes:
        return "codes" if before.passes else "text"
    return "rest"


@dataclass(slots=True)
class Tally:
    """What was done for all segments; the totals of `Work`."""

    segments: int = 0
    passes: int = 0
    codes: int = 0
    frame_steps: int = 0
    waves: int = 0
    given: int = 0

    def add(self, work: Work) -> None:
        """Count a segment that has ended."""
        self.segments += 1
        self.passes += work.passes
        self.codes += len(work.codes)
        self.frame_steps += work.frame_steps
        self.waves += work.waves
        self.given += work.given


class Stopwatch:
    """Learns the pace from the steps' durations. Belongs to the engine's thread."""

    def __init__(self, steps: int) -> None:
        """Take the steps of the flow, all of which a frame goes through."""
        self._steps = steps
        self._codes: deque[float] = deque(maxlen=SAMPLES)
        self._frames: deque[float] = deque(maxlen=SAMPLES)
        self._waves: deque[float] = deque(maxlen=SAMPLES)

    def add(self, before: Work, after: Work, seconds: float) -> None:
        """Count a step by what it changed; one that did several things counts for none."""
        passes = after.passes - before.passes
        frames = after.frame_steps - before.frame_steps
        waves = after.waves - before.waves
        if waves and not frames and not passes:
            self._waves.append(seconds / waves)
        elif frames and not waves and not passes:
            self._frames.append(seconds / frames)
        elif passes == 1 and not frames and not waves and before.passes:
            self._codes.append(seconds)

    @property
    def pace(self) -> Pace:
        """The medians; 0 of what was not seen yet."""
        code, frame, wave = (
            median(kind) if kind else 0.0 for kind in (self._codes, self._frames, self._waves)
        )
        return Pace(code, frame * self._steps, wave)
