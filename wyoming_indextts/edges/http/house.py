"""What is known of the house: its emotions, what is on the stage, and who may change that."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from aiohttp import web

from wyoming_indextts.edges.http.answers import json_answer
from wyoming_indextts.edges.http.asker import about, asked_of
from wyoming_indextts.edges.http.asking import SOURCE, check_known, restyled
from wyoming_indextts.edges.http.body import read_json
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.route import Route
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.speech.stage import Delivery

STAGED: Final = ("voice", "emotion", "intensity", "speed", "volume")
"""What can be on the stage."""


class House:
    """Lists what there is, changes the stage, and ends all speech."""

    def __init__(self, speaker: Speaker, casting: Casting, options: HttpOptions) -> None:
        self._speaker = speaker
        self._casting = casting
        self._options = options

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("GET", "/me", self._me, "speak"),
            Route("GET", "/presets", self._presets, "speak"),
            Route("GET", "/stage", self._stage, "speak"),
            Route("PUT", "/stage", self._change, "control", action="stage.change"),
            Route("POST", "/stop", self._stop, "control", action="stop"),
        ]

    async def _me(self, request: web.Request) -> web.StreamResponse:
        """Tell whoever asks what they may do."""
        asked = asked_of(request)
        return json_answer({"scopes": sorted(asked.scopes), "token": asked.token})

    async def _presets(self, _: web.Request) -> web.StreamResponse:
        return json_answer(
            [
                {
                    "name": preset.name,
                    "en": preset.name,
                    "zh": preset.zh,
                    "weights": list(preset.weights),
                }
                for preset in self._casting.presets
            ]
        )

    async def _stage(self, _: web.Request) -> web.StreamResponse:
        return json_answer(asdict(self._casting.stage.now))

    async def _change(self, request: web.Request) -> web.StreamResponse:
        """Change what is named and leave the rest; null puts the default back."""
        fields = await read_json(request, self._options)
        check_known(fields, STAGED)
        self._casting.stage.change(_changed(self._casting.stage.now, fields))
        about(request, ", ".join(fields), **_recorded(fields))
        return await self._stage(request)

    async def _stop(self, request: web.Request) -> web.StreamResponse:
        """End all speech, whoever asked for it."""
        stopped = self._speaker.interrupt()
        about(request, "all", stopped=stopped)
        return json_answer({"stopped": stopped})


def _recorded(fields: Mapping[str, object]) -> dict[str, str | float]:
    """Return what was changed to what, for the record."""
    return {
        name: value if isinstance(value, int | float) else str(value or "")
        for name, value in fields.items()
    }


def _changed(now: Delivery, fields: Mapping[str, object]) -> Delivery:
    wanted = restyled(Request(SOURCE, **asdict(now)), fields)
    plain = Delivery()
    return Delivery(
        voice=wanted.voice,
        emotion=wanted.emotion,
        intensity=plain.intensity if wanted.intensity is None else wanted.intensity,
        speed=plain.speed if wanted.speed is None else wanted.speed,
        volume=plain.volume if wanted.volume is None else wanted.volume,
    )
