"""FLAC, Ogg Opus and MP3 while they are made, by libsndfile, if it is installed.

libsndfile would go back at the end and write lengths into the head, which is long gone by then.
These formats are whole without.
"""

import io
import logging
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import numpy as np

from wyoming_indextts.errors import UnsupportedError
from wyoming_indextts.speech.audio import Pcm

log = logging.getLogger(__name__)

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "flac": ("FLAC", "PCM_16"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}
"""What libsndfile calls the format and what is in it."""

OPUS_RATES: Final = frozenset({8_000, 12_000, 16_000, 24_000, 48_000})
"""Samples per second that Opus takes."""

OPUS_RATE: Final = 24_000
"""What others are changed to."""

PAGE_LATENCY: Final = 0x1302
"""SFC_SET_OGG_PAGE_LATENCY_MS in libsndfile's sndfile.h, which soundfile has no name for."""

PAGE: Final = 50.0
"""Milliseconds of sound in a page of Ogg, the fewest it takes; by itself it gathers a second."""

MEND: Final = 'pip install "wyoming-indextts[formats]"'


class Packed:
    """Packs one utterance."""

    def __init__(self, kind: str, rate: int, comment: str) -> None:
        """Begin a file.

        Raises:
            UnsupportedError: what makes such files is not installed.
        """
        try:
            import soundfile  # noqa: PLC0415 - of an extra
        except (ImportError, OSError):  # the latter: the package without its library
            raise UnsupportedError(f"{kind} is not installed here; {MEND}") from None
        name, content = KINDS[kind]
        if not soundfile.check_format(name, content):
            raise UnsupportedError(f"the libsndfile of this machine makes no {kind}")
        opus = kind == "opus" and rate not in OPUS_RATES
        self._resampled = Resampled(rate, OPUS_RATE) if opus else None
        self._tape = _Tape()
        to = OPUS_RATE if opus else rate
        self._file = soundfile.SoundFile(self._tape, "w", to, 1, content, format=name)
        self._file.comment = comment
        if kind == "opus":
            _turn_pages(soundfile, self._file)

    def pack(self, pcm: Pcm) -> bytes:
        """Return the next bytes of the file; may be none."""
        self._write(self._resampled.pack(pcm) if self._resampled else pcm.data)
        return self._tape.take()

    def end(self) -> bytes:
        """Return the last bytes of the file."""
        if self._resampled:
            self._write(self._resampled.end())
        self._file.close()
        return self._tape.take()

    def _write(self, data: bytes) -> None:
        self._file.write(np.frombuffer(data, "<i2"))


def _turn_pages(library: Any, file: Any) -> None:  # noqa: ANN401 - neither is typed
    """Have `library` end a page of `file` as soon as there is sound for one."""
    milliseconds = library._ffi.new("double *", PAGE)  # noqa: SLF001 - it has no other way
    size = library._ffi.sizeof("double")  # noqa: SLF001 - likewise
    library._snd.sf_command(file._file, PAGE_LATENCY, milliseconds, size)  # noqa: SLF001 - likewise


class Resampled:
    """Plain samples at another rate."""

    def __init__(self, rate: int, to: int) -> None:
        """Begin a stream.

        Raises:
            UnsupportedError: what resamples is not installed.
        """
        try:
            soxr = import_module("soxr")
        except ImportError:
            raise UnsupportedError(f"{to} samples a second are not made here; {MEND}") from None
        self._stream = soxr.ResampleStream(rate, to, 1, dtype="int16", quality="HQ")

    def pack(self, pcm: Pcm) -> bytes:
        """Return the next samples."""
        samples = self._stream.resample_chunk(np.frombuffer(pcm.data, "<i2"))
        return np.asarray(samples, "<i2").tobytes()

    def end(self) -> bytes:
        """Return the last samples."""
        samples = self._stream.resample_chunk(np.zeros(0, np.int16), last=True)
        return np.asarray(samples, "<i2").tobytes()


class _Tape(io.RawIOBase):
    """A file that is carried away from its beginning while its end is written."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = bytearray()
        self._gone = 0
        self._at = 0

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken = bytes(self._kept)
        self._gone += len(taken)
        self._kept.clear()
        return taken

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        """Write; where it is gone already, to nowhere."""
        size = len(data)
        if self._at >= self._gone:
            start = self._at - self._gone
            self._kept[start : start + size] = data
        self._at += size
        return size

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        end = self._gone + len(self._kept)
        self._at = offset + (0, self._at, end)[whence]
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def seekable(self) -> bool:
        """Return whether it has places: libsndfile insists."""
        return True
