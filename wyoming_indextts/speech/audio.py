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
    same samples in number, `LOOK_AHEAD` later; `flush` gives the rest.
    """

    CEILING: Final = 0.97
    LOOK_AHEAD: Final = 0.005
    RELEASE: Final = 0.08
    """Seconds in which the gain comes back by 1 - 1/e."""

    def __init__(self, rate: int) -> None:
        self._ahead = max(1, round(rate * self.LOOK_AHEAD))
        self._recover = float(np.exp(-1.0 / (rate * self.RELEASE)))
        self._held = np.zeros(0, np.float32)
        self._needed = np.ones(0, np.float32)
        self._gain = 1.0

    def feed(self, samples: Samples) -> Samples:
        """Take more sound; return what is certain by now."""
        self._held = np.concatenate([self._held, samples])
        self._needed = np.concatenate([self._needed, _needed_gain(samples, self.CEILING)])
        return self._give(len(self._held) - self._ahead)

    def flush(self) -> Samples:
        """The sound is complete: return the rest."""
        self._needed = np.concatenate([self._needed, np.ones(self._ahead, np.float32)])
        return self._give(len(self._held))

    def _give(self, count: int) -> Samples:
        """Return the first `count` held samples; `_needed` reaches `_ahead` beyond them."""
        if count <= 0:
            return np.zeros(0, np.float32)
        given, self._held = self._held[:count], self._held[count:]
        needed, self._needed = self._needed[: count + self._ahead], self._needed[count:]
        if self._gain == 1.0 and needed.min() == 1.0:
            return given
        return given * self._curve(needed, count)

    def _curve(self, needed: Samples, count: int) -> Samples:
        """Return the gain of each sample: at most what it needs, falling ahead of peaks."""
        windows = np.lib.stride_tricks.sliding_window_view(needed, self._ahead + 1)
        curve = np.empty(count, np.float32)
        gain = self._gain
        for index, floor in enumerate(windows.min(axis=1)):
            if floor < gain:
                # A straight fall that arrives at the lowest need in time for its peak.
                steps = 1 + int(np.argmin(windows[index]))
                gain = gain + (float(floor) - gain) / steps
                gain = min(gain, float(needed[index]))
            else:
                gain = min(1.0 - (1.0 - gain) * self._recover, float(floor))
                gain = 1.0 if gain > 1.0 - 1e-6 else gain  # noqa: PLR2004 - inaudible
            curve[index] = gain
        self._gain = gain
        return curve


def _needed_gain(samples: Samples, ceiling: float) -> Samples:
    """Return the gain, at most 1, that brings each sample to the ceiling."""
    return (ceiling / np.maximum(np.abs(samples), ceiling)).astype(np.float32)
