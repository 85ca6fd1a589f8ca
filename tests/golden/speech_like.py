"""A seeded sound with the habits of speech: syllables, hisses, and energy at all heights."""

import numpy as np
from numpy.typing import NDArray


def speech_like(seconds: float, rate: int, *, seed: int) -> NDArray[np.float32]:
    """Return a mono wave of about a tenth of full scale; nothing in it is silent."""
    draw = np.random.default_rng(seed)
    count = round(seconds * rate)
    time = np.arange(count) / rate
    pitch = 140 + 30 * np.sin(2 * np.pi * 0.7 * time) + 8 * np.sin(2 * np.pi * 5.3 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    voiced = np.zeros(count)
    for harmonic in range(1, int(0.45 * rate / 180)):
        height = np.exp(-harmonic / 25) * (1 + np.cos(2 * np.pi * time * 1.3 + harmonic / 3))
        voiced += height * np.cos(harmonic * phase + draw.uniform(0, 2 * np.pi))
    hiss = draw.standard_normal(count)
    syllables = np.clip(np.sin(2 * np.pi * 2.1 * time + 0.4), 0, None)
    hisses = np.clip(np.sin(2 * np.pi * 1.7 * time + 2.1), 0, None) ** 2
    wave = 0.05 * voiced * syllables + 0.1 * hiss * hisses + 0.01 * hiss
    return np.asarray(np.clip(0.4 * wave, -0.9, 0.9), np.float32)
