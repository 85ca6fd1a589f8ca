"""WAV while it is made: a head that leaves the length open, then samples."""

from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.wav import wav_head


class Wav:
    """Packs one utterance as WAV."""

    def __init__(self, rate: int) -> None:
        self._head: bytes = wav_head(rate)

    def pack(self, pcm: Pcm) -> bytes:
        """Return the next bytes of the file."""
        head, self._head = self._head, b""
        return head + pcm.data

    def end(self) -> bytes:
        """Return the last bytes of the file."""
        return self._head
