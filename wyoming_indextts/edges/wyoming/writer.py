"""Writes events to one client, whole and in order, and gives up on one that takes nothing."""

import asyncio
import json
from typing import Final

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.version import __version__ as protocol_version

from wyoming_indextts.edges.wyoming.options import WyomingOptions
from wyoming_indextts.speech.audio import BYTES_PER_SAMPLE, Pcm

PARTING: Final = 1.0
"""Seconds in which a client must have taken the last bytes before its connection is cut."""

DISCARD: Final = 64 * 1024
"""Bytes thrown away at a time while parting."""


def encode(event: Event) -> bytes:
    """Return the event's frame, in ASCII: what a client wrote can then always be sent back."""
    body = json.dumps(event.data).encode() if event.data else b""
    payload = event.payload or b""
    header: dict[str, str | int] = {"type": event.type, "version": protocol_version}
    if body:
        header["data_length"] = len(body)
    if payload:
        header["payload_length"] = len(payload)
    return b"".join((json.dumps(header).encode(), b"\n", body, payload))


class EventWriter:
    """One client's side to write to; several tasks may, frames never mix."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, options: WyomingOptions
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._patience = options.write_timeout
        writer.transport.set_write_buffer_limits(high=options.write_buffer_bytes)

    async def send(self, event: Event) -> None:
        """Send one event; see `send_frame`."""
        await self.send_frame(encode(event))

    async def send_frame(self, frame: bytes) -> None:
        """Send encoded bytes; return when the client keeps up.

        Raises:
            OSError: the client has gone, or took nothing for too long.
        """
        self._writer.write(frame)
        async with asyncio.timeout(self._patience):
            await self._writer.drain()

    async def part(self, *last: Event) -> None:
        """Send `last`, say that nothing follows, and wait a moment until the client has gone.

        Closing at once would reset the connection if the client has sent something unread,
        and a reset may overtake what it is still to hear.
        """
        for event in last:
            self._writer.write(encode(event))
        try:
            async with asyncio.timeout(PARTING):
                self._writer.write_eof()
                while await self._reader.read(DISCARD):
                    pass
        except OSError:
            pass  # gone, or still sending after its time

    async def close(self) -> None:
        """Close the connection, whatever the client does."""
        self._writer.close()
        try:
            async with asyncio.timeout(PARTING):
                await self._writer.wait_closed()
        except OSError:
            pass  # broken or stuck: either way it ends here
        finally:
            self._writer.transport.abort()


class AudioCycle:
    """One audio-start, chunks with continuous timestamps, one audio-stop."""

    def __init__(self, writer: EventWriter) -> None:
        self._writer = writer
        self._rate = 0
        self._samples = 0

    async def play(self, pcm: Pcm) -> None:
        """Send a run of sound, at most 0.1 s; the first one opens the cycle."""
        if not self._rate:
            self._rate = pcm.rate
            start = AudioStart(pcm.rate, BYTES_PER_SAMPLE, channels=1, timestamp=0)
            await self._writer.send(start.event())
        chunk = AudioChunk(
            pcm.rate, BYTES_PER_SAMPLE, channels=1, audio=pcm.data, timestamp=self._milliseconds
        )
        self._samples += len(pcm.data) // BYTES_PER_SAMPLE
        await self._writer.send(chunk.event())

    async def end(self) -> None:
        """Close the cycle if it was opened."""
        if self._rate:
            await self._writer.send(AudioStop(timestamp=self._milliseconds).event())

    @property
    def _milliseconds(self) -> int:
        return self._samples * 1000 // self._rate
