"""What the values of SSML's attributes mean, in seconds, factors and dB.

A value that means nothing has no effect: None, a factor of 1, or 0 dB.
"""

import re
from typing import Final

LONGEST_PAUSE: Final = 10.0
"""Seconds; `Pause` has no longer ones."""

BREAKS: Final = {
    "none": 0.0, "x-weak": 0.25, "weak": 0.5, "medium": 0.75, "strong": 1.0, "x-strong": 1.25,
}  # fmt: skip
"""Seconds of a break's strength, as Azure's SSML reference lists them."""

RATES: Final = {"x-slow": 0.6, "slow": 0.8, "fast": 1.25, "x-fast": 1.6}
"""Factors for SSML's words; it leaves them open, these are the engines' comfortable range."""

SLOWEST: Final = 0.5
FASTEST: Final = 2.0
"""Bounds of a rate; beyond them no engine is understood."""

SILENT: Final = -96.0
"""dB that leave nothing of 16-bit sound."""

LOUDEST: Final = 12.0
"""dB of the most that may be added: the limiter holds what is over full scale."""

VOLUMES: Final = {"silent": SILENT, "x-soft": -12.0, "soft": -6.0, "loud": 4.0, "x-loud": 8.0}
"""dB for SSML's words: a step of 6 dB, less upwards, where there is less room."""

EMPHASES: Final = {
    "strong": (0.85, 3.0), "moderate": (0.92, 1.5), "reduced": (1.08, -2.0), "none": (1.0, 0.0),
}  # fmt: skip
"""Rate and dB of each level: what is stressed is said slower and louder."""

_DURATION: Final = re.compile(r"\+?(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})\s*(ms|s)", re.IGNORECASE)

_NUMBER: Final = re.compile(r"([+-]?)(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})\s*(%?)")

_DECIBELS: Final = re.compile(r"([+-]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))\s*db", re.IGNORECASE)


def seconds(value: str) -> float | None:
    """Return the seconds of a duration such as `500ms` or `1.5s`, at most `LONGEST_PAUSE`."""
    if not (found := _DURATION.fullmatch(value)):
        return None
    scale = 0.001 if found[2].lower() == "ms" else 1.0
    return min(float(found[1]) * scale, LONGEST_PAUSE)


def rate(value: str) -> float:
    """Return the factor of a rate: a word, `1.2`, `120%` or `+20%`."""
    if not (found := _NUMBER.fullmatch(value)):
        return RATES.get(value.lower(), 1.0)
    sign, number, percent = found.groups()
    amount = float(number) / (100 if percent else 1)
    match sign:
        case "+":
            return 1 + amount
        case "-":
            return max(0.0, 1 - amount)
        case _:
            return amount


def volume(value: str) -> float:
    """Return the dB of a volume: a word or `+6dB`."""
    if not (found := _DECIBELS.fullmatch(value)):
        return VOLUMES.get(value.lower(), 0.0)
    return float(found[1])


def bounded_rate(factor: float) -> float:
    """Return a rate that can be understood."""
    return min(max(factor, SLOWEST), FASTEST)


def bounded_volume(gain: float) -> float:
    """Return a gain in dB that sound survives."""
    return min(max(gain, SILENT), LOUDEST)


def intensity(value: str) -> float | None:
    """Return the intensity in [0, 1] of a number or percentage; more is full."""
    found = _NUMBER.fullmatch(value)
    if not found or found[1] == "-":
        return None
    return min(float(found[2]) / (100 if found[3] else 1), 1.0)
