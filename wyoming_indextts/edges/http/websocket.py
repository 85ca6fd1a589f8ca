"""`/ws`: a session over a WebSocket, messages in text frames and sound in binary ones.

A gateway asks for the subprotocol of `speech.wire` and gets a session of its own kind.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from aiohttp import WSCloseCode, WSMsgType, web

from wyoming_indextts.edges.http.asker import asked_of
from wyoming_indextts.edges.http.asking import check_known, fields_of_query
from wyoming_indextts.edges.http.hall import Hall
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.relay import Relay
from wyoming_indextts.edges.http.route import Route
from wyoming_indextts.edges.http.session import Session
from wyoming_indextts.edges.http.traffic import BEGUN, Traffic
from wyoming_indextts.errors import (
    BadDataError,
    BadRequestError,
    SpeechError,
    UnsupportedError,
)
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.speech.wire import PROTOCOL

if TYPE_CHECKING:
    from wyoming_indextts.edges.http.opus_frames import OpusFrames

log = logging.getLogger(__name__)

FORMATS: Final = ("pcm", "opus")
"""What a client may want its sound to be."""

MEND: Final = 'pip install "wyoming-indextts[webrtc]"'


class WebSockets:
    """Holds the sessions over WebSockets."""

    def __init__(
        self,
        speaker: Speaker,
        casting: Casting,
        options: HttpOptions,
        hall: Hall,
        path: Callable[[], Sequence[str]],
    ) -> None:
        """Take the parts; `path` gives the servers that speech goes through to be made."""
        self._path = path
        self._speaker = speaker
        self._casting = casting
        self._options = options
        self._hall = hall
        # bounded by options.sessions
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
        fields = fields_of_query(request.query)
        check_known(fields, ("format",))
        opus = self._opus(fields.get("format", "pcm"))
        socket = web.WebSocketResponse(
            heartbeat=self._options.heartbeat,
            max_msg_size=self._options.json_bytes,
            compress=False,
            timeout=self._options.drain_timeout,
            protocols=_known(request),
        )
        if not socket.can_prepare(request).ok:
            raise BadRequestError("this address is for WebSockets only")
        with self._hall.visitors.session(request.remote):
            await socket.prepare(request)
            request[BEGUN] = socket.status
            carrier = _Carrier(request, socket, self._options, opus, self._hall.traffic)
            if socket.ws_protocol is None:
                await self._talk(request, socket, carrier)
            else:
                relay = Relay(self._speaker, self._casting, carrier.send, self._options, self._path)
                await self._hold(socket, relay)
        await socket.close(code=WSCloseCode.UNSUPPORTED_DATA)
        return socket

    async def _talk(
        self, request: web.Request, socket: web.WebSocketResponse, carrier: "_Carrier"
    ) -> None:
        asked = asked_of(request)
        session = Session(self._speaker, carrier, self._options, asked, carrier.described)
        with self._hall.sessions.known(session):
            await self._hold(socket, session)

    async def _hold(self, socket: web.WebSocketResponse, session: Session | Relay) -> None:
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
            log.debug("a client has gone, or takes nothing")
        except* BadDataError as group:
            log.warning("one who asked as a gateway is none: %s", group.exceptions[0])
        finally:
            del self._held[socket]

    def _opus(self, wanted: object) -> "OpusFrames | None":
        """Return what makes the sound Opus, if that is wanted.

        Raises:
            BadRequestError: something else is.
            UnsupportedError: what makes it is not installed.
        """
        if wanted not in FORMATS:
            raise BadRequestError(f"format must be one of {', '.join(FORMATS)}")
        if wanted == "pcm":
            return None
        if find_spec("av") is None:
            raise UnsupportedError(f"opus is not installed here; {MEND}")
        from wyoming_indextts.edges.http.opus_frames import OpusFrames  # noqa: PLC0415 - of an extra

        return OpusFrames(self._speaker.rate)


def _known(request: web.Request) -> tuple[str, ...]:
    """Return our subprotocol if it is asked for; the library warns of what it does not find."""
    offered = request.headers.get("Sec-WebSocket-Protocol", "").split(",")
    return (PROTOCOL,) if PROTOCOL in map(str.strip, offered) else ()


class _Carrier:
    """Sends to one client; one that takes nothing for too long is cut off."""

    def __init__(
        self,
        request: web.Request,
        socket: web.WebSocketResponse,
        options: HttpOptions,
        opus: "OpusFrames | None",
        traffic: Traffic,
    ) -> None:
        self._request = request
        self._socket = socket
        self._patience = options.write_timeout
        self._opus = opus
        self._traffic = traffic

    @property
    def described(self) -> Mapping[str, object] | None:
        """What `hello` says of the sound, if it is not plain samples."""
        if self._opus is None:
            return None
        from wyoming_indextts.edges.http.opus_frames import PRESKIP  # noqa: PLC0415 - of an extra

        return {
            "rate": self._opus.rate, "channels": 1, "format": "opus", "preskip": PRESKIP,
        }  # fmt: skip

    async def tell(self, message: Mapping[str, object]) -> None:
        """Send a text frame."""
        await self.send(json.dumps(message, ensure_ascii=False))

    async def sound(self, pcm: Pcm) -> None:
        """Send a binary frame of samples, or one for each packet."""
        for content in [pcm.data] if self._opus is None else self._opus.feed(pcm):
            await self._sound(content)
        if self._opus is not None:
            await asyncio.sleep(0)  # encoding took a millisecond; others have their turn

    async def send(self, frame: str | bytes) -> None:
        """Send a frame of either kind; any task may."""
        if isinstance(frame, str):
            await self._send(self._socket.send_str(frame))
        else:
            await self._sound(frame)

    async def flush(self) -> None:
        """Send what was held back until a packet is full."""
        for packet in self._opus.flush() if self._opus else ():
            await self._sound(packet)

    def drop(self) -> None:
        """Forget what was held back."""
        if self._opus:
            self._opus.drop()

    async def _sound(self, content: bytes) -> None:
        await self._send(self._socket.send_bytes(content))
        self._traffic.sound["websocket"] += len(content)

    async def _send(self, sending: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await sending
        except TimeoutError:
            if self._request.transport is not None:
                self._request.transport.abort()
            raise ConnectionAbortedError("the client takes nothing") from None
