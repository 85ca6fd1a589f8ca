"""Moments as people write them at a command line."""

from argparse import ArgumentTypeError
from datetime import datetime, timedelta
from typing import Final

UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
"""Of a time ago."""


def moment(text: str) -> datetime:
    """Return the moment that `2h`, `3d` or a date and time mean, in this machine's time zone.

    Raises:
        ArgumentTypeError: it is none.
    """
    number, unit = text[:-1], text[-1:]
    try:
        if unit in UNITS and number.isdecimal():
            return datetime.now().astimezone() - int(number) * UNITS[unit]
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise ArgumentTypeError(f"must be like 90m, 2h, 3d or 2026-11-28T10:00: {text}") from None
