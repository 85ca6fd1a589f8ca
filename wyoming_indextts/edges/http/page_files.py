"""The page: its files as they lie beside this module, read once, and shown to browsers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from typing import Final, Self

from aiohttp import web

from wyoming_indextts.edges.http.route import Route
from wyoming_indextts.errors import NotFoundError

TYPES: Final = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
"""Kinds of files that the page is made of."""

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""Nothing from elsewhere; Home Assistant shows the page in a frame of its own origin."""

HEADERS: Final = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that browsers are shown; `tag` changes with its content."""

    content: bytes
    kind: str
    tag: str

    @classmethod
    def read(cls, entry: Traversable, kind: str) -> Self:
        """Return the file as it is now."""
        content = entry.read_bytes()
        return cls(content, kind, hashlib.sha256(content).hexdigest()[:16])


class PageFiles:
    """`GET /` and what the page asks for below `/page/`."""

    def __init__(self) -> None:
        self._files = read_files(files(__package__) / "page")

    def routes(self) -> list[Route]:
        """Return the routes; who may not speak is sent to the login."""
        return [
            Route("GET", "/", self._index, "speak", elsewhere=True),
            Route("GET", "/page/{path:.+}", self._file, None),
        ]

    async def _index(self, request: web.Request) -> web.StreamResponse:
        return shown(request, self._files["index.html"])

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return shown(request, self._files.get(request.match_info["path"]))


def shown(request: web.Request, file: KeptFile | None) -> web.Response:
    """Return a file, or that the browser has it already.

    Raises:
        NotFoundError: there is none.
    """
    if file is None:
        raise NotFoundError("there is no such file")
    known = any(tag.value == file.tag for tag in request.if_none_match or ())
    answer = web.Response(status=304) if known else web.Response(body=file.content)
    if not known:
        answer.content_type = file.kind
        answer.charset = "utf-8"
    answer.headers.update(HEADERS)
    answer.etag = file.tag
    return answer


def read_files(folder: Traversable, above: str = "") -> Mapping[str, KeptFile]:
    """Return the files in a folder and those below it, by their paths."""
    found: dict[str, KeptFile] = {}
    for entry in folder.iterdir():
        path = above + entry.name
        if entry.is_dir():
            found |= read_files(entry, f"{path}/")
        elif kind := TYPES.get(PurePosixPath(entry.name).suffix):
            found[path] = KeptFile.read(entry, kind)
    return found
