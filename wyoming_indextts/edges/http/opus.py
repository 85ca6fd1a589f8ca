"""Sound as Opus packets of 20 ms, with what is needed to mend one that is lost.

Measured with libopus: in-band error correction is there from 22 kbit/s on, in the mode for speech
and where losses are expected; options it does not know are passed over without a word.
"""

from fractions import Fraction
from typing import Final

import av
import numpy as np

from wyoming_indextts.edges.http.quality import Quality

RATE: Final = 48_000
"""Samples per second of Opus over RTP (RFC 7587, section 4.1)."""

SAMPLES: Final = 960
"""Samples of a packet."""

SECONDS: Final = SAMPLES / RATE

SILENCE: Final = bytes(2 * SAMPLES)


class OpusEncoder:
    """Encodes one utterance after another; a quality is for all of an encoder's life."""

    def __init__(self, quality: Quality, rate: int = RATE) -> None:
        """Take the samples per second: one that Opus knows."""
        self._rate = rate
        self._context = av.CodecContext.create("libopus", "w")
        self._context.sample_rate = rate
        self._context.layout = "mono"
        self._context.format = "s16"
        self._context.bit_rate = quality.bitrate
        self._context.options = {
            "application": "voip" if quality.losses else "audio",
            "frame_duration": "20",
            "fec": "1" if quality.losses else "0",
            "packet_loss": str(quality.losses),
        }
        self._at = 0

    def encode(self, samples: bytes) -> bytes:
        """Return the packet of 20 ms of samples of 16 bits."""
        frame = _frame(samples, self._rate, self._at)
        self._at += frame.samples
        (packet,) = self._context.encode(frame)
        return bytes(packet)


class Resampler:
    """Brings one utterance to another rate, the same however it is cut."""

    def __init__(self, rate: int, to: int = RATE) -> None:
        self._rate = rate
        self._resampler = av.AudioResampler("s16", "mono", to)
        self._at = 0

    def feed(self, samples: bytes) -> bytes:
        """Return the next samples."""
        if not samples:
            return b""
        frame = _frame(samples, self._rate, self._at)
        self._at += frame.samples
        return self._taken(frame)

    def flush(self) -> bytes:
        """Return the last samples."""
        return self._taken(None) if self._at else b""

    def _taken(self, frame: av.AudioFrame | None) -> bytes:
        return b"".join(
            part.to_ndarray().astype("<i2").tobytes() for part in self._resampler.resample(frame)
        )


def _frame(samples: bytes, rate: int, at: int) -> av.AudioFrame:
    """Return samples of 16 bits that begin at the sample `at`, as the library wants them."""
    frame = av.AudioFrame.from_ndarray(np.frombuffer(samples, "<i2").reshape(1, -1), "s16", "mono")
    frame.sample_rate = rate
    frame.time_base = Fraction(1, rate)
    frame.pts = at
    return frame
