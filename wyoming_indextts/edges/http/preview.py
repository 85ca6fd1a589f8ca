"""What a voice sounds like: a finished file of one sentence, kept for a moment."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web

from wyoming_indextts.edges.http.asker import asked_of
from wyoming_indextts.edges.http.asking import SOURCE, check_known, fields_of_query
from wyoming_indextts.edges.http.formats import FORMATS
from wyoming_indextts.edges.http.route import Route
from wyoming_indextts.edges.http.whole import FILES, packed, part_of
from wyoming_indextts.errors import BadRequestError
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.engine import Style
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.script import PLAIN
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.speech.voices import PREVIEW

MADE: Final = tuple(name for name in FORMATS if name != "pcm")
"""Formats of files."""

KEPT: Final = 60.0
"""Seconds for which one is kept: a player fetches it in parts, and soon again."""

Key = tuple[Style, str]


class Previews:
    """`GET` and `HEAD` of `/voices/{name}/preview`."""

    def __init__(self, speaker: Speaker, casting: Casting) -> None:
        self._speaker = speaker
        self._casting = casting
        self._files: dict[Key, tuple[bytes, str, float]] = {}
        casting.voices.listen(self._files.clear)

    def routes(self) -> list[Route]:
        """Return the routes."""
        path = "/voices/{name}/preview"
        return [Route(method, path, self._preview, "speak") for method in ("GET", "HEAD")]

    async def _preview(self, request: web.Request) -> web.StreamResponse:
        fields = fields_of_query(request.query)
        check_known(fields, ("format",))
        name = fields.get("format", "wav")
        if not isinstance(name, str) or name not in MADE:
            raise BadRequestError(f"format must be one of {', '.join(MADE)}")
        asker = asked_of(request).asker()
        wanted = Request(SOURCE, voice=request.match_info["name"], asker=asker)
        content, kind = await self._file(wanted, name)
        return part_of(request, content, kind)

    async def _file(self, wanted: Request, name: str) -> tuple[bytes, str]:
        self._speaker.check(wanted)
        key = (self._casting.style(wanted, PLAIN), name)
        now = time.monotonic()
        if (kept := self._files.get(key)) and kept[2] > now:
            return kept[:2]
        async with self._speaker.speak(_sentence(), wanted) as sound:
            runs = [run async for run in sound]
        content, kind = await asyncio.to_thread(packed, runs, name)
        self._files.pop(key, None)
        while len(self._files) >= FILES:
            del self._files[next(iter(self._files))]
        self._files[key] = (content, kind, now + KEPT)
        return content, kind


async def _sentence() -> AsyncIterator[str]:
    yield PREVIEW
