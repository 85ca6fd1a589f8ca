"""A stand-in at the engine's port that is voiced, as people are, and higher where it is happy."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.tone import CHARACTER, ToneEngine
from wyoming_indextts.speech.audio import Pcm, pcm
from wyoming_indextts.speech.engine import Job

LOW, HIGH = 120.0, 220.0
"""Hz of a voice that is not happy, and of one that is; whole periods in a character."""

FORMANTS: Final = ((700.0, 130.0), (1220.0, 170.0), (2600.0, 250.0))
"""Hz of the middle and the width of an open vowel's resonances."""


SYLLABLE: Final = 5
"""Characters of a syllable: four a second, as in speech. Steady sound is taken for noise."""


class VoicedEngine(ToneEngine):
    """Says syllables of an open vowel, higher where the style is happy."""

    def sound_of(self, job: Job, left: int) -> Pcm:
        """Return a character's part of a syllable."""
        happy = job.style.emotion.weights[0] > 0
        whole = syllable(HIGH if happy else LOW, self.rate)
        count = len(whole) // SYLLABLE
        at = (-1 - left) % SYLLABLE
        return pcm(whole[at * count : (at + 1) * count], self.rate)


@cache
def syllable(pitch: float, rate: int) -> NDArray[np.float32]:
    """Return a vowel, made of its harmonics, that swells and fades."""
    time = np.arange(SYLLABLE * round(CHARACTER * rate)) / rate
    sound = np.zeros_like(time)
    for harmonic in np.arange(pitch, 5000, pitch):
        gain = sum(1 / (1 + ((harmonic - at) / width) ** 2) for at, width in FORMANTS)
        sound += (gain + 0.02) * np.sin(2 * np.pi * harmonic * time)
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * time / time[-1])
    voiced: NDArray[np.float32] = (0.5 * swell * sound / np.abs(sound).max()).astype(np.float32)
    return voiced


def pitch_of(samples: NDArray[np.float32], rate: int) -> float:
    """Return the F0 of a voiced sound, in Hz, by its autocorrelation between 80 and 400 Hz."""
    spectrum = np.fft.rfft(samples - samples.mean(), 2 * len(samples))
    alike = np.fft.irfft(np.abs(spectrum) ** 2)[: len(samples)]
    first, last = round(rate / 400), round(rate / 80)
    return rate / (first + int(np.argmax(alike[first:last])))
