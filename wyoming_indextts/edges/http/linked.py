"""What a link leads to: `/a/NAME/speech.wav`, finished, and `/a/NAME/live.ogg`, while it is made.

The name is the secret, because loudspeakers send no tokens. They ask for the head first, for
ranges, and more than once.
"""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from typing import Final

from aiohttp import web

from wyoming_indextts.edges.http.formats import FORMATS, Format
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.route import Route
from wyoming_indextts.edges.http.speaking import HEADERS, streamed
from wyoming_indextts.edges.http.whole import FILES, packed, part_of
from wyoming_indextts.errors import NotFoundError, TimedOutError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.links import Link, Links

FINISHED: Final[Mapping[str, str]] = {
    "speech.wav": "wav",
    "speech.mp3": "mp3",
    "speech.flac": "flac",
    "speech.ogg": "opus",
}
"""Format of each file that is answered when all of it is made."""

LIVE: Final[Mapping[str, str]] = {"live.wav": "wav", "live.mp3": "mp3", "live.ogg": "opus"}
"""Format of each that is answered while it is made."""

MAKING: Final = 120.0
"""Seconds that a finished file is waited for."""


class Linked:
    """`GET` and `HEAD` of links."""

    def __init__(self, links: Links, options: HttpOptions) -> None:
        self._links = links
        self._patience = options.write_timeout
        self._files: dict[tuple[str, str], tuple[bytes, str]] = {}

    def routes(self) -> list[Route]:
        """Return the routes; other sites' pages may lead there: receivers of casts are some."""
        path = "/a/{name}/{file}"
        return [
            Route(method, path, self._answer, None, elsewhere=True) for method in ("GET", "HEAD")
        ]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        link = self._links.find(request.match_info["name"])
        file = request.match_info["file"]
        if file in LIVE:
            return await self._live(request, link, FORMATS[LIVE[file]])
        if file not in FINISHED:
            raise NotFoundError(f"there are {', '.join([*FINISHED, *LIVE])}")
        if request.method == "GET":
            link.fetched.set()
        content, kind = await self._finished(link, file)
        return part_of(request, content, kind)

    async def _live(self, request: web.Request, link: Link, packing: Format) -> web.StreamResponse:
        await link.recording.begun()
        async with aclosing(link.recording.sound()) as sound:
            if request.method == "GET":
                link.fetched.set()
                return await streamed(request, sound, packing, self._patience)
            first = await anext(sound)
        packing.begin(first.rate)  # or it says what is missing
        return web.Response(headers={**HEADERS, "Content-Type": packing.content_type(first.rate)})

    async def _finished(self, link: Link, file: str) -> tuple[bytes, str]:
        key = (link.name, file)
        if key not in self._files:
            runs = await _whole(link)
            made = await asyncio.to_thread(packed, runs, FINISHED[file])
            while len(self._files) >= FILES:
                del self._files[next(iter(self._files))]
            self._files[key] = made
        return self._files[key]


async def _whole(link: Link) -> list[Pcm]:
    """Return all of the sound, once it is made.

    Raises:
        TimedOutError: that takes too long.
        NotFoundError: there is none.
        SpeechError: that with which it ended.
    """
    try:
        async with asyncio.timeout(MAKING), aclosing(link.recording.sound()) as sound:
            runs = [run async for run in sound]
    except TimeoutError:
        raise TimedOutError("the sound is not finished yet") from None
    if not runs:
        raise NotFoundError("there is no sound")
    return runs
