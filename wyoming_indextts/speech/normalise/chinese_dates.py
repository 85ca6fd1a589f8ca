"""Dates, times of the day and durations in Chinese."""

from re import Match
from typing import Final

from wyoming_indextts.speech.normalise import chinese_numbers as say
from wyoming_indextts.speech.normalise.patterns import (
    CLOCK,
    HOUR,
    ISO_DATE,
    ISO_TIME,
    LEFT,
    SIXTY,
    SURE_MONTH_AND_DAY,
    TO,
    YEAR,
    rule,
)

_HALVES: Final = {"a": "上午", "p": "下午"}


def _date(match: Match[str]) -> str:
    return say.date(match["year"], match["month"], match["day"])


def _day(match: Match[str]) -> str:
    return say.date(None, match["month"], match["day"])


def _clock(match: Match[str]) -> str:
    half = _HALVES[match["half"].lower()] if match["half"] else ""
    return (match["said"] or half) + say.clock(match["hour"], match["minute"], match["second"])


def _full_hour(match: Match[str]) -> str:
    return f"{_HALVES[match['half'].lower()]}{say.clock(match['hour'], '00', None)}"


def _duration(match: Match[str]) -> str:
    names = {"day": "天", "hour": "小时", "minute": "分钟", "second": "秒"}
    return "".join(
        f"{say.quantity(str(int(match[part])))}{name}"
        for part, name in names.items()
        if match[part]
    )


DATES_AND_TIMES: Final = (
    rule(rf"{ISO_DATE}{ISO_TIME}", lambda match: f"{_date(match)}{match['time']}"),
    rule(
        rf"(?<![\w.])(?P<year>{YEAR})\.(?P<month>1[0-2]|0[1-9])\.(?P<day>3[01]|[12]\d|0[1-9])"
        r"(?!\.?\w)",
        _date,
    ),
    rule(SURE_MONTH_AND_DAY, _day),
    rule(rf"(:{SIXTY}|：{SIXTY}){TO}(?={HOUR}[:：])", r"\1到"),
    rule(
        r"((?:比分|得分|战胜|领先|险胜|赢|输)[^\d，。！？]{0,8}\d{1,3})[:：-](?=\d{1,3}(?!\d))",
        r"\1比",
    ),
    rule(
        rf"(?P<said>[上下中]午|早上|晚上|凌晨)?{CLOCK}(?:\s?(?P<half>[AaPp])\.?[Mm]\b\.?)?", _clock
    ),
    rule(rf"{LEFT}(?P<hour>1[0-2]|0?[1-9])\s?(?P<half>[AaPp])\.?[Mm]\b\.?(?![\d.])", _full_hour),
    rule(
        rf"{LEFT}(?:(?P<day>\d{{1,3}})\s?d\s?)?(?P<hour>\d{{1,3}})\s?h\s?"
        r"(?P<minute>\d{1,2})(?:\s?m(?:ins?)?(?![A-Za-z])|(?!\w))"
        r"(?:\s?(?P<second>\d{1,2})\s?s(?:ecs?)?(?!\w))?",
        _duration,
    ),
    rule(
        rf"{LEFT}(?P<day>)(?P<hour>)(?P<minute>\d{{1,3}})\s?m(?:ins?)?\s?"
        r"(?P<second>\d{1,2})\s?s(?:ecs?)?(?!\w)",
        _duration,
    ),
    rule(r"(?<![\d.:第])0?2(?=\s?点)", "两"),
)
