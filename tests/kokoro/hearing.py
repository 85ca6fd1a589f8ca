"""What an ear would say of a sentence: pitch and its range, pace, loudness, by Praat."""

from dataclasses import astuple, dataclass
from typing import Final

import numpy as np
import parselmouth
from numpy.typing import NDArray

from wyoming_indextts.speech.audio import FULL_SCALE, Pcm

STEP: Final = 0.01
"""Seconds between two frames of what is measured."""

GATE: Final = 20.0
"""dB under the loud frames (95th percentile) below which pitch is not believed: without this
gate a fifth of the frames are octave errors in dying sounds, and hide every difference."""


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
    """Measure a sentence of a voice whose F0 is around `center` Hz."""
    samples = np.frombuffer(pcm.data, "<i2") / FULL_SCALE
    sound = parselmouth.Sound(samples, pcm.rate)
    pitch = sound.to_pitch_ac(
        time_step=STEP, pitch_floor=0.5 * center, pitch_ceiling=3.2 * center
    )
    levels = _levels(samples, pcm.rate, pitch.xs())
    active = levels > np.percentile(levels, 95) - GATE
    f0 = pitch.selected_array["frequency"]
    semitones = 12 * np.log2(f0[active & (f0 > 0)])
    where = np.flatnonzero(active)
    return Heard(
        pitch=float(semitones.mean()),
        range=float(semitones.std()),
        seconds=float((where[-1] - where[0] + 1) * STEP),
        level=float(10 * np.log10(np.mean(10 ** (levels[active] / 10)))),
    )


def rows(heard: list[Heard]) -> NDArray[np.float64]:
    """Return pitch, range, log of pace and level, one row for each sentence."""
    table = np.array([astuple(one) for one in heard])
    table[:, 2] = -np.log(table[:, 2])
    return table


def _levels(samples: NDArray[np.float64], rate: int, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the RMS in dB of the 25 ms around each time."""
    half = round(0.0125 * rate)
    squares = np.concatenate([[0.0], np.cumsum(samples**2)])
    middle = np.rint(times * rate).astype(int)
    first, last = np.clip(middle - half, 0, None), np.clip(middle + half, None, len(samples))
    levels: NDArray[np.float64] = 10 * np.log10((squares[last] - squares[first]) / (last - first) + 1e-10)
    return levels
