"""A voice that is nobody's: a buzz, enrolled so that the benchmark has someone to speak."""

from pathlib import Path
from typing import Final

import numpy as np

from wyoming_indextts.indextts2.options import RATE
from wyoming_indextts.speech.clip import Clip
from wyoming_indextts.store.enrolment import Newcomer, Permission, enrol

PITCH: Final = 140.0
"""Hz."""

NOBODY: Final = Permission("nobody", "It is a buzz.", "a benchmark")


def enrol_buzz(voices: Path, name: str, seconds: float, pitch: float = PITCH) -> None:
    """Enrol harmonics that come and go like syllables, around `pitch` Hz; see `enrol`."""
    enrol(voices, Newcomer(name, name.capitalize(), "female"), buzz(seconds, pitch), NOBODY)


def buzz(seconds: float, pitch: float) -> Clip:
    """Return the clip of such a voice."""
    time = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(pitch + 30 * np.sin(2 * np.pi * 0.7 * time)) / RATE
    voiced = sum(np.cos(number * phase) / number for number in range(1, 40))
    wave = 0.1 * voiced * (0.2 + np.clip(np.sin(2 * np.pi * 2.1 * time), 0, None))
    return Clip(np.asarray(wave, np.float32), RATE)
