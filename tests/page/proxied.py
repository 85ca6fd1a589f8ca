"""A proxy that shows a server below a path, as Home Assistant's ingress does."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

HOP: frozenset[str] = frozenset(
    {"connection", "transfer-encoding", "content-length", "content-encoding"}
)


@asynccontextmanager
async def below(
    prefix: str,
    url: str,
    *,
    sockets: bool = True,
    mend: Callable[[str], Awaitable[str]] | None = None,
) -> AsyncGenerator[str, None]:
    """Give the address of the page at `url` below `prefix`; it may be that no WebSocket passes.

    `mend` may change what the server answers to WebRTC offers.
    """
    async with aiohttp.ClientSession(url, auto_decompress=False) as client:

        async def hand_on(request: web.Request) -> web.StreamResponse:
            path = "/" + request.match_info["path"]
            if request.headers.get("Upgrade", "").lower() == "websocket":
                if not sockets:
                    raise web.HTTPNotFound
                return await _socket(request, client, path)
            async with client.request(
                request.method,
                path,
                params=request.query,
                data=await request.read(),
                headers={"Content-Type": request.headers.get("Content-Type", "text/plain")},
            ) as answer:
                kept = {k: v for k, v in answer.headers.items() if k.lower() not in HOP}
                if mend and answer.content_type == "application/sdp":
                    mended = await mend(await answer.text())
                    return web.Response(status=answer.status, headers=kept, text=mended)
                mine = web.StreamResponse(status=answer.status, headers=kept)
                await mine.prepare(request)
                async for piece in answer.content.iter_any():
                    await mine.write(piece)
                await mine.write_eof()
                return mine

        app = web.Application()
        app.router.add_route("*", prefix + "/{path:.*}", hand_on)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            port = runner.addresses[0][1]
            yield f"http://127.0.0.1:{port}{prefix}/"
        finally:
            await runner.cleanup()


async def _socket(
    request: web.Request, client: aiohttp.ClientSession, path: str
) -> web.WebSocketResponse:
    """Hand frames on in both directions until one side ends."""
    async with client.ws_connect(path) as there:
        here = web.WebSocketResponse()
        await here.prepare(request)

        async def pump(
            source: aiohttp.ClientWebSocketResponse | web.WebSocketResponse,
            sink: aiohttp.ClientWebSocketResponse | web.WebSocketResponse,
        ) -> None:
            async for message in source:
                if message.type is aiohttp.WSMsgType.TEXT:
                    await sink.send_str(message.data)
                elif message.type is aiohttp.WSMsgType.BINARY:
                    await sink.send_bytes(message.data)
            await sink.close()

        async with asyncio.TaskGroup() as both:
            both.create_task(pump(here, there), name="up")
            both.create_task(pump(there, here), name="down")
        return here
