"""WAV files of plain samples, each with the mark that it is synthetic speech in its head.

    RIFF  WAVE  fmt: 16 bits, mono   LIST INFO ICMT: the mark   data: the samples

A length that is not known yet is `OPEN`: until the end of the stream, by custom of players.
"""

import struct
from typing import Final

from wyoming_indextts.speech.audio import BYTES_PER_SAMPLE

MARK: Final = "Synthetic speech, made by wyoming-indextts"
"""What every file of speech says of itself, whatever its format."""

OPEN: Final = 0xFFFF_FFFF
"""In place of a length."""

LINEAR: Final = 1
"""The format of plain samples."""


def wav_head(rate: int, length: int = OPEN) -> bytes:
    """Return what stands in front of `length` bytes of samples; it is `HEAD` bytes long."""
    each = BYTES_PER_SAMPLE
    form = struct.pack("<HHIIHH", LINEAR, 1, rate, rate * each, each, 8 * each)
    text = MARK.encode() + b"\0"
    remark = _chunk(b"ICMT", text + b"\0" * (len(text) % 2))
    chunks = _chunk(b"fmt ", form) + _chunk(b"LIST", b"INFO" + remark)
    head = b"WAVE" + chunks + struct.pack("<4sI", b"data", length)
    whole = OPEN if length == OPEN else len(head) + length
    return struct.pack("<4sI", b"RIFF", whole) + head


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content


HEAD: Final = len(wav_head(1))
"""Bytes in front of the samples."""
