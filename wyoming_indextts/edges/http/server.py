"""The HTTP server: puts the routes together, listens, and ends every answer in order."""

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from wyoming_indextts.edges.http.answers import errors_as_json
from wyoming_indextts.edges.http.asker import numbered, tell_number
from wyoming_indextts.edges.http.asking import SOURCE
from wyoming_indextts.edges.http.enrolment import Enrolment
from wyoming_indextts.edges.http.guard import Guard
from wyoming_indextts.edges.http.hall import Hall
from wyoming_indextts.edges.http.health import Health
from wyoming_indextts.edges.http.house import House
from wyoming_indextts.edges.http.ledger import Ledger
from wyoming_indextts.edges.http.linked import Linked
from wyoming_indextts.edges.http.login import Login
from wyoming_indextts.edges.http.metrics import Metrics
from wyoming_indextts.edges.http.openai import OpenAI
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.page_files import PageFiles
from wyoming_indextts.edges.http.plain import PlainSpeech
from wyoming_indextts.edges.http.preview import Previews
from wyoming_indextts.edges.http.proxies import Proxies
from wyoming_indextts.edges.http.reference import Reference
from wyoming_indextts.edges.http.route import Route
from wyoming_indextts.edges.http.sessions import Sessions
from wyoming_indextts.edges.http.speaking import Speech
from wyoming_indextts.edges.http.stopping import Stopping
from wyoming_indextts.edges.http.talk import Refusal, Talk
from wyoming_indextts.edges.http.traffic import Traffic
from wyoming_indextts.edges.http.visitors import Visitors
from wyoming_indextts.edges.http.voices import VoiceList
from wyoming_indextts.edges.http.websocket import WebSockets
from wyoming_indextts.edges.http.whep import Peers
from wyoming_indextts.errors import ShutdownError
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.deeds import Recorder, unrecorded
from wyoming_indextts.speech.links import Links
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.speech.vitals import Dials

log = logging.getLogger(__name__)

BACKLOG: Final = 256
"""Connections the system may hold before they are accepted."""

Address = tuple[str, int]
"""Host and port."""


@dataclass(frozen=True, slots=True)
class Served:
    """What is served; `ready` tells whether an engine is loaded, `links` what may be fetched.

    `enrolment` is who enrols voices, None: nobody. `record` gets what is done and what is refused.
    `dials` is what the metrics show of the rest of the house.
    `path` gives the servers that speech goes through to be made, for gateways.
    """

    speaker: Speaker
    casting: Casting
    ready: Callable[[], bool]
    links: Links = field(default_factory=Links)
    enrolment: Enrolment | None = None
    record: Recorder = unrecorded
    dials: Dials = field(default_factory=Dials)
    path: Callable[[], Sequence[str]] = tuple


class HttpServer:
    """Answers over HTTP with one speaker."""

    def __init__(self, served: Served, options: HttpOptions | None = None) -> None:
        self._served = served
        self._options = options or HttpOptions()
        self._held: web.Server | None = None
        self._guard = Guard(self._options)
        self._ledger = Ledger(served.record)
        self._proxies = Proxies(self._options.trusted_proxies)
        self._hall = Hall(Sessions(), Visitors(self._options), Traffic())
        self._speech = Speech(served.speaker, self._options)
        self._sockets = WebSockets(
            served.speaker, served.casting, self._options, self._hall, served.path
        )
        self._peers = Peers(served.speaker, self._options, self._hall)
        self._voices = VoiceList(served.casting, self._options, served.enrolment)
        self._previews = Previews(served.speaker, served.casting)
        self._metrics = Metrics(served.speaker, served.dials, self._hall.traffic, self._carried)

    @asynccontextmanager
    async def listen(
        self, host: str, port: int, tls: ssl.SSLContext | None = None
    ) -> AsyncGenerator[tuple[Address, ...], None]:
        """Serve while the block runs; it gets the addresses that are listened at.

        `port` 0 takes a free one. Leaving the block, by any road, ends what is spoken here with
        `shutdown` and takes at most twice `drain_timeout` seconds.

        Raises:
            OSError: the address cannot be had.
        """
        runner = web.AppRunner(
            self._app(),
            handle_signals=False,
            handler_cancellation=True,
            shutdown_timeout=self._options.drain_timeout,
        )
        await runner.setup()
        self._held = runner.server
        try:
            loop = asyncio.get_running_loop()
            server = await loop.create_server(
                self._connected,
                host,
                port,
                ssl=tls,
                backlog=BACKLOG,
                ssl_handshake_timeout=self._options.body_timeout if tls else None,
            )
            async with self._peers.running():
                try:
                    with self._metrics.counting():
                        yield tuple(listening.getsockname()[:2] for listening in server.sockets)
                finally:
                    server.close()
                    reason = ShutdownError("the server is going down")
                    self._served.speaker.interrupt(source=SOURCE, reason=reason)
                    await self._sockets.close(reason)
                    await self._peers.close(reason)
        finally:
            await runner.cleanup()

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._held.connections) if self._held else 0

    @property
    def sessions(self) -> int:
        """How many sessions are held, over WebSockets and WebRTC."""
        return len(self._hall.sessions)

    def _carried(self) -> dict[str, int]:
        """Return how many sessions and answers sound or wait, by what carries them."""
        return {
            "http": len(self._speech),
            "websocket": len(self._sockets),
            "webrtc": len(self._peers),
        }

    def routes(self) -> Sequence[Route]:
        """Return every route there is."""
        served, options = self._served, self._options
        casting = served.casting
        speech = self._speech
        plain = PlainSpeech(speech, self._hall.sessions, options)
        return [
            *Health(served.ready, served.dials).routes(),
            *self._metrics.routes(),
            *plain.routes(),
            *Stopping(served.speaker, self._hall.sessions, plain, options).routes(),
            *OpenAI(speech, casting.voices, casting.presets, options).routes(),
            *Linked(served.links, options).routes(),
            *House(casting, options).routes(),
            *self._voices.routes(),
            *self._previews.routes(),
            *PageFiles().routes(),
            *Reference().routes(),
            *self._sockets.routes(),
            *self._peers.routes(),
            *Login(self._guard, options).routes(),
        ]

    def _app(self) -> web.Application:
        hall = self._hall
        app = web.Application(
            middlewares=[
                numbered,
                self._proxies.unveil,
                hall.traffic.count,
                errors_as_json,
                hall.visitors.admit,
            ]
        )
        for route in self.routes():
            guarded = self._guard.guarded(route)
            handler = self._ledger.recorded(route, guarded)
            app.router.add_route(route.method, route.path, handler)
        for path in {route.path for route in self.routes()}:
            preflight = self._guard.preflight
            answer = self._peers.told(preflight) if path == "/whep" else preflight
            app.router.add_route("OPTIONS", path, answer)
        app.on_response_prepare.append(self._guard.mark)
        app.on_response_prepare.append(tell_number)
        return app

    def _connected(self) -> asyncio.BaseProtocol:
        """Return what talks to one more client."""
        if self._held is None or self.connections >= self._options.connections:
            return Refusal()
        return Talk(self._held, self._options)
