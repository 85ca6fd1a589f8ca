"""What an ear would say of a sentence: pitch and its range, pace, loudness, by Praat."""

from dataclasses import astuple, dataclass

import numpy as np
import parselmouth
from numpy.typing import NDArray

from tests.judge.measures import FRAME, GATE, levels, samples
from wyoming_indextts.speech.audio import Pcm


@dataclass(frozen=True, slots=True)
class Heard:
    """Mean F0 in semitones over 1 Hz, its deviation in semitones, seconds, level in dBFS."""

    pitch: float
    range: float
    seconds: float
    level: float

    @property
    def hertz(self) -> float:
        """The mean F0, on the logarithmic scale of the ear."""
        return float(2 ** (self.pitch / 12))


def listen(pcm: Pcm, *, center: float) -> Heard:
    """Measure a sentence of a voice whose F0 is around `center` Hz.

    What is more than `GATE` below the loud frames is not believed: a fifth of it are octave
    errors in dying sounds, and they hide every difference.
    """
    sound = parselmouth.Sound(samples(pcm), pcm.rate)
    track = sound.to_pitch_ac(time_step=FRAME, pitch_floor=0.5 * center, pitch_ceiling=3.2 * center)
    loudness = levels(pcm)
    active = loudness >= np.percentile(loudness, 95) - GATE
    hertz = track.selected_array["frequency"]
    at = np.clip((track.xs() / FRAME).astype(int), 0, len(active) - 1)
    semitones = 12 * np.log2(hertz[active[at] & (hertz > 0)])
    where = np.flatnonzero(active)
    return Heard(
        pitch=float(semitones.mean()),
        range=float(semitones.std()),
        seconds=float((where[-1] - where[0] + 1) * FRAME),
        level=float(10 * np.log10(np.mean(10 ** (loudness[active] / 10)))),
    )


def rows(heard: list[Heard]) -> NDArray[np.float64]:
    """Return pitch, range, log of pace and level, one row for each sentence."""
    table = np.array([astuple(one) for one in heard])
    table[:, 2] = -np.log(table[:, 2])
    return table
