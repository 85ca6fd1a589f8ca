"""The text that `say` speaks: given whole, or read from a stream while somebody writes it."""

import asyncio
import codecs
import os
from collections.abc import AsyncGenerator
from threading import Thread
from typing import BinaryIO, Final

PIECE: Final = 4096
"""Bytes read at a time, at most; whatever is there is taken at once."""


async def whole(text: str) -> AsyncGenerator[str, None]:
    """Yield the text."""
    yield text


async def written(stream: BinaryIO) -> AsyncGenerator[str, None]:
    """Yield what is written to `stream` in UTF-8, as it comes, to its end.

    A read cannot be cancelled: the thread that waits for it ends with the program.
    """
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[bytes] = asyncio.Queue()  # bounded by what the user writes

    def read() -> None:
        while True:
            piece = os.read(stream.fileno(), PIECE)
            if loop.is_closed():
                return
            loop.call_soon_threadsafe(pieces.put_nowait, piece)
            if not piece:
                return

    Thread(target=read, name="standard-input", daemon=True).start()
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while piece := await pieces.get():
        if text := decoder.decode(piece):
            yield text
    if text := decoder.decode(b"", final=True):
        yield text
