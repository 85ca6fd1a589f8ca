"""How numbers, times and dates are written, as patterns both languages share; and rules."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

LEFT: Final = r"(?<![A-Za-z0-9.])(?<!\d,)"
"""Nothing before it that it could be a part of."""

NUMBER: Final = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])|\d+(?:\.\d+)?)"

SIGN: Final = r"[-+]?"

TO: Final = r"\s?(?:-|~|—)\s?"
"""What stands between the ends of a range."""

HOUR: Final = r"(?:2[0-4]|[01]?\d)"

SIXTY: Final = r"[0-5]\d"
"""Minutes or seconds, always two digits."""

CLOCK: Final = (
    rf"(?<![\d:.])(?P<hour>{HOUR})[:：](?P<minute>{SIXTY})(?:[:：](?P<second>{SIXTY}))?"
    r"(?![\d:]|\.\d)"
)

MONTH: Final = r"(?:1[0-2]|0?[1-9])"

DAY: Final = r"(?:3[01]|[12]\d|0?[1-9])"

YEAR: Final = r"(?:19|20)\d\d"

ISO_DATE: Final = (
    rf"(?<![A-Za-z0-9.-])(?P<year>{YEAR})([-/])(?P<month>{MONTH})\2(?P<day>{DAY})"
    r"(?![\d-]|[./]\d)"
)

ISO_TIME: Final = rf"T(?P<time>{HOUR}:{SIXTY})(?::{SIXTY})?(?:\.\d{{1,9}})?(?:Z\b|[+-]\d\d:?\d\d)?"
"""What follows the date in a time stamp."""

MONTH_AND_DAY: Final = rf"(?<![A-Za-z0-9./-])(?P<month>{MONTH})/(?P<day>{DAY})(?![\w/]|\.\d)"

SURE_MONTH_AND_DAY: Final = MONTH_AND_DAY.replace(DAY, r"(?:3[01]|2\d|1[3-9])")
"""One that is no fraction: its day is no month."""

ADDRESS: Final = r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?![\d.]*\d)"
"""An internet address of four numbers, perhaps with a port."""

MAIL: Final = r"[A-Za-z0-9][\w.+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"

SITE: Final = (
    r"\b[A-Za-z0-9][A-Za-z0-9-]{0,62}(?:\.[A-Za-z0-9-]{1,62}){0,4}\."
    r"(?:com|net|org|io|de|uk|cn|eu|dev|local)\b"
)
"""The name of a machine or a site."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A notation and how it is read; what `read` returns has no notation left in it."""

    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], str]


def rule(
    pattern: str, read: Callable[[re.Match[str]], str] | str, *, any_case: bool = False
) -> Rule:
    """Return a rule; a `read` that is text is a template for `Match.expand`."""
    flags = re.IGNORECASE if any_case else re.NOFLAG
    reader = read if callable(read) else _template(read)
    return Rule(re.compile(pattern, flags | re.ASCII), reader)


def read_all(rules: Sequence[Rule], text: str) -> str:
    """Return `text` after every rule, in order, has read what it knows."""
    for each in rules:
        text = each.pattern.sub(each.read, text)
    return text


def _template(template: str) -> Callable[[re.Match[str]], str]:
    return lambda match: match.expand(template)
