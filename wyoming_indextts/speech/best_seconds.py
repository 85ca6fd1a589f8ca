"""Which seconds of a clip to keep: much speech, few pauses, not begun or ended in mid-word.

A long prompt is heard again with every piece of speech that is made after it, so a short one is
quicker; 3 to 6 seconds are enough to know a voice by.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from wyoming_indextts.speech.clip import FRAME, SHORTEST, Clip, loudness

LONGEST_KEPT: Final = 6.0
"""Seconds."""

STEP: Final = 0.1
"""Seconds from one candidate to the next, in start and in length."""

BELOW_PEAK: Final = 0.03
"""Speech is what is louder than this part of the loudest frames, -30 dB."""

LOUD: Final = 95
"""Percentile that stands for the loudest frames: a knock on the microphone is no measure."""

EDGE: Final = 0.06
"""Seconds on both sides of a cut that should be without speech."""

MID_WORD: Final = 1.0
"""Seconds of speech that a cut in mid-word weighs as much as."""

PAUSE: Final = 0.5
"""Seconds of speech that a second of pause weighs as much as."""


def best_seconds(clip: Clip, longest: float = LONGEST_KEPT) -> Clip:
    """Return the best 3 to `longest` seconds of the clip, untouched; all of one no longer."""
    if clip.seconds <= longest:
        return clip
    level = loudness(clip)
    spoken = level > BELOW_PEAK * np.percentile(level, LOUD)
    starts, ends = _candidates(len(spoken), longest)
    before = np.concatenate([[0], np.cumsum(spoken)])
    speech = (before[ends] - before[starts]) * FRAME
    pauses = (ends - starts) * FRAME - speech
    cuts = _in_mid_word(before, starts) + _in_mid_word(before, ends)
    best = int(np.argmax(speech - PAUSE * pauses - MID_WORD * cuts))
    size = round(FRAME * clip.rate)
    return Clip(clip.wave[starts[best] * size : ends[best] * size], clip.rate)


Frames = NDArray[np.int64]
"""Numbers of frames."""


def _candidates(frames: int, longest: float) -> tuple[Frames, Frames]:
    """Return the starts and ends of all candidates, of whole frames only."""
    step = round(STEP / FRAME)
    lengths = np.arange(round(longest / FRAME), round(SHORTEST / FRAME) - 1, -step)
    starts, spans = np.meshgrid(np.arange(0, frames, step), lengths, indexing="ij")
    ends = starts + spans
    inside = ends < frames
    return starts[inside], ends[inside]


def _in_mid_word(before: Frames, cuts: Frames) -> NDArray[np.float64]:
    """Return how much of each cut's surroundings is speech, 0 to 1."""
    reach = round(EDGE / FRAME)
    first, last = np.maximum(cuts - reach, 0), np.minimum(cuts + reach, len(before) - 1)
    return (before[last] - before[first]) / (2 * reach)
