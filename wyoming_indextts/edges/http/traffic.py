"""What goes through the HTTP server, counted: answers by route, sound by the way it takes."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final, Literal

from aiohttp import web

Transport = Literal["http", "websocket", "webrtc"]
"""Ways that sound takes."""

TRANSPORTS: Final[tuple[Transport, ...]] = ("http", "websocket", "webrtc")

METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""Methods that are told apart; clients may send whatever they like."""

NOWHERE: Final = "none"
"""The route of a request that leads nowhere."""

SYNTHETIC: Final = "X-Synthetic-Speech"
"""The header of every answer that is sound."""

GONE: Final = 499
"""The status of an answer whose client left before its end, as nginx has it."""

BROKEN: Final = 500
"""The status of an answer that a bug of ours made."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


BEGUN: Final = web.RequestKey("begun", int)
"""Where a request keeps the status of an answer that ends whenever its client likes."""


class Traffic:
    """Counts. Belongs to the event loop's thread."""

    def __init__(self) -> None:
        self.answers: Counter[tuple[str, str, int]] = Counter()
        """By method, route and status: bounded by the routes there are."""
        self.sound: Counter[Transport] = Counter()
        """Bytes of sound, as they were packed."""

    @web.middleware
    async def count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count the answer to a request when it has ended."""
        status = BROKEN
        request[TRAFFIC] = self
        try:
            answer = await handler(request)
            status = answer.status
            if isinstance(answer, web.Response) and SYNTHETIC in answer.headers:
                self.sound["http"] += len(answer.body) if isinstance(answer.body, bytes) else 0
        except asyncio.CancelledError:
            status = request.get(BEGUN, GONE)
            raise
        except web.HTTPException as answer_raised:
            status = answer_raised.status
            raise
        else:
            return answer
        finally:
            method = request.method if request.method in METHODS else "other"
            self.answers[method, _route(request), status] += 1


TRAFFIC: Final = web.RequestKey("traffic", Traffic)
"""Where a request keeps who counts it."""


def count_sound(request: web.Request, size: int) -> None:
    """Count bytes of sound that were sent in the answer to a request."""
    if (traffic := request.get(TRAFFIC)) is not None:
        traffic.sound["http"] += size


def _route(request: web.Request) -> str:
    """Return the route's pattern: never what stands in the address itself."""
    resource = request.match_info.route.resource
    return NOWHERE if resource is None else resource.canonical
