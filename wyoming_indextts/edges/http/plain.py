"""Plain speech over HTTP: one address that sounds, or a text left here and fetched later."""

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass

from aiohttp import web

from wyoming_indextts.edges.http.answers import json_answer
from wyoming_indextts.edges.http.asking import (
    STYLE,
    check_known,
    fields_of_query,
    request_of,
    text_of,
)
from wyoming_indextts.edges.http.body import read_json
from wyoming_indextts.edges.http.formats import format_named
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.route import Route
from wyoming_indextts.edges.http.speaking import Speech
from wyoming_indextts.errors import NotFoundError
from wyoming_indextts.speech.request import Request

FIELDS = ("text", *sorted(STYLE))


@dataclass(frozen=True, slots=True)
class _Parked:
    text: str
    wanted: Request
    until: float


class PlainSpeech:
    """`GET /stream`, `POST /tts` and `GET /tts/{id}/audio`."""

    def __init__(self, speech: Speech, options: HttpOptions) -> None:
        self._speech = speech
        self._options = options
        self._parked: OrderedDict[str, _Parked] = OrderedDict()  # bounded by options.parked

    def routes(self) -> list[Route]:
        """Return the routes; the id is a secret, so that a loudspeaker can fetch by it."""
        return [
            Route("GET", "/stream", self._stream, "speak"),
            Route("POST", "/tts", self._park, "speak"),
            Route("GET", "/tts/{id}/audio", self._fetch, None),
        ]

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        fields = fields_of_query(request.query)
        check_known(fields, (*FIELDS, "format"))
        text = text_of(fields, self._options.text_characters)
        packing = format_named(fields.get("format", "pcm"))
        return await self._speech.answer(request, text, request_of(fields), packing)

    async def _park(self, request: web.Request) -> web.StreamResponse:
        fields = await read_json(request, self._options)
        check_known(fields, FIELDS)
        text = text_of(fields, self._options.text_characters)
        wanted = request_of(fields)
        self._speech.check(wanted)
        session = secrets.token_urlsafe(16)
        self._forget()
        until = time.monotonic() + self._options.parked_seconds
        self._parked[session] = _Parked(text, wanted, until)
        return json_answer({"session_id": session}, 201)

    async def _fetch(self, request: web.Request) -> web.StreamResponse:
        fields = fields_of_query(request.query)
        check_known(fields, ("format",))
        packing = format_named(fields.get("format", "pcm"))
        parked = self._parked.get(request.match_info["id"])
        if parked is None or parked.until < time.monotonic():
            raise NotFoundError("there is no such speech, or not any more")
        return await self._speech.answer(request, parked.text, parked.wanted, packing)

    def _forget(self) -> None:
        """Make room for one more."""
        now = time.monotonic()
        while self._parked:
            oldest = next(iter(self._parked.values()))
            if oldest.until >= now and len(self._parked) < self._options.parked:
                return
            self._parked.popitem(last=False)
