"""Whether the server is there, and whether it could speak now."""

from collections.abc import Callable

from aiohttp import web

from wyoming_indextts import __version__
from wyoming_indextts.edges.http.answers import json_answer
from wyoming_indextts.edges.http.route import Route
from wyoming_indextts.errors import ModelLoadingError


class Health:
    """Answers whoever watches over the server."""

    def __init__(self, ready: Callable[[], bool]) -> None:
        """Take what tells whether an engine is loaded."""
        self._ready = ready

    def routes(self) -> list[Route]:
        """Return the routes; they tell nothing that needs a token."""
        return [
            Route("GET", "/healthz", self._alive, None, elsewhere=True),
            Route("GET", "/readyz", self._is_ready, None, elsewhere=True),
        ]

    async def _alive(self, _: web.Request) -> web.StreamResponse:
        return json_answer({"status": "alive", "version": __version__})

    async def _is_ready(self, _: web.Request) -> web.StreamResponse:
        if not self._ready():
            raise ModelLoadingError("no engine is loaded yet; try again in a moment")
        return json_answer({"status": "ready", "version": __version__})
