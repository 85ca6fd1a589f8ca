"""One WebRTC peer: a session whose messages go through a data channel and whose sound is a track.

A peer without a channel only listens: what it hears is asked for elsewhere, by the session's id.

No server outside is asked for anything unless the settings name one (STUN, TURN). Names of the
browser's own in its offer (`.local`) are passed over: resolving them takes a second, and the peer
is found by what it sends anyway.
"""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)

from wyoming_indextts.edges.http.asker import Asked
from wyoming_indextts.edges.http.options import HttpOptions, IceServer
from wyoming_indextts.edges.http.opus import QUALITIES, Quality
from wyoming_indextts.edges.http.session import Session
from wyoming_indextts.edges.http.track import SpeechTrack
from wyoming_indextts.edges.http.traffic import Traffic
from wyoming_indextts.errors import BadDataError, SpeechError, UnsupportedError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.speaker import Speaker

log = logging.getLogger(__name__)

CONNECT: Final = 15.0
"""Seconds in which a peer must have opened its channel, or be connected if it wants none."""

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
        self._options = options
        self._traffic = traffic
        self._connection = RTCPeerConnection(RTCConfiguration(_ice(options.ice_servers)))
        self._track = SpeechTrack(self._count)
        self._sender: RTCRtpSender | None = None
        self.session = Session(speaker, self, options, asked)
        """What is spoken to it."""
        self._channel: RTCDataChannel | None = None
        self._mute = False
        self._inbox: asyncio.Queue[str] = asyncio.Queue(MESSAGES)
        self._opened = asyncio.Event()
        self._gone = asyncio.Event()
        self._connection.on("datachannel", self._open)
        self._connection.on("connectionstatechange", self._look)

    async def answer(self, offer: str) -> str:
        """Return the answer to an offer, both SDP.

        Raises:
            BadDataError, UnsupportedError: it is none, or not one for audio.
        """
        lines = [line for line in offer.splitlines() if not _is_hidden(line)]
        self._mute = not any(line.startswith("m=application") for line in lines)
        if not any(line.startswith("m=audio") for line in lines):
            raise UnsupportedError("the offer has no audio")
        try:
            described = RTCSessionDescription("\r\n".join(lines) + "\r\n", "offer")
            await self._connection.setRemoteDescription(described)
            self._sender = self._connection.addTrack(self._track)
            answer = await self._connection.createAnswer()
            await self._connection.setLocalDescription(answer)
        except Exception as error:  # the library's parser raises whatever its code runs into
            log.debug("an offer could not be read: %r", error)
            raise BadDataError("the offer is no SDP that can be answered") from error
        return self._connection.localDescription.sdp

    async def run(self) -> None:
        """Hold the session until the peer has gone, or does not come."""
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(CONNECT):
                    await self._opened.wait()
            if self._opened.is_set() and not self._gone.is_set():
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
        self._gone.set()
        self._opened.set()

    async def close(self) -> None:
        """Let go of the connection."""
        self._track.stop()
        self._connection.remove_all_listeners()
        await self._connection.close()

    async def tell(self, message: Mapping[str, object]) -> None:
        """Send a message; one that has no ear for them does without."""
        if self._mute and not self._gone.is_set():
            return
        channel = self._channel
        if channel is None or channel.readyState != "open" or channel.bufferedAmount > BUFFERED:
            self.leave()
            raise ConnectionAbortedError("the peer has gone, or takes nothing")
        channel.send(json.dumps(message, ensure_ascii=False))

    async def sound(self, pcm: Pcm) -> None:
        """Send sound, in the time it takes."""
        await self._track.put(pcm)

    async def flush(self) -> None:
        """Wait until all of an utterance's sound has been sent."""
        await self._track.flush()

    def drop(self) -> None:
        """Fall silent."""
        self._track.drop()

    async def _hold(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                working = [
                    tasks.create_task(self.session.run(), name="peer-session"),
                    tasks.create_task(self._receive(), name="peer-receive"),
                    tasks.create_task(self._adapt(), name="peer-adapt"),
                ]
                await self._gone.wait()
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
            if self._sender is not None:
                stats = await self._sender.getStats()
                lost = [
                    s.fractionLost / 256 for s in stats.values() if s.type == "remote-inbound-rtp"
                ]
                if lost:
                    self._track.quality = better(self._track.quality, lost[0])

    def _open(self, channel: RTCDataChannel) -> None:
        if self._channel is not None:
            return
        self._channel = channel
        channel.on("message", self._take)
        channel.on("close", self.leave)
        self._opened.set()

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

    def _look(self) -> None:
        if self._mute and self._connection.connectionState == "connected":
            self._opened.set()
        if self._connection.connectionState in ("failed", "closed"):
            self.leave()


def better(quality: Quality, lost: float) -> Quality:
    """Return the quality for a line that loses this part of the packets."""
    place = QUALITIES.index(quality)
    if lost > MUCH:
        place = min(place + 1, len(QUALITIES) - 1)
    elif lost < LITTLE:
        place = max(place - 1, 0)
    return QUALITIES[place]


def _ice(servers: Sequence[IceServer]) -> list[RTCIceServer]:
    return [RTCIceServer(server.url, server.username, server.credential) for server in servers]


def _is_hidden(line: str) -> bool:
    """Return whether it is a candidate under a browser's made-up name."""
    return line.startswith("a=candidate:") and ".local " in line
