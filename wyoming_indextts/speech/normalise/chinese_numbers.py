"""How Chinese says numbers, clock times and dates. Knows nothing about notation."""

from typing import Final

DIGITS: Final = "零一二三四五六七八九"

TELEPHONE: Final = "零幺二三四五六七八九"
"""On the telephone 一 is 幺, so that nobody hears 七."""

_PLACES: Final = ("", "十", "百", "千")

_GROUPS: Final = ("", "万", "亿")

LONGEST: Final = 12
"""Digits of the longest number with a name; longer ones are read digit by digit."""


def digits(text: str) -> str:
    """Return the digits of `text`, one by one."""
    return "".join(DIGITS[int(char)] for char in text if char.isdecimal())


def telephone(text: str) -> str:
    """Return the digits of `text` as on the telephone."""
    return "".join(TELEPHONE[int(char)] for char in text if char.isdecimal())


def cardinal(text: str) -> str:
    """Return a whole number; one with a leading zero is read digit by digit."""
    if len(text) > LONGEST or (len(text) > 1 and text[0] == "0"):
        return digits(text)
    if text == "0":
        return DIGITS[0]
    padded = text.zfill(LONGEST)
    groups = [padded[i : i + 4] for i in range(0, LONGEST, 4)]
    spoken = ""
    gap = False
    for group, name in zip(groups, reversed(_GROUPS), strict=True):
        if int(group):
            zero = DIGITS[0] if spoken and (gap or group[0] == "0") else ""
            spoken += zero + _thousands(group) + name
        gap = not int(group)
    return spoken.removeprefix("一") if spoken.startswith("一十") else _liang(spoken)


def number(text: str) -> str:
    """Return a number that may have thousands separators and decimals."""
    whole, _, decimals = text.replace(",", "").partition(".")
    words = cardinal(whole or "0")
    if not decimals:
        return words
    return f"{words}点{digits(decimals)}"


def quantity(text: str) -> str:
    """Return a number as it counts something: 两, not 二."""
    return "两" if text == "2" else number(text)


def clock(hour: str, minute: str, second: str | None) -> str:
    """Return a time of the day."""
    spoken = f"{quantity(str(int(hour)))}点"
    second = None if second == "00" else second
    if minute != "00" or second:
        spoken += f"{_minutes(minute)}分"
    if second:
        spoken += f"{_minutes(second)}秒"
    return spoken


def date(year: str | None, month: str, day: str) -> str:
    """Return a date."""
    spoken = f"{cardinal(str(int(month)))}月{cardinal(str(int(day)))}日"
    return f"{digits(year)}年{spoken}" if year else spoken


def _minutes(two: str) -> str:
    if two == "00":
        return DIGITS[0]
    return digits(two) if two[0] == "0" else cardinal(two)


def _thousands(group: str) -> str:
    """Return four digits, not all zero."""
    spoken = ""
    zero = False
    for digit, place in zip(group, reversed(_PLACES), strict=True):
        if digit == "0":
            zero = bool(spoken)
        else:
            spoken += (DIGITS[0] if zero else "") + DIGITS[int(digit)] + place
            zero = False
    return spoken


def _liang(spoken: str) -> str:
    """Return the number with 两 where it begins with two hundreds, thousands or more."""
    return f"两{spoken[1:]}" if spoken.startswith(("二百", "二千", "二万", "二亿")) else spoken
