"""`/whep`: sessions over WebRTC. An offer is answered; the address of the answer ends it.

With `?session=ID` the peer hears what is spoken in the session of that id, and has none of its own.

Source: draft-ietf-wish-whep-04, without trickle ICE.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack, asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from aiohttp import web
from multidict import CIMultiDict

from wyoming_indextts.edges.http.answers import error_answer, json_answer
from wyoming_indextts.edges.http.asker import asked_of
from wyoming_indextts.edges.http.body import read_bytes
from wyoming_indextts.edges.http.hall import Hall
from wyoming_indextts.edges.http.options import HttpOptions, IceServer
from wyoming_indextts.edges.http.route import Handler, Route
from wyoming_indextts.errors import (
    BadDataError,
    BusyError,
    NotFoundError,
    ShutdownError,
    SpeechError,
    UnsupportedError,
)
from wyoming_indextts.speech.speaker import Speaker

if TYPE_CHECKING:
    from wyoming_indextts.edges.http.peer import Listener, Peer

SDP: Final = "application/sdp"

LONGEST: Final = 64 * 1024
"""Bytes of an offer."""

MEND: Final = 'pip install "wyoming-indextts[webrtc]"'


class Peers:
    """Holds the sessions over WebRTC."""

    def __init__(self, speaker: Speaker, options: HttpOptions, hall: Hall) -> None:
        self._speaker = speaker
        self._options = options
        self._hall = hall
        self._held: dict[str, Peer | Listener] = {}  # bounded by options.peers
        self._tasks: asyncio.TaskGroup | None = None

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._held)

    def routes(self) -> list[Route]:
        """Return the routes; an id is a secret."""
        return [
            Route("POST", "/whep", self._offer, "speak"),
            Route("DELETE", "/whep/{id}", self._end, None),
        ]

    def told(self, preflight: Handler) -> Handler:
        """Return what answers OPTIONS: `preflight`, and whether offers are taken here at all."""

        async def answer(request: web.Request) -> web.StreamResponse:
            answer = await preflight(request)
            if _installed():
                answer.headers["Accept-Post"] = SDP
            return answer

        return answer

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        """Hold sessions while the block runs."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            try:
                yield
            finally:
                self._tasks = None
                for peer in self._held.values():
                    peer.leave()

    async def close(self, error: SpeechError) -> None:
        """End all sessions, each utterance with `error`: the server is going down."""
        async with asyncio.TaskGroup() as tasks:
            for peer in tuple(self._held.values()):
                tasks.create_task(peer.part(error))

    async def _offer(self, request: web.Request) -> web.StreamResponse:
        if request.content_type != SDP:
            return error_answer(UnsupportedError(f"the body must be {SDP}"), 415)
        if not _installed():
            raise UnsupportedError(f"WebRTC is not installed here; {MEND}")
        if self._tasks is None or len(self._held) >= self._options.peers:
            raise BusyError("no more sessions over WebRTC; a WebSocket may do")
        content = await read_bytes(request, LONGEST, self._options.body_timeout)
        try:
            offer = content.decode()
        except UnicodeDecodeError:
            raise BadDataError("the offer is not text") from None
        if self._tasks is None or len(self._held) >= self._options.peers:
            raise BusyError("no more sessions over WebRTC; a WebSocket may do")
        with ExitStack() as coming:
            coming.enter_context(self._hall.visitors.session(request.remote))
            peer = self._come(request, coming)
            self._held[peer.id] = peer
            coming.callback(self._held.pop, peer.id)
            try:
                answer = await peer.answer(offer)
                if self._tasks is None:  # meanwhile
                    raise ShutdownError("the server is going down")  # noqa: TRY301 - it closes
            except BaseException:
                await peer.close()
                raise
            self._tasks.create_task(self._hold(peer, coming.pop_all()), name="peer")
        where = [("Location", f"whep/{peer.id}"), ("Cache-Control", "no-store")]
        headers = CIMultiDict([*where, *ice_links(self._options.ice_servers)])
        return web.Response(text=answer, content_type=SDP, status=201, headers=headers)

    def _come(self, request: web.Request, coming: ExitStack) -> "Peer | Listener":
        """Return a peer whose session is known while it is there, or one that listens to another's.

        Raises:
            NotFoundError: there is no such session over WebRTC.
        """
        from wyoming_indextts.edges.http.peer import Listener, Peer  # noqa: PLC0415 - of an extra

        session = request.query.get("session")
        if session is None:
            peer = Peer(self._speaker, self._options, asked_of(request), self._hall.traffic)
            coming.enter_context(self._hall.sessions.known(peer.session))
            return peer
        heard = self._held.get(session)
        if not isinstance(heard, Peer):
            raise NotFoundError("there is no such session over WebRTC, or not any more")
        return Listener(heard, self._options)

    async def _hold(self, peer: "Peer | Listener", held: ExitStack) -> None:
        with held:
            await peer.run()

    async def _end(self, request: web.Request) -> web.StreamResponse:
        peer = self._held.get(request.match_info["id"])
        if peer is None:
            raise NotFoundError("there is no such session, or not any more")
        peer.leave()
        return json_answer({"ended": True})


def _installed() -> bool:
    return find_spec("aiortc") is not None


def ice_links(servers: Sequence[IceServer]) -> list[tuple[str, str]]:
    """Return headers that tell a client of servers which help it through a network."""
    links = []
    for server in servers:
        link = f'<{server.url}>; rel="ice-server"'
        if server.username is not None:
            link += f'; username="{_quoted(server.username)}"'
            link += f'; credential="{_quoted(server.credential or "")}"'
            link += '; credential-type="password"'
        links.append(("Link", link))
    return links


def _quoted(text: str) -> str:
    """Return what may stand between the quotes of a header."""
    return "".join(f"\\{c}" if c in '"\\' else c for c in text if c.isprintable())
