"""Quiet hours."""

from datetime import datetime

import pytest

from wyoming_indextts.speech.quiet_hours import QuietHours


def at(hour: int, minute: int = 0) -> float:
    return datetime(2026, 11, 24, hour, minute).timestamp()  # noqa: DTZ001 - the wall's clock


def test_past_midnight() -> None:
    night = QuietHours.parse("22:00-07:00")
    assert [night.hold(at(hour)) for hour in (21, 22, 0, 6, 7, 12)] == [
        False, True, True, True, False, False,
    ]  # fmt: skip


def test_within_a_day() -> None:
    nap = QuietHours.parse("13:00 – 14:30")
    assert nap.hold(at(14, 29)) and not nap.hold(at(14, 30)) and not nap.hold(at(12, 59))


@pytest.mark.parametrize("text", ["", "22-7", "22:00", "24:00-07:00", "07:00-07:00", "night"])
def test_what_is_no_such_thing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="HH:MM"):
        QuietHours.parse(text)
