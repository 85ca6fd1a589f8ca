"""Reads what a synthesize event asks for; whatever its fields hold, the result is sound.

    text         a string
    voice        null | {} | {"name": voice or variant, "speaker": emotion}
    text_format  "ssml" | anything else is plain text
    context      {"emotion": name or eight weights, "intensity": n, "speed": n} | anything

`context` belongs to whoever sends it: what does not look like ours is somebody else's.
"""

from collections.abc import Mapping
from typing import Final

from wyoming_indextts.errors import BadRequestError
from wyoming_indextts.speech.emotion import AXES, Weights
from wyoming_indextts.speech.finite import finite
from wyoming_indextts.speech.request import Request

SOURCE: Final = "wyoming"
"""What an interruption by source calls this edge."""

NOTHING_ASKED: Final = Request(SOURCE)
"""A request without a wish."""


def text_of(fields: Mapping[str, object]) -> str:
    """Return the text without lone surrogates, which are no characters.

    Raises:
        BadRequestError: it is missing or not a string.
    """
    text = fields.get("text")
    if not isinstance(text, str):
        raise BadRequestError("text must be a string")
    return text.encode("utf-8", "ignore").decode("utf-8")


def request_of(fields: Mapping[str, object]) -> Request:
    """Return the wishes beside the text; a context's emotion goes before the speaker.

    Raises:
        BadRequestError: `voice` or a name in it has the wrong type.
    """
    voice = fields.get("voice")
    if not isinstance(voice, Mapping | None):
        raise BadRequestError("voice must be an object")
    context = fields.get("context")
    if not isinstance(context, Mapping):
        context = {}
    emotion = context.get("emotion")
    return Request(
        SOURCE,
        voice=_name(voice or {}, "name"),
        emotion=emotion if isinstance(emotion, str) and emotion else _name(voice or {}, "speaker"),
        weights=_weights(emotion),
        intensity=finite(context.get("intensity")),
        speed=finite(context.get("speed")),
        ssml=fields.get("text_format") == "ssml",
    )


def _name(voice: Mapping[str, object], key: str) -> str | None:
    name = voice.get(key)
    if not isinstance(name, str | None):
        raise BadRequestError(f"voice {key} must be a string")
    return name or None


def _weights(value: object) -> Weights | None:
    if not isinstance(value, list) or len(value) != len(AXES):
        return None
    numbers = [number for item in value if (number := finite(item)) is not None]
    if len(numbers) != len(AXES):
        return None
    h, a, s, f, d, m, u, c = numbers
    return (h, a, s, f, d, m, u, c)
