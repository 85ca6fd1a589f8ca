"""Clients of the web side without a browser: what each waits for, in seconds."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

PATIENCE: Final = 20.0
"""Seconds that anything may take."""

FIRST: Final = 480
"""Samples that count as first sound: 20 ms."""


async def first_byte(client: aiohttp.ClientSession, text: str) -> float:
    """Return when 20 ms of sound were there, asked for over a connection that is open."""
    asked = time.monotonic()
    async with client.get("/stream", params={"text": text}) as answer:
        await answer.content.readexactly(2 * FIRST)
        first = time.monotonic() - asked
        await answer.read()
    return first


async def left(client: aiohttp.ClientSession, text: str, listens: float) -> float:
    """Ask for speech, listen for so long, and hang up; return when that was (time.monotonic)."""
    async with client.get("/stream", params={"text": text}) as answer:
        await answer.content.readexactly(2 * FIRST)
        try:
            async with asyncio.timeout(listens):
                while await answer.content.readany():
                    pass
        except TimeoutError:
            pass
        gone = time.monotonic()
        answer.close()
    return gone


class Talker:
    """A session over a WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0

    async def first_sound(self, text: str) -> float:
        """Return when the first frame of sound was there; the rest is read."""
        asked = await self._speak(text)
        await self._sound()
        first = time.monotonic() - asked
        await self._until("end")
        return first

    async def cancelled(self, text: str, listens: float) -> tuple[float, float]:
        """Cancel after so long; return when the last sound came and when that was told."""
        await self._speak(text)
        last = await self._sound()
        try:
            async with asyncio.timeout(listens):
                while True:
                    await self._sound()
        except TimeoutError:
            pass
        asked = last = time.monotonic()
        await self._socket.send_json({"type": "cancel"})
        while True:
            message = await self._socket.receive(PATIENCE)
            if message.type is aiohttp.WSMsgType.BINARY:
                last = time.monotonic()
            elif json.loads(message.data)["type"] == "cancelled":
                return last - asked, time.monotonic() - asked

    async def _speak(self, text: str) -> float:
        self._number += 1
        asked = time.monotonic()
        await self._socket.send_json({"type": "speak", "id": str(self._number), "text": text})
        return asked

    async def _sound(self) -> float:
        while (await self._socket.receive(PATIENCE)).type is not aiohttp.WSMsgType.BINARY:
            pass
        return time.monotonic()

    async def _until(self, kind: str) -> None:
        while True:
            message = await self._socket.receive(PATIENCE)
            if message.type is aiohttp.WSMsgType.TEXT and json.loads(message.data)["type"] == kind:
                return


@asynccontextmanager
async def talking(client: aiohttp.ClientSession, form: str = "pcm") -> AsyncGenerator[Talker, None]:
    """Open a session over a WebSocket."""
    async with client.ws_connect("/ws", params={"format": form}) as socket:
        await socket.receive(PATIENCE)  # hello
        yield Talker(socket)


class Listener:
    """A session over WebRTC, whose sound is not looked at."""

    def __init__(self) -> None:
        self._connection = RTCPeerConnection(RTCConfiguration([]))
        self._channel = self._connection.createDataChannel("control")
        self._told: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self._channel.on("message", lambda text: self._told.put_nowait(json.loads(text)))
        self._connection.addTransceiver("audio", "recvonly")
        self._address = ""

    async def connect(self, client: aiohttp.ClientSession) -> float:
        """Be greeted; return after how long."""
        began = time.monotonic()
        await self._connection.setLocalDescription(await self._connection.createOffer())
        sdp = {"Content-Type": "application/sdp"}
        offer = self._connection.localDescription.sdp
        async with client.post("/whep", data=offer, headers=sdp) as answer:
            answer.raise_for_status()
            self._address = answer.headers["Location"]
            described = RTCSessionDescription(await answer.text(), "answer")
        await self._connection.setRemoteDescription(described)
        await self._until("hello")
        return time.monotonic() - began

    async def hear(self, text: str) -> None:
        """Have a text spoken to its end."""
        self._channel.send(json.dumps({"type": "speak", "id": "1", "text": text}))
        await self._until("end")

    async def end(self, client: aiohttp.ClientSession) -> None:
        """Tell the server that it is over."""
        async with client.delete(f"/{self._address}") as answer:
            answer.raise_for_status()

    async def close(self) -> None:
        """Leave."""
        await self._connection.close()

    async def _until(self, kind: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while (await self._told.get())["type"] != kind:
                pass
