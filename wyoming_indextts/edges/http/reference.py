"""The description of all routes: `openapi.json`, kept by hand, and a page that shows it."""

from importlib.resources import files

from aiohttp import web

from wyoming_indextts.edges.http.page_files import KeptFile, read_files, shown
from wyoming_indextts.edges.http.route import Route


class Reference:
    """`GET /openapi.json`, and `GET /docs` with what it asks for."""

    def __init__(self) -> None:
        here = files(__package__)
        self._page = read_files(here / "docs")
        self._document = KeptFile.read(here / "openapi.json", "application/json")

    def routes(self) -> list[Route]:
        """Return the routes; they tell what every copy of the program tells."""
        return [
            Route("GET", "/openapi.json", self._openapi, None, elsewhere=True),
            Route("GET", "/docs", self._index, None, elsewhere=True),
            Route("GET", "/docs/{file}", self._file, None),
        ]

    async def _openapi(self, request: web.Request) -> web.StreamResponse:
        return shown(request, self._document)

    async def _index(self, request: web.Request) -> web.StreamResponse:
        return shown(request, self._page["docs.html"])

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return shown(request, self._page.get(request.match_info["file"]))
