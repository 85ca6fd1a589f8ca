"""One client's connection: what it sends that is no HTTP is answered like every other error."""

import asyncio
import json
import logging
import socket
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

from wyoming_indextts.edges.http.answers import error_answer, error_body
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.errors import BadHeaderError, BusyError, TooLargeError

log = logging.getLogger(__name__)

UNSENT: Final = 64 * 1024
"""Bytes that the system holds of an answer beyond what is on its way: with its own megabytes, a
client that reads slowly would hear minutes of speech after it was cancelled."""

LINE: Final = 64 * 1024
"""Longest request line: texts of some thousand characters may stand in an address."""


class Talk(web.RequestHandler):
    """Reads requests and writes answers."""

    __slots__ = ()

    def __init__(self, manager: web.Server, options: HttpOptions) -> None:
        super().__init__(
            manager,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type]
            auto_decompress=False,  # what is small may grow without a bound
            keepalive_timeout=options.idle_timeout,
            lingering_time=options.body_timeout,
            max_line_size=LINE,
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, with as little in between as goes."""
        super().connection_made(transport)
        limit = getattr(socket, "TCP_NOTSENT_LOWAT", None)  # not on every system
        connected: socket.socket | None = transport.get_extra_info("socket")
        if limit is not None and connected is not None:
            connected.setsockopt(socket.IPPROTO_TCP, limit, UNSENT)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what could not be read; anything else is a bug, and logged as one."""
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        log.debug("%s sent what is no request", request.remote)
        if isinstance(exc, LineTooLong):
            answer = error_answer(TooLargeError("the head of the request is too long"))
        else:
            answer = error_answer(BadHeaderError("the head of the request cannot be read"))
        answer.force_close()
        return answer


class Refusal(asyncio.Protocol):
    """Tells a client that there is no room, and hangs up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answer before anything is asked."""
        if isinstance(transport, asyncio.WriteTransport):
            body = json.dumps(error_body(BusyError("too many connections"))).encode()
            head = (
                "HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\n"
                f"Connection: close\r\nRetry-After: 1\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            transport.write(head.encode() + body)
        transport.close()
