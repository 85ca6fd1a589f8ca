"""Silence: of all the house, of a way in, of a session, or of one utterance."""

from typing import Final

from aiohttp import web

from wyoming_indextts.edges.http.answers import json_answer
from wyoming_indextts.edges.http.asker import about
from wyoming_indextts.edges.http.asking import check_known, fields_of_query
from wyoming_indextts.edges.http.body import read_json
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.plain import PlainSpeech
from wyoming_indextts.edges.http.route import Route
from wyoming_indextts.edges.http.sessions import Sessions
from wyoming_indextts.errors import BadRequestError
from wyoming_indextts.speech.speaker import Speaker

FIELDS: Final = ("session", "id", "source")
"""What `POST /stop` may name."""


class Stopping:
    """`POST /stop` and `DELETE /tts/{id}`."""

    def __init__(
        self, speaker: Speaker, sessions: Sessions, plain: PlainSpeech, options: HttpOptions
    ) -> None:
        self._speaker = speaker
        self._sessions = sessions
        self._plain = plain
        self._options = options

    def routes(self) -> list[Route]:
        """Return the routes; whoever knows a session's id needs no more to end what is his."""
        return [
            Route("POST", "/stop", self._stop, "control", action="stop"),
            Route("DELETE", "/tts/{id}", self._end, None, action="stop"),
        ]

    async def _stop(self, request: web.Request) -> web.StreamResponse:
        """End what is named: nothing named is everything, whoever asked for it."""
        fields = await read_json(request, self._options) if request.can_read_body else {}
        check_known(fields, FIELDS)
        session, name, source = (fields.get(key) for key in FIELDS)
        if source is not None and (session is not None or name is not None):
            raise BadRequestError("stop takes a source alone")
        match session, name:
            case None, None:
                stopped = self._speaker.interrupt(source=_text(source, "source"))
            case None, int() if not isinstance(name, bool):
                stopped = self._speaker.interrupt(utterance=name)
            case str(), None | str():
                stopped = await self._silence(session, name)
            case _:
                raise BadRequestError(
                    "id is an utterance's number, or its name together with its session"
                )
        about(request, _named(session, name, source), stopped=stopped)
        return json_answer({"stopped": stopped})

    async def _end(self, request: web.Request) -> web.StreamResponse:
        """End a session's speech, or one utterance of it; a text left here is forgotten."""
        fields = fields_of_query(request.query)
        check_known(fields, ("id",))
        name = _text(fields.get("id"), "id")
        stopped = await self._silence(request.match_info["id"], name)
        about(request, _named(request.match_info["id"], name, None), stopped=stopped)
        return json_answer({"stopped": stopped})

    async def _silence(self, session: str, utterance: str | None) -> int:
        if session in self._sessions or utterance is not None:
            return await self._sessions.cancel(session, utterance)
        return self._plain.forget(session)


def _named(session: object, utterance: object, source: object) -> str:
    """Return what was silenced, for the record: an id of a session is a secret."""
    if session is not None:
        return "a session" if utterance is None else "an utterance of a session"
    return "all" if source is None and utterance is None else str(source or utterance)[:80]


def _text(value: object, name: str) -> str | None:
    if not isinstance(value, str | None):
        raise BadRequestError(f"{name} must be a string")
    return value
