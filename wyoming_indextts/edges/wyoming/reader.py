"""Reads a client's events with a limit on every size and every wait."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

from wyoming.event import Event

from wyoming_indextts.edges.wyoming.framing import Framing
from wyoming_indextts.edges.wyoming.options import WyomingOptions
from wyoming_indextts.errors import SpeechError, TimedOutError

PIECE: Final = 4096
"""Bytes taken at a time; the smallest events in it are handled in about 3 ms."""


async def received(
    stream: asyncio.StreamReader, options: WyomingOptions
) -> AsyncGenerator[Event | SpeechError, None]:
    """Yield events until the client leaves, an error in place of each unusable one.

    A client may be silent for ever between events, not inside one. However much it sends,
    other tasks get their turn after each piece of it.

    Raises:
        BadHeaderError, BadLengthError, TooLargeError: the stream cannot be read on.
        TimedOutError: an event was begun and not completed in time.
        OSError: the connection broke.
    """
    loop = asyncio.get_running_loop()
    framing = Framing(options)
    deadline: float | None = None
    while piece := await _read(stream, deadline, options.event_timeout):
        began_here = not framing.midway
        for event in framing.feed(piece):
            began_here = True
            yield event
        if not framing.midway:
            deadline = None
        elif began_here:
            deadline = loop.time() + options.event_timeout
        await asyncio.sleep(0)


async def _read(stream: asyncio.StreamReader, deadline: float | None, limit: float) -> bytes:
    """Return the next piece, empty at the end of the stream."""
    waiting = asyncio.timeout_at(deadline)
    try:
        async with waiting:
            return await stream.read(PIECE)
    except TimeoutError:
        if not waiting.expired():
            raise  # the operating system's, about the connection
        raise TimedOutError(f"an event was not complete after {limit:g} s") from None
