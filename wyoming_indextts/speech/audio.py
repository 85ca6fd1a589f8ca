"""Sound as it travels between rooms: mono, signed 16-bit little-endian, one rate per utterance."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""One-dimensional audio; full scale is 1."""

BYTES_PER_SAMPLE: Final = 2

FULL_SCALE: Final = 32767.0
"""The integer that a float sample of 1 becomes."""


@dataclass(frozen=True, slots=True)
class Pcm:
    """A run of samples at `rate` Hz; `data` holds whole samples only."""

    data: bytes
    rate: int

    def __post_init__(self) -> None:
        if len(self.data) % BYTES_PER_SAMPLE:
            raise ValueError(f"{len(self.data)} bytes is not a whole number of 16-bit samples")

    @property
    def seconds(self) -> float:
        """Duration of the run."""
        return len(self.data) / (BYTES_PER_SAMPLE * self.rate)

    def frames(self, seconds: float) -> Iterator["Pcm"]:
        """Cut into runs of `seconds`, the last one shorter; nothing is copied twice."""
        size = max(1, round(seconds * self.rate)) * BYTES_PER_SAMPLE
        for start in range(0, len(self.data), size):
            yield Pcm(self.data[start : start + size], self.rate)


def silence(seconds: float, rate: int) -> Pcm:
    """Return digital silence, rounded to a sample."""
    return Pcm(bytes(BYTES_PER_SAMPLE * round(seconds * rate)), rate)


def pcm(samples: Samples, rate: int) -> Pcm:
    """Round float samples to 16 bits; what is over full scale is clipped."""
    scaled = np.rint(np.clip(samples, -1.0, 1.0) * FULL_SCALE)
    return Pcm(scaled.astype("<i2").tobytes(), rate)


def decibels(gain: float) -> float:
    """Return the factor that a gain in dB is."""
    return float(10.0 ** (gain / 20.0))


class Limiter:
    """Keeps a stream of samples under a ceiling without an audible edge.

    Looks `LOOK_AHEAD` seconds ahead: the gain falls in time for every peak and comes back
    slowly. Sound that stays below the ceiling passes bit for bit. What goes in comes out, the
    same samples in number, `LOOK_AHEAD` later; `flush` gives the rest. Where the stream is cut
    makes no difference to it.
    """

    CEILING: Final = 0.97
    LOOK_AHEAD: Final = 0.005
    RELEASE: Final = 0.08
    """Seconds in which the gain comes back by 1 - 1/e."""
    INAUDIBLE: Final = 1e-4
    """What the gain may lack of 1 and be 1: 0.001 dB."""

    def __init__(self, rate: int) -> None:
        self._ahead = max(1, round(rate * self.LOOK_AHEAD))
        self._decay = 1.0 / (rate * self.RELEASE)
        self._held = np.zeros(0, np.float32)
        self._given = 0
        self._peak = -np.inf
        """Logarithm of the largest reduction so far, as of the stream's beginning."""

    def feed(self, samples: Samples) -> Samples:
        """Take more sound; return what is certain by now."""
        self._held = np.concatenate([self._held, samples])
        count = max(0, len(self._held) - self._ahead)
        given = self._held[:count] * self._gains(count)
        self._held = self._held[count:]
        self._given += count
        return given

    def flush(self) -> Samples:
        """Return the rest; the sound is complete."""
        return self.feed(np.zeros(self._ahead, np.float32))

    def _gains(self, count: int) -> Samples:
        """Return the gains of the first `count` held samples; all reaches `_ahead` beyond them."""
        loudness = np.abs(self._held, dtype=np.float64)
        lacking = 1.0 - self.CEILING / np.maximum(loudness, self.CEILING)
        decayed = self._decay * np.arange(self._given, self._given + count)
        if not count or (not lacking.any() and self._peak - decayed[0] < np.log(self.INAUDIBLE)):
            return np.ones(count, np.float32)
        falling = lacking[:count].copy()
        for early in range(1, self._ahead + 1):
            part = 1.0 - early / (self._ahead + 1)
            np.maximum(falling, part * lacking[early : early + count], out=falling)
        # Reductions decay exponentially, so the largest is a running maximum of logarithms.
        with np.errstate(divide="ignore"):
            peaks = np.log(falling) + decayed
        peaks[0] = max(peaks[0], self._peak)
        peaks = np.maximum.accumulate(peaks)
        self._peak = float(peaks[-1])
        reduction = np.exp(peaks - decayed)
        reduction[reduction < self.INAUDIBLE] = 0.0
        gains: Samples = (1.0 - reduction).astype(np.float32)
        return gains
