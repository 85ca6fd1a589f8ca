"""A program that speaks the control protocol over a WebSocket."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
from aiohttp import WSMsgType

from tests.edges.http_house import PATIENCE, House
from tests.tone import RATE

ENDS: Final = {"end", "cancelled", "error"}


class Client:
    """Counts the bytes of sound between messages, and keeps the frames."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.hello: dict[str, Any] = {}
        self.told: list[dict[str, Any]] = []
        self.frames: list[bytes] = []

    async def say(self, kind: str, **fields: object) -> None:
        await self.socket.send_str(json.dumps({"type": kind, **fields}))

    async def next(self) -> dict[str, Any]:
        """Return the next message; sound on its way to it is counted as a message of ours."""
        sound = 0
        async with asyncio.timeout(PATIENCE):
            while (frame := await self.socket.receive()).type is WSMsgType.BINARY:
                sound += len(frame.data)
                self.frames.append(frame.data)
        assert frame.type is WSMsgType.TEXT, frame
        if sound:
            self.told.append({"type": "sound", "seconds": sound / 2 / RATE})
        message: dict[str, Any] = json.loads(frame.data)
        self.told.append(message)
        return message

    async def until(self, *kinds: str) -> dict[str, Any]:
        """Return the first message of one of these kinds."""
        while (message := await self.next())["type"] not in kinds:
            pass
        return message

    async def ended(self, name: str) -> dict[str, Any]:
        """Return the message that ends an utterance."""
        while (message := await self.until(*ENDS)).get("id") != name:
            pass
        return message

    @property
    def kinds(self) -> list[str]:
        """What was told so far."""
        return [str(message["type"]) for message in self.told]


@asynccontextmanager
async def talking(house: House, path: str = "/ws") -> AsyncGenerator[Client, None]:
    """Be greeted."""
    async with house.client.ws_connect(path) as socket:
        client = Client(socket)
        client.hello = await client.next()
        assert client.hello["type"] == "hello"
        client.told.clear()
        yield client
