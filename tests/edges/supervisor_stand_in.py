"""Home Assistant's Supervisor as far as an app needs it, on loopback."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

TOKEN: Final = "what-the-supervisor-knows-us-by"  # noqa: S105 - a test's

UUID: Final = "5c7ad2a4c1a34d1c8a7a9b4f0f0c2d11"


@dataclass
class StandIn:
    """What a test may look at and set."""

    url: str = ""
    mqtt: dict[str, Any] | None = None
    """The service that another app provides."""

    instead: web.Response | bytes | None = None
    """What everything is answered with, in place of the truth; bytes: as they are, and no more."""

    late: float = 0.0
    """Seconds before anything is answered."""

    asked: list[tuple[str, Any]] = field(default_factory=list)
    """Method and path, and the body."""

    def bodies(self, what: str) -> list[Any]:
        """Return the bodies of one kind of request, such as `POST /discovery`."""
        return [body for asked, body in self.asked if asked == what]

    async def until(self, what: str, count: int = 1) -> None:
        """Wait until that was asked so often."""
        async with asyncio.timeout(10):
            while len(self.bodies(what)) < count:
                await asyncio.sleep(0.005)


@asynccontextmanager
async def supervisor(**manner: Any) -> AsyncGenerator[StandIn, None]:  # noqa: ANN401
    """Give one that knows one token."""
    it = StandIn(**manner)

    async def serve(request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        it.asked.append((f"{request.method} {request.path}", body))
        await asyncio.sleep(it.late)
        if isinstance(it.instead, bytes):
            return web.Response(body=it.instead)
        if it.instead is not None:
            return web.Response(status=it.instead.status, body=it.instead.body)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401, text="401: Unauthorized")
        return _answer(it, request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        it.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield it
    finally:
        await runner.cleanup()


def _answer(it: StandIn, request: web.Request) -> web.Response:
    match request.method, request.path:
        case "POST", "/discovery":
            return _ok({"uuid": UUID})
        case "POST", "/addons/self/options":
            return _ok({})
        case "GET", "/services/mqtt" if it.mqtt is not None:
            return _ok(it.mqtt)
        case "GET", "/services/mqtt":
            return web.json_response(
                {"result": "error", "message": "Service not enabled"}, status=400
            )
        case _:
            return web.Response(status=404, text="404: Not Found")


def _ok(data: dict[str, Any]) -> web.Response:
    return web.json_response({"result": "ok", "data": data})
