"""The form that programs written for OpenAI's speech use.

    POST /v1/audio/speech   GET /v1/models   GET /v1/audio/voices

What those programs send and this server does not know is passed over, as they expect; the model
may have any name. OpenAI's own voices mean the default voice: many programs cannot leave them out.
"""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from wyoming_indextts.edges.http.answers import json_answer
from wyoming_indextts.edges.http.asking import request_of, text_of
from wyoming_indextts.edges.http.body import read_json
from wyoming_indextts.edges.http.formats import FORMATS, Format, resampled_plain
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.route import Route
from wyoming_indextts.edges.http.speaking import Speech
from wyoming_indextts.errors import (
    BadRequestError,
    NotFoundError,
    UnsupportedError,
    VoiceNotFoundError,
)
from wyoming_indextts.speech.emotion import Presets
from wyoming_indextts.speech.voices import Voices

MODELS: Final = ("wyoming-indextts", "tts-1", "tts-1-hd", "gpt-4o-mini-tts")
"""Names of the one model that there is: its own, and those that programs insist on."""

VOICES: Final = frozenset({
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx",
    "sage", "shimmer", "verse",
})  # fmt: skip
"""OpenAI's voices."""

RATE: Final = 24_000
"""Samples per second that programs take plain samples to have."""

SLOWEST, FASTEST = 0.5, 2.0
"""The speeds that are spoken; OpenAI's go beyond."""


class OpenAI:
    """Answers OpenAI's clients."""

    def __init__(
        self, speech: Speech, voices: Voices, presets: Presets, options: HttpOptions
    ) -> None:
        self._speech = speech
        self._voices = voices
        self._presets = presets
        self._options = options

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("POST", "/v1/audio/speech", self._speak, "speak"),
            Route("GET", "/v1/models", self._models, "speak"),
            Route("GET", "/v1/models/{id}", self._model, "speak"),
            Route("GET", "/v1/audio/voices", self._list_voices, "speak"),
        ]

    async def _speak(self, request: web.Request) -> web.StreamResponse:
        fields = await read_json(request, self._options)
        text = text_of(fields, self._options.text_characters, "input")
        if fields.get("stream_format", "audio") not in ("audio", None):
            raise UnsupportedError("stream_format can only be audio")
        packing = _packing(fields.get("response_format"))
        wanted = request_of({
            "voice": self._voice(fields.get("voice")),
            "emotion": self._emotion(fields.get("instructions")),
            "speed": _speed(fields.get("speed")),
        })  # fmt: skip
        return await self._speech.answer(request, text, wanted, packing)

    async def _models(self, _: web.Request) -> web.StreamResponse:
        return json_answer({"object": "list", "data": [_described(name) for name in MODELS]})

    async def _model(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["id"]
        if name not in MODELS:
            raise NotFoundError(f"no model is named {name[:40]!r}; there are {', '.join(MODELS)}")
        return json_answer(_described(name))

    async def _list_voices(self, _: web.Request) -> web.StreamResponse:
        voices = [{"id": voice.name, "name": voice.description} for voice in self._voices]
        return json_answer({"voices": voices})

    def _voice(self, asked: object) -> object:
        """Return the voice; newer clients name one of their own as `{"id": name}`."""
        name = asked.get("id") if isinstance(asked, Mapping) else asked
        if isinstance(name, str) and name in VOICES:
            try:
                self._voices.find(name)
            except VoiceNotFoundError:
                return None
        return name

    def _emotion(self, instructions: object) -> str | None:
        """Return the emotion that the instructions name; prose is nothing we could follow."""
        named = isinstance(instructions, str) and instructions in self._presets
        return str(instructions) if named else None


def _described(name: str) -> dict[str, object]:
    return {"id": name, "object": "model", "created": 0, "owned_by": MODELS[0]}


def _packing(asked: object) -> Format:
    match asked:
        case None:
            return FORMATS["mp3"]
        case "pcm":
            return resampled_plain(RATE)
        case "aac":
            raise UnsupportedError(f"aac is not made here; there are {', '.join(FORMATS)}")
        case str() if asked in FORMATS:
            return FORMATS[asked]
    raise BadRequestError(f"response_format must be one of {', '.join(FORMATS)}")


def _speed(asked: object) -> object:
    """Return the nearest speed that is spoken."""
    if isinstance(asked, int | float) and not isinstance(asked, bool):
        return min(max(asked, SLOWEST), FASTEST)
    return asked
