"""Reads what a command says: a plain word, or a JSON object; anybody may have written it."""

import json
import math
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Final

from wyoming_indextts.errors import BadDataError, BadRequestError, TooLargeError

LARGEST: Final = 8192
"""Bytes of one command."""

UNITS: Final[Mapping[str, float]] = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
"""Seconds of what a duration may be written in."""

DURATION: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*([a-z]*)")

Fields = Mapping[str, object]
"""A JSON object whose text can be sent on and whose numbers are finite."""


def read(payload: bytes) -> str | Fields:
    """Return the word, without the blanks around it, or the object.

    Raises:
        TooLargeError: it is longer than `LARGEST`.
        BadDataError: it is not text, or begins like an object and is none.
    """
    if len(payload) > LARGEST:
        raise TooLargeError(f"a command may have {LARGEST} bytes")
    try:
        text = payload.decode().strip()
    except UnicodeDecodeError:
        raise BadDataError("a command must be UTF-8 text") from None
    if not text.startswith("{"):
        return text
    try:
        fields = json.loads(text)
        json.dumps(fields, ensure_ascii=False, allow_nan=False).encode()  # half characters, 1e999
    except (ValueError, RecursionError):
        raise BadDataError("what begins with { must be a JSON object that can be sent") from None
    if not isinstance(fields, dict):
        raise BadDataError("what begins with { must be a JSON object")
    return fields


def known(fields: Fields, names: Collection[str]) -> None:
    """Raise BadRequestError if there is a field that is none of `names`."""
    for name in fields:
        if name not in names:
            raise BadRequestError(f"unknown field {name[:40]!r}; there are {', '.join(names)}")


def number(value: object, name: str, low: float, high: float) -> float:
    """Return the number that `value` is or spells.

    Raises:
        BadRequestError: it does neither, or the number is outside [low, high].
    """
    found = math.nan
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        with suppress(ValueError, OverflowError):
            found = float(value)
    if not low <= found <= high:
        raise BadRequestError(f"{name} must be a number between {low:g} and {high:g}")
    return found


def whole(value: object, name: str, low: int, high: int) -> int:
    """Return the whole number that `value` is or spells; raises as `number`."""
    found = number(value, name, low, high)
    if found != int(found):
        raise BadRequestError(f"{name} must be a whole number")
    return int(found)


def word(value: object, name: str) -> str:
    """Return `value` if it is text with something in it; raise BadRequestError otherwise."""
    if not isinstance(value, str) or not value.strip():
        raise BadRequestError(f"{name} must be text")
    return value.strip()


def seconds(value: object, name: str) -> float:
    """Return the seconds of a duration: 30, "30s", "5m" or "1h".

    Raises:
        BadRequestError: it is none.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value, name, 0.0, math.inf)
    spelt = DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if spelt is None or spelt[2] not in UNITS:
        raise BadRequestError(f"{name} must be a duration, like 30, 30s, 5m or 1h")
    return float(spelt[1]) * UNITS[spelt[2]]
