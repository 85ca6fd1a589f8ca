"""Brings the far side's sound to our rate, where it speaks at another one."""

from typing import Final

import numpy as np
import soxr

from wyoming_indextts.speech.audio import FULL_SCALE, Pcm, pcm

QUALITY: Final = "HQ"
"""Of the SoX resampler: errors 100 dB down."""


class Conversion:
    """Converts one sentence's sound; sound that is at our rate passes bit for bit."""

    def __init__(self, rate: int, wanted: int) -> None:
        self._wanted = wanted
        self._stream: soxr.ResampleStream | None = None
        if rate != wanted:
            # in whole numbers it would add noise of its own, other noise each time
            self._stream = soxr.ResampleStream(rate, wanted, 1, dtype="float32", quality=QUALITY)

    def feed(self, sound: bytes, *, last: bool = False) -> Pcm:
        """Take more sound; return what is certain by now, all of it after the `last`."""
        if self._stream is None:
            return Pcm(sound, self._wanted)
        samples = np.frombuffer(sound, "<i2").astype(np.float32) / np.float32(FULL_SCALE)
        return pcm(self._stream.resample_chunk(samples, last=last), self._wanted)
