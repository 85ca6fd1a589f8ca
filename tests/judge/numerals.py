"""The ways to read out digits that a recogniser wrote, in English and in Chinese.

Whisper writes "21.5", "7:45" or "9.30" for what it heard in words; which words they were is
settled by comparing every reading with what should have been said. Written apart from the
program's own normaliser, which it judges.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Final

Reading = tuple[str, ...]
"""Words of English, or Chinese written out (one string per run of characters)."""

ONES: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip

TENS: Final = (
    "zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip

ORDINALS: Final = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
"""The irregular ones."""

DIGITS: Final = "零一二三四五六七八九"

PLACES: Final = ("", "十", "百", "千")

CLOCK: Final = re.compile(r"(\d{1,2})[:：.](\d\d)")


def english(written: str) -> set[Reading]:
    """Return the readings of a number, a clock time, an ordinal or a version: "21.5", "3rd"."""
    if match := re.fullmatch(r"(\d+)(?:st|nd|rd|th)", written):
        return {_ordinal(reading) for reading in _cardinals(int(match[1]))}
    match = CLOCK.fullmatch(written)
    readings = _clock(int(match[1]), int(match[2])) if match else set()
    written = written.replace(",", "")
    head, *rest = written.split(".")
    if written.isdecimal():
        readings |= _plain(written)
    elif written.replace(".", "").isdecimal():
        tails = [[("point", *_spelled(part)), ("point", *_cardinal(int(part)))] for part in rest]
        readings |= set(_joined(_cardinals(int(head)), *tails))
    return readings or {(written,)}


def chinese(written: str) -> set[str]:
    """Return the readings of a number, a percentage or a clock time: "21.5", "50%", "7:45"."""
    if written.endswith(("%", "％")):
        return {f"百分之{reading}" for reading in chinese(written[:-1])}
    match = CLOCK.fullmatch(written)
    readings = _chinese_clock(int(match[1]), int(match[2])) if match else set()
    written = written.replace(",", "")
    head, *rest = written.split(".")
    if written.isdecimal():
        spelled = _digits(written)
        return _counted(int(written)) | {spelled, spelled.replace("一", "幺")}
    if written.replace(".", "").isdecimal():
        tail = "".join(f"点{_digits(part)}" for part in rest)
        readings |= {f"{reading}{tail}" for reading in _counted(int(head))}
    return readings or {written}


def _plain(digits: str) -> set[Reading]:
    """Read a run of digits as a number, digit by digit, or in pairs as years are."""
    readings = set(_cardinals(int(digits)))
    spelled = _spelled(digits)
    readings |= {spelled, tuple("oh" if word == "zero" else word for word in spelled)}
    if len(digits) in (3, 4) and digits[-2:] != "00":
        head, tail = int(digits[:-2]), int(digits[-2:])
        tens = _cardinal(tail) if tail >= 10 else ("oh", *_cardinal(tail))
        readings.add((*_cardinal(head), *tens))
    if len(digits) == 4 and digits.endswith("00"):
        readings.add((*_cardinal(int(digits[:2])), "hundred"))
    return readings


def _clock(hour: int, minute: int) -> set[Reading]:
    head = _cardinal(hour)
    if minute == 0:
        return {head, (*head, "oclock"), (*head, "hundred"), (*head, "hundred", "hours")}
    if minute < 10:
        return {(*head, zero, *_cardinal(minute)) for zero in ("oh", "zero")}
    return {(*head, *_cardinal(minute))}


def _cardinals(number: int) -> set[Reading]:
    """Return a number with and without the British "and"."""
    british = _cardinal(number)
    return {british, tuple(word for word in british if word != "and")}


def _cardinal(number: int) -> Reading:
    for unit, name in ((10**9, "billion"), (10**6, "million"), (1000, "thousand")):
        if number >= unit:
            rest = number % unit
            between = ("and",) if 0 < rest < 100 else ()
            return (*_cardinal(number // unit), name, *between, *(_cardinal(rest) if rest else ()))
    if number >= 100:
        rest = number % 100
        return (ONES[number // 100], "hundred", *(("and", *_cardinal(rest)) if rest else ()))
    if number >= 20:
        return (TENS[number // 10], *((ONES[number % 10],) if number % 10 else ()))
    return (ONES[number],)


def _ordinal(reading: Reading) -> Reading:
    *head, last = reading
    regular = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return (*head, ORDINALS.get(last, regular))


def _spelled(digits: str) -> Reading:
    return tuple(ONES[int(digit)] for digit in digits)


def _joined(*parts: Iterable[Reading]) -> Iterator[Reading]:
    for choice in itertools.product(*parts):
        yield tuple(itertools.chain.from_iterable(choice))


def _chinese_clock(hour: int, minute: int) -> set[str]:
    minutes = _counted(minute) if minute >= 10 else {f"零{DIGITS[minute]}", DIGITS[minute]}
    tails = {f"{reading}{end}" for reading in minutes for end in ("", "分")}
    tails |= {0: {"", "整"}, 15: {"一刻"}, 30: {"半"}}.get(minute, set())
    return {f"{head}点{tail}" for head in _counted(hour) for tail in tails}


def _digits(written: str) -> str:
    return "".join(DIGITS[int(digit)] for digit in written)


def _counted(number: int) -> set[str]:
    """Return a Chinese number, with 二 and with 两 where both are said."""
    plain = _han(number)
    spoken = re.sub(r"二(?=[百千万亿])", "两", plain)
    return {plain, spoken, "两" if plain == "二" else plain}


def _han(number: int) -> str:
    for unit, name in ((10**8, "亿"), (10**4, "万")):
        if number >= unit:
            rest = number % unit
            zero = "零" if 0 < rest < unit // 10 else ""
            return f"{_han(number // unit)}{name}{zero}{_han(rest) if rest else ''}"
    digits = str(number)
    if number == 0:
        return DIGITS[0]
    written = "".join(
        DIGITS[int(digit)] + (PLACES[len(digits) - place] if digit != "0" else "")
        for place, digit in enumerate(digits, start=1)
    )
    written = re.sub("零+", "零", written).rstrip("零")
    return written.removeprefix("一") if written.startswith("一十") else written
