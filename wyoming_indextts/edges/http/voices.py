"""The voices: who speaks here, and who comes and goes; with a person's consent, or not at all."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from aiohttp import web

from wyoming_indextts.edges.http.answers import error_answer, json_answer
from wyoming_indextts.edges.http.asker import about, asked_of
from wyoming_indextts.edges.http.enrolment import Consent, Enrolment, Newcomer
from wyoming_indextts.edges.http.form import KIND, read_form
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.route import Route
from wyoming_indextts.errors import (
    BadRequestError,
    BusyError,
    ForbiddenError,
    UnsupportedError,
    VoiceNotFoundError,
)
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.voices import Sex, Voice

SEXES: Final[Mapping[str, Sex]] = {"female": "female", "male": "male"}

FIELDS: Final = (
    "name", "display_name", "sex", "language", "stand_in", "consent", "consent_by", "statement",
    "purpose",
)  # fmt: skip
"""What a form may say beside its file."""

AGREED: Final = "true"
"""What the box says that the person ticked."""


class VoiceList:
    """Lists, adds and removes voices."""

    def __init__(self, casting: Casting, options: HttpOptions, enrolment: Enrolment | None) -> None:
        """Take who enrols voices; None: nobody does here."""
        self._casting = casting
        self._options = options
        self._enrolment = enrolment
        self._uploads = 0

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("GET", "/voices", self._list, "speak"),
            Route("POST", "/voices", self._add, "voices", action="voice.create"),
            Route("DELETE", "/voices/{name}", self._remove, "voices", action="voice.delete"),
            Route("GET", "/enrolment", self._terms, "speak"),
        ]

    async def _list(self, request: web.Request) -> web.StreamResponse:
        consents = await self._consents()
        open_to = "voices" in asked_of(request).scopes
        voices = self._casting.voices
        return json_answer([self._told(voice, consents, open_to=open_to) for voice in voices])

    async def _terms(self, _: web.Request) -> web.StreamResponse:
        """Tell what a form needs to know."""
        if self._enrolment is None:
            return json_answer({"possible": False, "reason": "voices are not enrolled here"})
        terms = self._enrolment.terms
        told = {
            "possible": self._enrolment.lack is None,
            "reason": self._enrolment.lack,
            **asdict(terms),
            "bytes": self._options.upload_bytes,
            "sexes": list(SEXES),
        }
        return json_answer(told)

    async def _add(self, request: web.Request) -> web.StreamResponse:
        enrolment = self._enroller()
        if request.content_type != KIND:
            return error_answer(UnsupportedError(f"the body must be {KIND}"), 415)
        if enrolment.lack is not None:
            raise UnsupportedError(enrolment.lack)
        if self._uploads >= self._options.uploads:
            raise BusyError("other recordings are being uploaded; try again in a moment")
        self._uploads += 1
        try:
            newcomer = await self._newcomer(request)
            name = await enrolment.add(newcomer)
        finally:
            self._uploads -= 1
        about(request, name, consent_by=newcomer.consent_by)
        told = self._told(self._voice(name), await self._consents(), open_to=True)
        answer = json_answer(told, 201)
        answer.headers["Location"] = f"voices/{name}"
        return answer

    async def _remove(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        about(request, name[:80])
        await self._enroller().remove(name)
        return json_answer({"removed": name})

    async def _newcomer(self, request: web.Request) -> Newcomer:
        options = self._options
        form = await read_form(request, FIELDS, options.upload_bytes, options.upload_timeout)
        about(request, (form.one("name") or form.one("display_name") or "")[:80])
        by = form.one("consent_by")
        if by is None:
            raise BadRequestError("consent_by must say whose voice it is")
        if form.one("consent") != AGREED:
            raise ForbiddenError("without the person's consent no voice is added")
        sex = form.one("sex")
        if sex is not None and sex not in SEXES:
            raise BadRequestError(f"sex must be {' or '.join(SEXES)}")
        if not form.file:
            raise BadRequestError("file must be a recording of the voice")
        return Newcomer(
            form.file,
            by,
            name=form.one("name"),
            display_name=form.one("display_name"),
            sex=SEXES[sex] if sex else None,
            languages=form.several("language"),
            stand_in=form.one("stand_in"),
            statement=form.one("statement"),
            purpose=form.one("purpose"),
        )

    def _enroller(self) -> Enrolment:
        if self._enrolment is None:
            raise UnsupportedError("voices are not enrolled here")
        return self._enrolment

    async def _consents(self) -> Mapping[str, Consent]:
        return {} if self._enrolment is None else await self._enrolment.consents()

    def _voice(self, name: str) -> Voice:
        for voice in self._casting.voices:
            if voice.name == name:
                return voice
        raise VoiceNotFoundError(f"{name} has been removed again")

    def _told(
        self, voice: Voice, consents: Mapping[str, Consent], *, open_to: bool
    ) -> dict[str, object]:
        """Return what is told of a voice; the consent only to whoever may enrol."""
        consent = consents.get(voice.name) if voice.stand_in else None
        told: dict[str, object] = {
            "name": voice.name,
            "description": voice.description,
            "language": voice.languages[0],
            "languages": list(voice.languages),
            "sex": voice.sex,
            "default": voice == self._casting.voices.default,
            "enrolled": voice.stand_in is not None,
            "stand_in": voice.stand_in,
            "added": consent.given if consent else None,
            "speakers": [preset.name for preset in self._casting.presets],
        }
        if open_to:
            told["consent"] = asdict(consent) if consent else None
        return told
