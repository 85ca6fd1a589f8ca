"""`/ws`: a session over a WebSocket, messages in text frames and sound in binary ones."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from aiohttp import WSCloseCode, WSMsgType, web

from wyoming_indextts.edges.http.asker import asked_of
from wyoming_indextts.edges.http.asking import check_known, fields_of_query
from wyoming_indextts.edges.http.hall import Hall
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.route import Route
from wyoming_indextts.edges.http.session import Session
from wyoming_indextts.edges.http.traffic import BEGUN, Traffic
from wyoming_indextts.errors import BadRequestError, SpeechError, UnsupportedError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.speaker import Speaker

if TYPE_CHECKING:
    from wyoming_indextts.edges.http.opus_frames import OpusFrames

log = logging.getLogger(__name__)

FORMATS: Final = ("pcm", "opus")
"""What a client may want its sound to be."""

MEND: Final = 'pip install "wyoming-indextts[webrtc]"'


class WebSockets:
    """Holds the sessions over WebSockets."""

    def __init__(self, speaker: Speaker, options: HttpOptions, hall: Hall) -> None:
        self._speaker = speaker
        self._options = options
        self._hall = hall
        self._held: dict[web.WebSocketResponse, Session] = {}  # bounded by options.sessions

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
        self, socket: web.WebSocketResponse, session: Session, error: SpeechError
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
        )
        if not socket.can_prepare(request).ok:
            raise BadRequestError("this address is for WebSockets only")
        with self._hall.visitors.session(request.remote):
            await socket.prepare(request)
            request[BEGUN] = socket.status
            carrier = _Carrier(request, socket, self._options, opus, self._hall.traffic)
            asked = asked_of(request)
            session = Session(self._speaker, carrier, self._options, asked, carrier.described)
            await self._hold(socket, session)
        await socket.close(code=WSCloseCode.UNSUPPORTED_DATA)
        return socket

    async def _hold(self, socket: web.WebSocketResponse, session: Session) -> None:
        self._held[socket] = session
        try:
            with self._hall.sessions.known(session):
                async with asyncio.TaskGroup() as tasks:
                    speaking = tasks.create_task(session.run(), name="ws-session")
                    async for message in socket:
                        if message.type is not WSMsgType.TEXT:
                            break
                        await session.receive(message.data)
                    speaking.cancel()
        except* ConnectionError:
            log.debug("a client has gone, or takes nothing")
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
        await self._send(self._socket.send_str(json.dumps(message, ensure_ascii=False)))

    async def sound(self, pcm: Pcm) -> None:
        """Send a binary frame of samples, or one for each packet."""
        for content in [pcm.data] if self._opus is None else self._opus.feed(pcm):
            await self._sound(content)
        if self._opus is not None:
            await asyncio.sleep(0)  # encoding took a millisecond; others have their turn

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
