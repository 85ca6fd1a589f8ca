"""The sound in front of an announcement: two soft notes, a fourth apart, made here."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wyoming_indextts.speech.audio import Pcm, decibels, pcm

NOTES: Final = ((0.0, 659.26), (0.22, 880.0))
"""When each note is struck, in seconds, and its pitch in Hz: E5 and A5."""

PARTIALS: Final = ((1.0, 1.0, 0.28), (2.0, 0.25, 0.14), (3.0, 0.08, 0.07))
"""Of a note: factor of the pitch, loudness, and seconds in which it decays by 1 - 1/e."""

SECONDS: Final = 0.9
"""How long it sounds."""

LEVEL: Final = -20.0
"""dBFS of its loudest 0.1 s, as a mean of power."""

ATTACK: Final = 0.008
"""Seconds in which a note swells: it is struck without a click."""

RELEASE: Final = 0.15
"""Seconds in which its end fades to nothing."""


@cache
def chime(rate: int) -> Pcm:
    """Return the chime at `rate` samples a second."""
    samples = np.zeros(round(SECONDS * rate))
    for struck, pitch in NOTES:
        begin = round(struck * rate)
        samples[begin:] += _note(pitch, len(samples) - begin, rate)
    fading = round(RELEASE * rate)
    samples[-fading:] *= 0.5 + 0.5 * np.cos(np.linspace(0.0, np.pi, fading))
    samples *= decibels(LEVEL) / _loudest(samples, rate)
    return pcm(samples.astype(np.float32), rate)


def _note(pitch: float, count: int, rate: int) -> NDArray[np.float64]:
    time = np.arange(count) / rate
    note = np.zeros(count)
    for factor, loudness, decay in PARTIALS:
        note += loudness * np.exp(-time / decay) * np.sin(2 * np.pi * pitch * factor * time)
    return note * (0.5 - 0.5 * np.cos(np.pi * np.minimum(time / ATTACK, 1.0)))


def _loudest(samples: NDArray[np.float64], rate: int) -> float:
    """Return the root mean square of the loudest 0.1 s."""
    size = rate // 10
    energy = np.convolve(samples**2, np.full(size, 1.0 / size), mode="valid")
    return float(np.sqrt(energy.max()))
