"""The far side of a gateway: our real HTTP server around a stand-in engine, here or as a program.

python -m tests.remote.far_side PORT TOKEN [PACE]
"""

import asyncio
import signal
import socket
import ssl
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from aiohttp import web

from tests.house import casting, speaking
from tests.remote.fingerprint import RATE, Fingerprint
from tests.tone import ToneEngine
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.server import HttpServer, Served
from wyoming_indextts.remote.options import RemoteOptions, websocket_url
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.speaker import Speaker, SpeakerOptions

TOKEN: Final = "a-token-of-the-far-side"  # noqa: S105 - of the test's own server
"""What the far side asks for."""

PATIENCE: Final = 10.0
"""Seconds that a test waits for anything."""


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Far:
    """What a test may look at."""

    url: str
    engine: ToneEngine
    speaker: Speaker
    cast: Casting
    server: HttpServer
    down: Callable[[], Coroutine[None, None, None]]
    """Ends the server in order."""


@asynccontextmanager
async def far_side(
    engine: ToneEngine | None = None,
    *,
    port: int = 0,
    tls: ssl.SSLContext | None = None,
    limits: SpeakerOptions | None = None,
    path: Sequence[str] = (),
) -> AsyncGenerator[Far, None]:
    """Serve with the real speaker; it knows `TOKEN`, and one that may only control."""
    engine = engine or Fingerprint()
    cast = casting()
    tokens = {TOKEN: {"speak"}, "a-token-that-may-not-speak": {"control"}}
    limits = limits or SpeakerOptions(speaking=4)
    async with speaking(engine, cast=cast, options=limits, rate=engine.rate) as speaker:
        options = HttpOptions(tokens=tokens, drain_timeout=0.5)
        server = HttpServer(Served(speaker, cast, lambda: True, path=lambda: path), options)
        async with AsyncExitStack() as up:
            ((host, at),) = await up.enter_async_context(server.listen("127.0.0.1", port, tls))
            url = f"{'wss' if tls else 'ws'}://{host}:{at}"
            yield Far(url, engine, speaker, cast, server, up.aclose)


def options(url: str, token: str | None = TOKEN, **changed: object) -> RemoteOptions:
    """Return options of a gateway that is in a hurry, and patient with a busy machine."""
    quick = RemoteOptions(
        websocket_url(url),
        RATE,
        token=token,
        silence=5.0,
        shortest_back_off=0.05,
        longest_back_off=0.2,
    )
    return replace(quick, **changed)  # type: ignore[arg-type]


@asynccontextmanager
async def another(handler: Handler) -> AsyncGenerator[RemoteOptions, None]:
    """Serve something that is not ours at the place of a far side; give what leads there."""
    app = web.Application()
    app.router.add_get("/ws", handler)
    served = web.AppRunner(app, shutdown_timeout=0.1)
    await served.setup()
    try:
        await web.TCPSite(served, "127.0.0.1", port := free_port()).start()
        yield options(f"ws://127.0.0.1:{port}")
    finally:
        await served.cleanup()


def free_port() -> int:
    """Return a port that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def program(port: int, pace: float = 0.0) -> AsyncGenerator[Process, None]:
    """Give a far side in a process of its own, which listens; leaving kills it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.remote.far_side", str(port), str(pace), stdout=PIPE
    )
    try:
        assert process.stdout
        async with asyncio.timeout(60):
            assert await process.stdout.readline() == b"listening\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _main(port: int, pace: float) -> None:
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with far_side(Fingerprint(pace=pace), port=port):
        sys.stdout.write("listening\n")
        sys.stdout.flush()
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), float(sys.argv[2])))
