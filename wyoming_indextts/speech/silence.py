"""Trims what a model speaks: the silence it makes around its words goes, and no cut is heard."""

from typing import Final

import numpy as np

from wyoming_indextts.speech.audio import Samples

QUIET: Final = 0.01
"""Below this (-40 dB) a sample is silence; voices speak at about 0.12."""

MARGIN: Final = 0.03
"""Seconds kept around what is not silence: breath and the end of a consonant."""

FADE: Final = 0.005
"""Seconds in which a trimmed sound comes and goes."""


def trimmed(samples: Samples, rate: int) -> Samples:
    """Return the sound without the silence around it, faded in and out; empty if it is silent."""
    loud = np.flatnonzero(np.abs(samples) > QUIET)
    if not len(loud):
        return samples[:0]
    margin = round(MARGIN * rate)
    sound = samples[max(0, loud[0] - margin) : loud[-1] + 1 + margin].copy()
    fade = min(round(FADE * rate), len(sound) // 2)
    slope = np.linspace(0.0, 1.0, fade, endpoint=False, dtype=np.float32)
    sound[:fade] *= slope
    sound[len(sound) - fade :] *= slope[::-1]
    return sound
