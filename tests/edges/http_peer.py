"""A WebRTC peer of another kind than a browser: what it is told, and what it hears."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from tests.edges.http_house import PATIENCE, House

LOUD: Final = 0.02


class Peer:
    """One peer; `heard` is seconds of sound that is no silence. A plain player has no channel."""

    def __init__(self, *, plain: bool = False) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration([]))
        self.told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.heard = 0.0
        self.address = ""
        self._channel: RTCDataChannel | None = None
        if not plain:
            self._channel = self.connection.createDataChannel("control")
            self._channel.on("message", lambda text: self.told.put_nowait(json.loads(text)))
        self._listening: asyncio.Task[None] | None = None
        self.connection.addTransceiver("audio", "recvonly")
        self.connection.on("track", self._listen)

    @property
    def channel(self) -> RTCDataChannel:
        assert self._channel, "a plain player has none"
        return self._channel

    async def offer(self) -> str:
        """Return an offer."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return str(self.connection.localDescription.sdp)

    async def connect(self, house: House, path: str = "/whep") -> None:
        """Be greeted, or be there."""
        sent = {"Content-Type": "application/sdp"}
        async with house.client.post(path, data=await self.offer(), headers=sent) as answer:
            assert answer.status == 201, await answer.text()
            assert answer.content_type == "application/sdp"
            self.address = answer.headers["Location"]
            described = RTCSessionDescription(await answer.text(), "answer")
        await self.connection.setRemoteDescription(described)
        if self._channel:
            assert (await self.next())["type"] == "hello"
            return
        async with asyncio.timeout(PATIENCE):
            while self.connection.connectionState != "connected":
                await asyncio.sleep(0.005)

    async def next(self) -> dict[str, Any]:
        """Return the next message."""
        async with asyncio.timeout(PATIENCE):
            return await self.told.get()

    async def until(self, *kinds: str) -> dict[str, Any]:
        """Return the first message of one of these kinds."""
        while (message := await self.next())["type"] not in kinds:
            pass
        return message

    def say(self, kind: str, **fields: object) -> None:
        """Send a message."""
        self.channel.send(json.dumps({"type": kind, **fields}))

    async def sounding(self, seconds: float = 0.05) -> None:
        """Wait until that much more is heard."""
        wanted = self.heard + seconds
        async with asyncio.timeout(PATIENCE):
            while self.heard < wanted:
                await asyncio.sleep(0.005)

    async def close(self) -> None:
        """Leave."""
        await self.connection.close()
        if self._listening:
            await self._listening

    def _listen(self, track: MediaStreamTrack) -> None:
        self._listening = asyncio.create_task(self._hear(track))

    async def _hear(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame: Any = await track.recv()
            except MediaStreamError:
                return
            samples = frame.to_ndarray().reshape(-1, 2)[:, 0] / 32768
            self.heard += float(np.mean(np.abs(samples) > LOUD) > 0.3) * frame.samples / 48_000


@asynccontextmanager
async def connected(
    house: House, path: str = "/whep", *, plain: bool = False
) -> AsyncGenerator[Peer, None]:
    """Give a peer that is there."""
    peer = Peer(plain=plain)
    try:
        await peer.connect(house, path)
        yield peer
    finally:
        await peer.close()
