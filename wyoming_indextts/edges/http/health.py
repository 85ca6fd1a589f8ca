"""Whether the server is there, and whether it could speak now."""

from collections.abc import Callable
from dataclasses import asdict

from aiohttp import web

from wyoming_indextts import __version__
from wyoming_indextts.edges.http.answers import json_answer
from wyoming_indextts.edges.http.route import Route
from wyoming_indextts.errors import ModelLoadingError
from wyoming_indextts.speech.vitals import Dials


class Health:
    """Answers whoever watches over the server."""

    def __init__(self, ready: Callable[[], bool], dials: Dials) -> None:
        """Take what tells whether an engine is loaded, and what can be looked at of it."""
        self._ready = ready
        self._dials = dials

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
        told = {"status": "ready", "version": __version__}
        if lack := self._dials.lack():
            return json_answer({**told, "lack": asdict(lack)})
        return json_answer(told)
