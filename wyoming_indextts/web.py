"""The HTTP server put together from the settings; without it speech goes on."""

import logging
import os
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from wyoming_indextts.settings import Settings
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.engine import EngineRunner
from wyoming_indextts.speech.speaker import Speaker

log = logging.getLogger(__name__)


@asynccontextmanager
async def page_served(
    settings: Settings, speaker: Speaker, casting: Casting, runner: EngineRunner
) -> AsyncGenerator[None, None]:
    """Serve over HTTP while the block runs, if the settings want it and the port is free."""
    if not settings.http.enabled:
        yield
        return
    # These cost 10 MB and 0.3 s that nobody else needs to pay.
    from wyoming_indextts.edges.http.options import HttpOptions  # noqa: PLC0415
    from wyoming_indextts.edges.http.server import HttpServer, Served  # noqa: PLC0415

    wanted = settings.http
    options = HttpOptions(connections=wanted.connections, text_characters=wanted.text_limit)
    server = HttpServer(Served(speaker, casting, lambda: runner.ready), options)
    async with AsyncExitStack() as opened:
        try:
            listening = await opened.enter_async_context(server.listen(wanted.host, wanted.port))
        except OSError as error:
            where = _uri("http", wanted.host, wanted.port)
            log.warning("no page, cannot listen at %s: %s", where, _reason(error))
        else:
            log.info("the page is at %s", ", ".join(_uri("http", *at) for at in listening))
        yield


def _uri(scheme: str, host: str, port: int) -> str:
    bare = f"[{host}]" if ":" in host else host
    return f"{scheme}://{bare}:{port}/"


def _reason(error: OSError) -> str:
    return os.strerror(error.errno).lower() if error.errno else str(error)
