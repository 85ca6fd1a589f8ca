"""An utterance as Opus packets of 20 ms, one after another, for carriers that lose none.

The decoder's first `PRESKIP` samples (of 48,000 a second) are the encoder's look-ahead, no sound;
the last packets are filled up with silence, so that what is left behind it is all of the sound.
"""

from typing import Final

from wyoming_indextts.edges.http.opus import SECONDS, OpusEncoder, Resampler
from wyoming_indextts.edges.http.quality import Quality
from wyoming_indextts.speech.audio import Pcm

RATES: Final = (24_000, 48_000)
"""Samples per second that are encoded: the first that is not below the speech's own."""

BITRATE: Final = 48_000
"""Bits per second of speech that nobody would tell from its samples."""

PRESKIP: Final = 312
"""Samples of 48,000 a second: libopus's look-ahead of 6.5 ms (RFC 7845, section 4.2)."""


def rate_for(rate: int) -> int:
    """Return the samples per second at which speech of `rate` is encoded."""
    return next((known for known in RATES if known >= rate), RATES[-1])


class OpusFrames:
    """Encodes one utterance after another."""

    def __init__(self, rate: int) -> None:
        """Take the speech's samples per second."""
        self._from, self.rate = rate, rate_for(rate)
        self._size = 2 * round(self.rate * SECONDS)
        self._rest = bytearray()
        self._resampler: Resampler | None = None
        self._encoder: OpusEncoder | None = None

    def feed(self, pcm: Pcm) -> list[bytes]:
        """Return the next packets; may be none."""
        if pcm.rate == self.rate:
            return self._packets(pcm.data)
        if self._resampler is None:
            self._resampler = Resampler(pcm.rate, self.rate)
        return self._packets(self._resampler.feed(pcm.data))

    def flush(self) -> list[bytes]:
        """Return the last packets; what comes after is another utterance."""
        packets = self._packets(self._resampler.flush()) if self._resampler else []
        if self._encoder is not None:
            behind = 2 * round(PRESKIP / 48_000 * self.rate)
            left = len(self._rest) + behind
            packets += self._packets(bytes(behind + -left % self._size))
        self.drop()
        return packets

    def drop(self) -> None:
        """Forget what is left of an utterance."""
        self._rest.clear()
        self._resampler = self._encoder = None

    def _packets(self, samples: bytes) -> list[bytes]:
        if not samples:
            return []
        if self._encoder is None:
            self._encoder = OpusEncoder(Quality(BITRATE, 0), self.rate)
        self._rest += samples
        whole = len(self._rest) // self._size * self._size
        packets = [
            self._encoder.encode(bytes(self._rest[at : at + self._size]))
            for at in range(0, whole, self._size)
        ]
        del self._rest[:whole]
        return packets
