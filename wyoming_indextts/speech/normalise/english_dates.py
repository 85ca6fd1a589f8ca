"""Dates, times of the day and durations in English."""

from re import Match
from typing import Final

from wyoming_indextts.speech.normalise import english_numbers as say
from wyoming_indextts.speech.normalise.patterns import (
    CLOCK,
    DAY,
    HOUR,
    ISO_DATE,
    ISO_TIME,
    LEFT,
    MONTH,
    MONTH_AND_DAY,
    SIXTY,
    SURE_MONTH_AND_DAY,
    TO,
    YEAR,
    rule,
)

_HALF: Final = r"\s?(?P<half>[AaPp])\.?[Mm]\b(?:\.(?!\s*$))?"
"""The half of the day after a time; a full stop at the very end is the sentence's."""

_MONTHS: Final = {name[:3]: str(index) for index, name in enumerate(say.MONTHS, 1)}

_MONTH_NAME: Final = (
    r"(?P<name>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)

_NAMED_DAY: Final = rf"(?P<day>{DAY})(?:st|nd|rd|th)?"

_COMMA_YEAR: Final = rf"(?:,?\s(?P<year>{YEAR})\b(?!:))?"

_SCORE: Final = r"score|won|wins|lost|lose|beat|ended|leads?|tied"
"""What is said before the numbers of a game."""


def _date(match: Match[str]) -> str:
    return say.date(match["year"], match["month"], match["day"])


def _day(match: Match[str]) -> str:
    return say.date(None, match["month"], match["day"])


def _american(match: Match[str]) -> str:
    year = match["year"]
    return say.date(f"20{year}"[-4:], match["month"], match["day"])


def _month_first(match: Match[str]) -> str:
    return say.date(match["year"], _MONTHS[match["name"][:3]], match["day"])


def _day_first(match: Match[str]) -> str:
    month = say.MONTHS[int(_MONTHS[match["name"][:3]]) - 1]
    spoken = f"the {say.ordinal(match['day'].lstrip('0'))} of {month}"
    return f"{spoken}, {say.year(match['year'])}" if match["year"] else spoken


def _month_and_year(match: Match[str]) -> str:
    return f"{say.MONTHS[int(_MONTHS[match['name'][:3]]) - 1]} {say.year(match['year'])}"


def _score(match: Match[str]) -> str:
    return f"{match[1]}{say.cardinal(match[2])} to {say.cardinal(match[3])}"


def _clock(match: Match[str]) -> str:
    return say.clock(match["hour"], match["minute"], match["second"], _half(match))


def _full_hour(match: Match[str]) -> str:
    return say.clock(match["hour"], "00", None, _half(match))


def _half(match: Match[str]) -> str | None:
    return f"{match['half'].upper()} M" if match["half"] else None


def _duration(match: Match[str]) -> str:
    parts = ((match[noun], noun) for noun in ("day", "hour", "minute", "second"))
    return " ".join(say.counted(str(int(value)), noun) for value, noun in parts if value)


DATES_AND_TIMES: Final = (
    rule(rf"{ISO_DATE}{ISO_TIME}", lambda match: f"{_date(match)} at {match['time']}"),
    rule(ISO_DATE, _date),
    rule(
        rf"(?<![\w./-])(?P<month>{MONTH})/(?P<day>{DAY})/(?P<year>{YEAR}|\d\d)(?![\w/]|\.\d)",
        _american,
    ),
    rule(rf"(?:(?<=\b[Oo]n )|(?<=\b[Bb]y )|(?<=\buntil )|(?<=\bsince )){MONTH_AND_DAY}", _day),
    rule(SURE_MONTH_AND_DAY, _day),
    rule(rf"\b{_MONTH_NAME}\s{_NAMED_DAY}\b(?![:%/]|\.\d){_COMMA_YEAR}", _month_first),
    rule(rf"(?<![\w.:])(?:the )?{_NAMED_DAY}\s(?:of )?{_MONTH_NAME}{_COMMA_YEAR}", _day_first),
    rule(rf"\b{_MONTH_NAME},?\s(?P<year>{YEAR})\b(?!:)", _month_and_year),
    rule(rf"\b((?:{_SCORE})\b[^\d.!?]{{0,20}})(\d{{1,3}})[:-](\d{{1,3}})\b", _score, any_case=True),
    rule(
        rf"(:{SIXTY}(?:\s?[ap]\.?m\b\.?)?){TO}(?={HOUR}[:：\s]?(?:\d|[ap]))",
        r"\1 to ",
        any_case=True,
    ),
    rule(
        rf"{LEFT}({HOUR}){TO}(?=(?:1[0-2]|\d)(?::{SIXTY})?\s?[ap]\.?m\b)",
        lambda match: f"{say.cardinal(match[1])} to ",
        any_case=True,
    ),
    rule(rf"{CLOCK}(?:{_HALF})?", _clock),
    rule(rf"{LEFT}(?P<hour>1[0-2]|0?[1-9]){_HALF}", _full_hour),
    rule(
        rf"{LEFT}(?:(?P<day>\d{{1,3}})\s?d(?:ays?)?\s?)?(?P<hour>\d{{1,3}})\s?h(?:(?:ou)?rs?)?\s?"
        r"(?P<minute>\d{1,2})(?:\s?m(?:in(?:ute)?s?)?\b|m(?=\d)|(?!\w))"
        r"(?:\s?(?P<second>\d{1,2})\s?s(?:ec(?:ond)?s?)?\b)?",
        _duration,
    ),
    rule(
        rf"{LEFT}(?P<day>)(?P<hour>)(?P<minute>\d{{1,3}})\s?m(?:ins?)?\s?"
        r"(?P<second>\d{1,2})\s?s(?:ecs?)?\b",
        _duration,
    ),
)
