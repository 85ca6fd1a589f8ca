"""One WebRTC connection: an offer is answered with a track, and it is told when the peer has gone.

No server outside is asked for anything unless the settings name one (STUN, TURN). Names of the
browser's own in its offer (`.local`) are passed over: resolving them takes a second, and the peer
is found by what it sends anyway.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)

from wyoming_indextts.edges.http.options import IceServer
from wyoming_indextts.errors import BadDataError, UnsupportedError

log = logging.getLogger(__name__)

CONNECT: Final = 15.0
"""Seconds in which a peer must have come."""


LOOK: Final = 5.0
"""Seconds between two looks at whether a peer is still heard of; browsers report as often."""

SILENT: Final = 5
"""Looks without a sign after which a peer has gone that gave signs before. ICE takes up to 39 s."""


class Wire:
    """Sends one track; `take` is called with each text of the peer's channel, if it has one."""

    def __init__(self, servers: Sequence[IceServer], track: MediaStreamTrack) -> None:
        self._connection = RTCPeerConnection(RTCConfiguration(_ice(servers)))
        self._track = track
        self._sender: RTCRtpSender | None = None
        self._here = asyncio.Event()
        self.gone = asyncio.Event()
        """Set when the peer has left, or is to."""
        self.channel: RTCDataChannel | None = None
        """What carries messages, once it is open; plain players have none."""
        self.take: Callable[[str | bytes], None] = lambda _: None
        self._has_channel = False
        self._connection.on("datachannel", self._open)
        self._connection.on("connectionstatechange", self._look)

    async def answer(self, offer: str) -> str:
        """Return the answer to an offer, both SDP.

        Raises:
            BadDataError, UnsupportedError: it is none, or not one for audio.
        """
        lines = [line for line in offer.splitlines() if not _is_hidden(line)]
        if not any(line.startswith("m=audio") for line in lines):
            raise UnsupportedError("the offer has no audio")
        self._has_channel = any(line.startswith("m=application") for line in lines)
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

    async def come(self) -> bool:
        """Wait until the peer is there, its channel too if it has one; false: it does not come."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CONNECT):
                await self._here.wait()
        return self._here.is_set() and not self.gone.is_set()

    def leave(self) -> None:
        """End it."""
        self.gone.set()
        self._here.set()

    async def lost(self) -> float | None:
        """Return the part of the packets that the peer says it lost lately; None: it is silent."""
        stats = await self._sender.getStats() if self._sender else {}
        told = [s.fractionLost / 256 for s in stats.values() if s.type == "remote-inbound-rtp"]
        return told[0] if told else None

    async def watch(self) -> None:
        """Wait until it has ended; end it if the peer is not heard of any more.

        That is seen by its reports on what it receives; a peer that never reports is left to ICE.
        """
        received, signs, silent = await self._received(), False, 0
        while not await self._gone_within(LOOK):
            now = await self._received()
            signs, silent = (True, 0) if now != received else (signs, silent + 1)
            received = now
            if signs and silent >= SILENT:
                self.leave()

    async def _gone_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.gone.wait()
        return self.gone.is_set()

    async def close(self) -> None:
        """Let go of the connection."""
        self._track.stop()
        self._connection.remove_all_listeners()
        await self._connection.close()

    async def _received(self) -> int:
        """Return how many packets came from the peer."""
        stats = await self._connection.getStats()
        return sum(it.packetsReceived for it in stats.values() if it.type == "transport")

    def _open(self, channel: RTCDataChannel) -> None:
        if self.channel is not None:
            return
        self.channel = channel
        channel.on("message", self.take)
        channel.on("close", self.leave)
        self._here.set()

    def _look(self) -> None:
        state = self._connection.connectionState
        if state in ("failed", "closed"):
            self.leave()
        elif state == "connected" and not self._has_channel:
            self._here.set()


def _ice(servers: Sequence[IceServer]) -> list[RTCIceServer]:
    return [RTCIceServer(server.url, server.username, server.credential) for server in servers]


def _is_hidden(line: str) -> bool:
    """Return whether it is a candidate under a browser's made-up name."""
    return line.startswith("a=candidate:") and ".local " in line
