"""An announcement as a value: what is to be said, where, and how urgently.

It comes as a plain text or as fields from outside; whatever those hold, the result is sound.
"""

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

from wyoming_indextts.errors import BadRequestError, TooLargeError
from wyoming_indextts.speech.finite import finite

MESSAGE: Final = 2_000
"""Characters of the longest message: some four minutes of speech."""

NAME: Final = 64
"""Characters of the longest id, and of any other name."""

TARGETS: Final = 32
"""Targets that one announcement may name."""

REPEATS: Final = 10
"""Times that an announcement may be said."""

LONGEST: Final = 86_400.0
"""Seconds for which an announcement may wait at most."""

DAWN: Final = 1_000_000.0
"""Below this, `expires` is a number of seconds; above it, seconds since 1970."""


class Priority(IntEnum):
    """Who goes first; `CRITICAL` also breaks off what is less urgent."""

    LOW = 0
    NORMAL = 1
    HIGH = 2
    CRITICAL = 3


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is to be announced. None leaves the choice to the settings or the stage.

    `targets` are names of targets and groups, none: the usual ones. `volume` is a factor in
    [0, 2]. `repeat` is how often it is said. `expires` and `sent` are in seconds since 1970: when
    it ceases to matter, and when whoever asked wrote it. `interrupt` says whether it breaks off
    what is no more urgent; unset, only a critical one does, and only what is less urgent.
    """

    message: str
    id: str
    voice: str | None = None
    emotion: str | None = None
    intensity: float | None = None
    language: str | None = None
    targets: tuple[str, ...] = ()
    priority: Priority = Priority.NORMAL
    volume: float | None = None
    chime: bool | None = None
    repeat: int = 1
    expires: float | None = None
    sent: float | None = None
    interrupt: bool | None = None
    ignores_quiet_hours: bool = False

    def breaks_off(self, other: "Announcement") -> bool:
        """Return whether it may end `other` before its time."""
        if self.interrupt is None:
            return other.priority < self.priority is Priority.CRITICAL
        return self.interrupt and other.priority <= self.priority

    @property
    def may_disturb(self) -> bool:
        """Whether it is announced in quiet hours too."""
        return self.ignores_quiet_hours or self.priority is Priority.CRITICAL


def announcement(asked: str | Mapping[str, object], *, now: float) -> Announcement:
    """Read a text, or fields as `docs/announcements.md` lists them; null is as good as none.

    `now` is in seconds since 1970. One without an id gets an id of its own.

    Raises:
        BadRequestError: a field is not known, or its value is not one it may have.
        TooLargeError: the message is too long.
    """
    fields: Mapping[str, object] = {"message": asked} if isinstance(asked, str) else asked
    given = {name: value for name, value in fields.items() if value is not None}
    for name in given:
        if name not in FIELDS:
            raise BadRequestError(f"an announcement has no field {str(name)[:NAME]!r}")
    return Announcement(
        message=_message(given.get("message")),
        id=_name(given, "id") or secrets.token_hex(8),
        voice=_name(given, "voice"),
        emotion=_name(given, "emotion"),
        intensity=_number(given, "intensity", 0.0, 1.0),
        language=_name(given, "language"),
        targets=_targets(given.get("targets", ())),
        priority=_priority(given.get("priority", "normal")),
        volume=_number(given, "volume", 0.0, 2.0),
        chime=_flag(given, "chime"),
        repeat=_repeat(given.get("repeat", 1)),
        expires=_expiry(given.get("expires"), now),
        sent=_number(given, "ts", 0.0, math.inf),
        interrupt=_flag(given, "interrupt"),
        ignores_quiet_hours=_quiet_hours(given.get("quiet_hours", "respect")),
    )


def id_of(asked: object) -> str | None:
    """Return the id that an announcement asks for, None if it has no usable one."""
    try:
        return _name(asked, "id") if isinstance(asked, Mapping) else None
    except BadRequestError:
        return None


FIELDS: Final = frozenset({
    "message", "id", "voice", "emotion", "intensity", "language", "targets", "priority", "volume",
    "chime", "repeat", "expires", "ts", "interrupt", "quiet_hours",
})  # fmt: skip
"""What a caller may set."""


def _message(value: object) -> str:
    text = _text(value, "message").strip()
    if len(text) > MESSAGE:
        raise TooLargeError(f"a message may have {MESSAGE} characters")
    if not text:
        raise BadRequestError("the message is empty")
    return text


def _name(fields: Mapping[str, object], field: str) -> str | None:
    return _checked_name(fields[field], field) if fields.get(field) is not None else None


def _checked_name(value: object, field: str) -> str:
    text = _text(value, field)
    if not 1 <= len(text) <= NAME or not text.isprintable():
        raise BadRequestError(f"{field} must be 1 to {NAME} printable characters")
    return text


def _text(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise BadRequestError(f"{field} must be a text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadRequestError(f"{field} holds something that is no character") from None
    return value


def _targets(value: object) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or len(names) > TARGETS:
        raise BadRequestError(f"targets must be a name or a list of at most {TARGETS}")
    return tuple(dict.fromkeys(_checked_name(name, "targets") for name in names))


def _priority(value: object) -> Priority:
    for priority in Priority:
        if isinstance(value, str) and value == priority.name.lower():
            return priority
    raise BadRequestError("priority must be low, normal, high or critical")


def _number(fields: Mapping[str, object], field: str, low: float, high: float) -> float | None:
    if fields.get(field) is None:
        return None
    number = finite(fields[field])
    if number is None or not low <= number <= high:
        where = f"from {low:g} to {high:g}" if math.isfinite(high) else f"of at least {low:g}"
        raise BadRequestError(f"{field} must be a number {where}")
    return number


def _flag(fields: Mapping[str, object], field: str) -> bool | None:
    value = fields.get(field)
    if not isinstance(value, bool | None):
        raise BadRequestError(f"{field} must be true or false")
    return value


def _repeat(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= REPEATS:
        raise BadRequestError(f"repeat must be a whole number from 1 to {REPEATS}")
    return value


def _expiry(value: object, now: float) -> float | None:
    """Return when it expires: given in seconds from now, in seconds since 1970, or by ISO 8601."""
    if value is None:
        return None
    if isinstance(value, str):
        return _instant(value)
    number = finite(value)
    if number is None or number < 0 or LONGEST < number < DAWN:
        raise BadRequestError(f"expires must be seconds up to {LONGEST:g}, or a date and time")
    return number if number >= DAWN else now + number


def _instant(text: str) -> float:
    """Return the instant; one without a zone is of this machine's."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC).timestamp()
    except (ValueError, OverflowError):
        raise BadRequestError("expires must be seconds, or a date and time") from None


def _quiet_hours(value: object) -> bool:
    if value not in ("respect", "ignore") or not isinstance(value, str):
        raise BadRequestError("quiet_hours must be respect or ignore")
    return value == "ignore"
