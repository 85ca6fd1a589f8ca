"""One WebRTC peer: a session whose messages go through a data channel and whose sound is a track.

A plain player has no channel, and hears what is asked for elsewhere, by its session's id. A
listener hears what is spoken in the session of somebody else.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from wyoming_indextts.edges.http.asker import Asked
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.quality import QUALITIES, Quality
from wyoming_indextts.edges.http.session import Session
from wyoming_indextts.edges.http.track import RelayTrack, SpeechTrack
from wyoming_indextts.edges.http.traffic import Traffic
from wyoming_indextts.edges.http.wire import Wire
from wyoming_indextts.errors import SpeechError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.speaker import Speaker

log = logging.getLogger(__name__)

MESSAGES: Final = 256
"""Messages of a peer that wait; one that sends more is parted with."""

BUFFERED: Final = 1024 * 1024
"""Bytes that may wait for a peer in its channel; more, and it takes nothing."""

LOOK: Final = 5.0
"""Seconds between two looks at how much a peer loses."""

MUCH, LITTLE = 0.08, 0.01
"""Parts of packets lost above which a worse, and below which a better line is assumed."""


class Peer:
    """One peer; also the outbox of its session."""

    def __init__(
        self, speaker: Speaker, options: HttpOptions, asked: Asked, traffic: Traffic
    ) -> None:
        quality = options.qualities[min(1, len(options.qualities) - 1)]
        self.track = SpeechTrack(quality, self._count)
        """What is heard in this session."""
        self.session = Session(speaker, self, options, asked)
        """What is spoken to it."""
        self._options = options
        self._traffic = traffic
        self._wire = Wire(options.ice_servers, self.track)
        self._wire.take = self._take
        self._inbox: asyncio.Queue[str] = asyncio.Queue(MESSAGES)

    @property
    def id(self) -> str:
        """Its session's, a secret."""
        return self.session.id

    async def answer(self, offer: str) -> str:
        """Return the answer to an offer, both SDP.

        Raises:
            BadDataError, UnsupportedError: see `Wire.answer`.
        """
        return await self._wire.answer(offer)

    async def run(self) -> None:
        """Hold the session until the peer has gone, or does not come."""
        try:
            if await self._wire.come():
                await self._hold()
        finally:
            await self.close()

    async def part(self, error: SpeechError) -> None:
        """End every utterance with `error`, tell so, and close."""
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(self._options.drain_timeout):
                await self.session.part(error)
        self.leave()

    def leave(self) -> None:
        """End the session."""
        self._wire.leave()

    async def close(self) -> None:
        """Let go of the connection."""
        await self._wire.close()

    async def tell(self, message: Mapping[str, object]) -> None:
        """Send a message, if the peer takes any."""
        channel = self._wire.channel
        if channel is None:
            return
        if channel.readyState != "open" or channel.bufferedAmount > BUFFERED:
            self.leave()
            raise ConnectionAbortedError("the peer has gone, or takes nothing")
        channel.send(json.dumps(message, ensure_ascii=False))

    async def sound(self, pcm: Pcm) -> None:
        """Send sound, in the time it takes."""
        await self.track.put(pcm)

    async def flush(self) -> None:
        """Wait until all of an utterance's sound has been sent."""
        await self.track.flush()

    def drop(self) -> None:
        """Fall silent."""
        self.track.drop()

    async def _hold(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                working = [
                    tasks.create_task(self.session.run(), name="peer-session"),
                    tasks.create_task(self._receive(), name="peer-receive"),
                    tasks.create_task(self._adapt(), name="peer-adapt"),
                ]
                await self._wire.watch()
                for task in working:
                    task.cancel()
        except* ConnectionError:
            log.debug("a peer has gone")

    async def _receive(self) -> None:
        while True:
            await self.session.receive(await self._inbox.get())

    async def _adapt(self) -> None:
        """Encode the next utterance for the line as it is now."""
        while True:
            await asyncio.sleep(LOOK)
            lost = await self._wire.lost()
            if lost is not None:
                self.track.quality = better(self.track.quality, lost, self._options.qualities)

    def _take(self, message: str | bytes) -> None:
        if not isinstance(message, str) or len(message) > self._options.json_bytes:
            self.leave()
            return
        try:
            self._inbox.put_nowait(message)
        except asyncio.QueueFull:
            self.leave()

    def _count(self, size: int) -> None:
        self._traffic.sound["webrtc"] += size


class Listener:
    """One who hears what is spoken in another peer's session."""

    def __init__(self, heard: Peer, options: HttpOptions) -> None:
        self.id = secrets.token_urlsafe(16)
        """A secret of its own."""
        self._heard = heard
        self._track = RelayTrack()
        self._wire = Wire(options.ice_servers, self._track)

    async def answer(self, offer: str) -> str:
        """Return the answer to an offer, both SDP.

        Raises:
            BadDataError, UnsupportedError: see `Wire.answer`.
        """
        return await self._wire.answer(offer)

    async def run(self) -> None:
        """Listen until either has gone."""
        try:
            if await self._wire.come():
                with self._heard.track.relayed(self._track, self.leave):
                    await self._wire.watch()
        finally:
            await self.close()

    async def part(self, _: SpeechError) -> None:
        """Close."""
        self.leave()

    def leave(self) -> None:
        """Listen no more."""
        self._wire.leave()

    async def close(self) -> None:
        """Let go of the connection."""
        await self._wire.close()


def better(quality: Quality, lost: float, qualities: Sequence[Quality] = QUALITIES) -> Quality:
    """Return which of `qualities`, best first, fits a line that loses this part of the packets."""
    place = qualities.index(quality)
    if lost > MUCH:
        place = min(place + 1, len(qualities) - 1)
    elif lost < LITTLE:
        place = max(place - 1, 0)
    return qualities[place]
