"""Home Assistant's REST interface as far as announcements need it, on loopback."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

TOKEN = "a-long-lived-one"  # noqa: S105 - a test's


@dataclass
class Hub:
    """What a test may look at and set."""

    url: str = ""
    status: int = 200
    fetches: bool = True
    late: float = 0.0
    """Seconds before the sound is fetched."""

    playing: float = 0.0
    """Seconds that a satellite's call takes beyond the fetching."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    sounds: list[bytes] = field(default_factory=list)
    broken: int = 0
    """Fetches that did not end in order."""

    tasks: set[asyncio.Task[None]] = field(default_factory=set)


@asynccontextmanager
async def hub(**manner: Any) -> AsyncGenerator[Hub, None]:  # noqa: ANN401
    """Give a hub that knows one token and plays what it is told to, as it is."""
    it = Hub(**manner)

    async def fetch(url: str) -> None:
        await asyncio.sleep(it.late)
        try:
            async with aiohttp.ClientSession() as client, client.get(url) as answer:
                it.sounds.append(await answer.read())
        except aiohttp.ClientError:
            it.broken += 1

    async def serve(request: web.Request) -> web.Response:
        if request.headers["Authorization"] != f"Bearer {TOKEN}":
            return web.Response(status=401)
        service = request.path.removeprefix("/api/services/")
        body = await request.json()
        it.calls.append((service, body))
        if it.status != web.HTTPOk.status_code:
            return web.Response(status=it.status)
        url = body.get("media_id") or body.get("media_content_id")
        if url and it.fetches:
            fetching = asyncio.create_task(fetch(url))
            it.tasks.add(fetching)
            if "media_id" in body:
                await asyncio.shield(fetching)
                await asyncio.sleep(it.playing)
        return web.json_response([])

    app = web.Application()
    app.router.add_post("/api/services/{kind}/{service}", serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server  # noqa: SLF001 - the library has no other way to ask for the port
    it.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield it
    finally:
        for task in it.tasks:
            task.cancel()
        await asyncio.gather(*it.tasks, return_exceptions=True)
        await runner.cleanup()
