"""Brings the sound to another rate, where another engine gives the rate that all speak at."""

from typing import Final, Protocol

import numpy as np

from wyoming_indextts.kokoro.options import RATE
from wyoming_indextts.speech.audio import Samples

QUALITY: Final = "HQ"
"""Of the SoX resampler: errors 100 dB down."""


class Conversion(Protocol):
    """A stream of samples at one rate to the same at another; it may keep some until the end."""

    def feed(self, samples: Samples, *, last: bool) -> Samples:
        """Take more sound; return what is certain by now, all of it after the `last`."""
        ...


def conversion(rate: int) -> Conversion:
    """Return what converts one job's sound from Kokoro's rate; other rates need soxr."""
    return _Same() if rate == RATE else _Resampled(rate)


class _Same:
    def feed(self, samples: Samples, *, last: bool) -> Samples:  # noqa: ARG002 - nothing is kept
        return samples


class _Resampled:
    def __init__(self, rate: int) -> None:
        import soxr  # noqa: PLC0415 - of an extra

        self._stream = soxr.ResampleStream(RATE, rate, 1, dtype="float32", quality=QUALITY)

    def feed(self, samples: Samples, *, last: bool) -> Samples:
        return np.asarray(self._stream.resample_chunk(samples, last=last), np.float32)
