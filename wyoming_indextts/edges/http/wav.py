"""WAV while it is made: a header that leaves the length open, then samples."""

import struct
from typing import Final

from wyoming_indextts.speech.audio import BYTES_PER_SAMPLE, Pcm

OPEN: Final = 0xFFFFFFFF
"""In place of a length: until the end of the stream."""

LINEAR: Final = 1
"""The format of plain samples."""


class Wav:
    """Packs one utterance as WAV."""

    def __init__(self, rate: int, comment: str) -> None:
        self._header: bytes = _header(rate, comment)

    def pack(self, pcm: Pcm) -> bytes:
        """Return the next bytes of the file."""
        header, self._header = self._header, b""
        return header + pcm.data

    def end(self) -> bytes:
        """Return the last bytes of the file."""
        return self._header


def whole_wav(data: bytes, rate: int, comment: str) -> bytes:
    """Return a finished file of plain samples, which says how long it is."""
    header = bytearray(_header(rate, comment))
    struct.pack_into("<I", header, 4, len(header) - 8 + len(data))
    struct.pack_into("<I", header, len(header) - 4, len(data))
    return bytes(header) + data


def _header(rate: int, comment: str) -> bytes:
    each = BYTES_PER_SAMPLE
    form = struct.pack("<HHIIHH", LINEAR, 1, rate, rate * each, each, 8 * each)
    text = comment.encode() + b"\0"
    remark = _chunk(b"ICMT", text + b"\0" * (len(text) % 2))
    return b"".join((
        b"RIFF", struct.pack("<I", OPEN), b"WAVE",
        _chunk(b"fmt ", form), _chunk(b"LIST", b"INFO" + remark),
        b"data", struct.pack("<I", OPEN),
    ))  # fmt: skip


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content
