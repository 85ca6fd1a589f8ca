"""`/ws`: a session over a WebSocket, messages in text frames and sound in binary ones.

A gateway asks for the subprotocol of `speech.wire` and gets a session of its own kind.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from aiohttp import WSCloseCode, WSMsgType, web

from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.relay import Relay
from wyoming_indextts.edges.http.route import Route
from wyoming_indextts.edges.http.session import Session
from wyoming_indextts.errors import BadDataError, BadRequestError, SpeechError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.speech.wire import PROTOCOL

log = logging.getLogger(__name__)

HEARTBEAT: Final = 20.0
"""Seconds between pings; a client that leaves one unanswered for half as long is gone."""


class WebSockets:
    """Holds the sessions over WebSockets."""

    def __init__(
        self,
        speaker: Speaker,
        casting: Casting,
        options: HttpOptions,
        path: Callable[[], Sequence[str]],
    ) -> None:
        """Take the parts; `path` gives the servers that speech goes through to be made."""
        self._path = path
        self._speaker = speaker
        self._casting = casting
        self._options = options
        # bounded by options.connections
        self._held: dict[web.WebSocketResponse, Session | Relay] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._held)

    def routes(self) -> list[Route]:
        """Return the route."""
        return [Route("GET", "/ws", self._serve, "speak")]

    async def close(self, error: SpeechError) -> None:
        """End all sessions, each utterance with `error`: the server is going down."""
        async with asyncio.TaskGroup() as tasks:
            for socket, session in self._held.items():
                tasks.create_task(self._part(socket, session, error))

    async def _part(
        self, socket: web.WebSocketResponse, session: Session | Relay, error: SpeechError
    ) -> None:
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(self._options.drain_timeout):
                await session.part(error)
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(self._options.drain_timeout):
                await socket.close(code=WSCloseCode.GOING_AWAY, message=error.code.encode())

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT,
            max_msg_size=self._options.json_bytes,
            compress=False,
            timeout=self._options.drain_timeout,
            protocols=_known(request),
        )
        if not socket.can_prepare(request).ok:
            raise BadRequestError("this address is for WebSockets only")
        await socket.prepare(request)
        session = self._session(_Carrier(request, socket, self._options), socket.ws_protocol)
        self._held[socket] = session
        try:
            async with asyncio.TaskGroup() as tasks:
                speaking = tasks.create_task(session.run(), name="ws-session")
                async for message in socket:
                    if message.type is not WSMsgType.TEXT:
                        break
                    await session.receive(message.data)
                speaking.cancel()
        except* ConnectionError:
            log.debug("%s has gone, or takes nothing", request.remote)
        except* BadDataError as group:
            log.warning("%s is no gateway: %s", request.remote, group.exceptions[0])
        finally:
            del self._held[socket]
        await socket.close(code=WSCloseCode.UNSUPPORTED_DATA)
        return socket

    def _session(self, carrier: "_Carrier", protocol: str | None) -> Session | Relay:
        if protocol is None:
            return Session(self._speaker, carrier, self._options)
        return Relay(self._speaker, self._casting, carrier.send, self._options, self._path)


def _known(request: web.Request) -> tuple[str, ...]:
    """Return our subprotocol if it is asked for; the library warns of what it does not find."""
    offered = request.headers.get("Sec-WebSocket-Protocol", "").split(",")
    return (PROTOCOL,) if PROTOCOL in map(str.strip, offered) else ()


class _Carrier:
    """Sends to one client; one that takes nothing for too long is cut off."""

    def __init__(
        self, request: web.Request, socket: web.WebSocketResponse, options: HttpOptions
    ) -> None:
        self._request = request
        self._socket = socket
        self._patience = options.write_timeout

    async def tell(self, message: Mapping[str, object]) -> None:
        """Send a text frame."""
        await self.send(json.dumps(message, ensure_ascii=False))

    async def sound(self, pcm: Pcm) -> None:
        """Send a binary frame."""
        await self.send(pcm.data)

    async def send(self, frame: str | bytes) -> None:
        """Send a frame of either kind; any task may."""
        if isinstance(frame, str):
            await self._send(self._socket.send_str(frame))
        else:
            await self._send(self._socket.send_bytes(frame))

    async def flush(self) -> None:
        """Do nothing: what was sent is on its way."""

    def drop(self) -> None:
        """Do nothing: nothing is held back here."""

    async def _send(self, sending: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await sending
        except TimeoutError:
            if self._request.transport is not None:
                self._request.transport.abort()
            raise ConnectionAbortedError("the client takes nothing") from None
