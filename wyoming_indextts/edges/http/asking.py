"""Reads what is asked for: JSON fields or a query's, the same names on every way in.

    text         a string
    voice        a voice or a variant of one
    emotion      a preset's name, in English or Chinese
    intensity    0 to 1
    weights      eight numbers of 0 to 1, instead of an emotion
    speed        0.5 to 2
    volume       0 to 2

null is as good as nothing. Ranges and names are checked by the speaker.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final, TypedDict

from multidict import MultiMapping

from wyoming_indextts.errors import BadRequestError, TooLargeError
from wyoming_indextts.speech.emotion import AXES, Weights
from wyoming_indextts.speech.finite import finite
from wyoming_indextts.speech.request import Request

SOURCE: Final = "http"
"""What an interruption by source calls this edge."""

NAMES: Final = ("voice", "emotion")

NUMBERS: Final = ("intensity", "speed", "volume")

STYLE: Final = frozenset({*NAMES, *NUMBERS, "weights"})
"""The fields that say how to speak."""

LONGEST_NAME: Final = 200
"""Characters of a name that is looked up."""


class Wishes(TypedDict, total=False):
    """The fields of a request that somebody filled in."""

    voice: str | None
    emotion: str | None
    weights: Weights | None
    intensity: float | None
    speed: float | None
    volume: float | None


def check_known(fields: Collection[str], known: Collection[str]) -> None:
    """Make sure that nothing is asked for that would be passed over.

    Raises:
        BadRequestError: a field has a name that nobody reads.
    """
    for name in fields:
        if name not in known:
            raise BadRequestError(f"unknown field {name[:40]!r}; there are {', '.join(known)}")


def text_of(fields: Mapping[str, object], longest: int, name: str = "text") -> str:
    """Return the text without lone surrogates, which are no characters.

    Raises:
        BadRequestError: it is missing, empty or not a string.
        TooLargeError: it has more than `longest` characters.
    """
    text = fields.get(name)
    if not isinstance(text, str) or not text:
        raise BadRequestError(f"{name} must be a string with something in it")
    if len(text) > longest:
        raise TooLargeError(f"a text may have {longest} characters")
    return text.encode("utf-8", "ignore").decode("utf-8")


def request_of(fields: Mapping[str, object]) -> Request:
    """Return what the fields of `STYLE` ask for; others are not looked at.

    Raises:
        BadRequestError: one has the wrong type.
    """
    return restyled(Request(SOURCE), fields)


def restyled(request: Request, fields: Mapping[str, object]) -> Request:
    """Return `request` with the wishes that there are in place of its own; null takes one back.

    A new emotion goes instead of weights.

    Raises:
        BadRequestError: one has the wrong type.
    """
    wishes: Wishes = {}
    if "voice" in fields:
        wishes["voice"] = _name(fields, "voice")
    if "emotion" in fields:
        wishes["emotion"] = _name(fields, "emotion")
        wishes["weights"] = None
    if "weights" in fields:
        wishes["weights"] = _weights(fields["weights"])
    if "intensity" in fields:
        wishes["intensity"] = _number(fields["intensity"], "intensity")
    if "speed" in fields:
        wishes["speed"] = _number(fields["speed"], "speed")
    if "volume" in fields:
        wishes["volume"] = _number(fields["volume"], "volume")
    return replace(request, **wishes)


def fields_of_query(query: MultiMapping[str]) -> dict[str, object]:
    """Return a query's fields as JSON would have them; weights stand between commas.

    Raises:
        BadRequestError: a field is there twice, or a number is none.
    """
    fields: dict[str, object] = {}
    for name, value in query.items():
        if name in fields:
            raise BadRequestError(f"{name[:40]!r} is there twice")
        match name:
            case "intensity" | "speed" | "volume":
                fields[name] = _parsed(value, name)
            case "weights":
                fields[name] = [_parsed(item, name) for item in value.split(",")]
            case _:
                fields[name] = value
    return fields


def _name(fields: Mapping[str, object], key: str) -> str | None:
    name = fields[key]
    if not isinstance(name, str | None):
        raise BadRequestError(f"{key} must be a string")
    if name and len(name) > LONGEST_NAME:
        raise BadRequestError(f"{key} may have {LONGEST_NAME} characters")
    return name or None


def _number(value: object, name: str) -> float | None:
    if value is None:
        return None
    if (number := finite(value)) is None:
        raise BadRequestError(f"{name} must be a finite number")
    return number


def _weights(value: object) -> Weights | None:
    if value is None:
        return None
    items = value if isinstance(value, list) else []
    numbers = [n for item in items if (n := _number(item, "a weight")) is not None]
    if len(numbers) != len(AXES) or len(items) != len(AXES):
        raise BadRequestError(f"weights must be eight numbers: {', '.join(AXES)}")
    h, a, s, f, d, m, u, c = numbers
    return (h, a, s, f, d, m, u, c)


def _parsed(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadRequestError(f"{name} must be a number") from None
