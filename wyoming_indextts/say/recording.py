"""Writes sound as a WAV stream while it is made; its head says that it is synthetic.

A file appears under its name when it is whole, or not at all. What cannot be replaced or
rewound (standard output, a device) is written straight, with a length that means "until it
ends".
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from wyoming_indextts.say.output import Hear, OutputError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.wav import wav_head


@asynccontextmanager
async def recorded(target: Path) -> AsyncGenerator[Hear, None]:
    """Record to the file `target`.

    Raises:
        OutputError: it cannot be written; no part of it is left.
    """
    place = _Place(target)
    with _explained(str(target)):
        sink = place.open()
    try:
        stream = _Stream(sink, str(target))
        yield stream.hear
        if not place.is_device:
            await stream.complete()
        with _explained(str(target)):
            sink.close()
            place.keep()
    finally:
        with suppress(OSError):  # an earlier error has said why
            sink.close()
        place.clean()


@asynccontextmanager
async def streamed(sink: BinaryIO) -> AsyncGenerator[Hear, None]:
    """Write to an open stream, such as standard output.

    Raises:
        OutputError: its reader has gone.
    """
    yield _Stream(sink, "the output").hear


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Say of which output the system's complaint is."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{name} cannot be written: {error.strerror}") from error


class _Place:
    """Where a recording goes: a file of another name beside it, until it is whole."""

    def __init__(self, target: Path) -> None:
        self._file = target.resolve()
        self.is_device = self._file.exists() and not self._file.is_file()
        part = f".{self._file.name}.{os.getpid()}.part"
        self._part = self._file if self.is_device else self._file.with_name(part)

    def open(self) -> BinaryIO:
        return self._part.open("wb")

    def keep(self) -> None:
        if not self.is_device:
            self._part.replace(self._file)

    def clean(self) -> None:
        if not self.is_device:
            self._part.unlink(missing_ok=True)


class _Stream:
    """A WAV file under way; its header is written when its rate is known."""

    def __init__(self, sink: BinaryIO, name: str) -> None:
        self._sink = sink
        self._name = name
        self._rate = 0
        self._length = 0

    async def hear(self, pcm: Pcm) -> None:
        """Write the next run of sound."""
        with _explained(self._name):
            await asyncio.to_thread(self._write, pcm)

    async def complete(self) -> None:
        """Go back and write the length."""
        with _explained(self._name):
            await asyncio.to_thread(self._write_length)

    def _write(self, pcm: Pcm) -> None:
        if not self._rate:
            self._rate = pcm.rate
            self._sink.write(wav_head(pcm.rate))
        self._sink.write(pcm.data)
        self._sink.flush()
        self._length += len(pcm.data)

    def _write_length(self) -> None:
        self._sink.seek(0)
        self._sink.write(wav_head(self._rate, self._length))
        self._sink.flush()
