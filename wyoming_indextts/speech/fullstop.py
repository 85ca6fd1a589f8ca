"""Whether a full stop ends the sentence, from the text before it."""

import re
from enum import Enum, auto
from typing import Final

NEVER: Final = frozenset((
    "approx", "capt", "cf", "col", "dept", "dr", "e.g", "fig", "gen", "hon", "i.e", "lt", "messrs",
    "mr", "mrs", "ms", "mt", "mx", "prof", "rev", "sgt", "st", "viz", "vs",
))  # fmt: skip
"""Abbreviations that something always follows."""

SOMETIMES: Final = frozenset((
    "a.d", "a.m", "avg", "b.c", "co", "corp", "dec", "etc", "ext", "feb", "hr", "hrs", "inc",
    "jan", "jr", "ltd", "max", "min", "no", "nov", "oct", "p.m", "ph.d", "sec", "sept", "sr",
    "tel", "temp",
))  # fmt: skip
"""Abbreviations, or words that look like one, that may also be the last of a sentence."""

_WORD: Final = re.compile(r"(?<![A-Za-z])[A-Za-z]+(?:\.[A-Za-z]+)*\Z")

_INITIALS: Final = re.compile(r"(?:[A-Z]\.)*[A-Z]")

_LIST_NUMBER: Final = re.compile(r"[0-9]{1,2}")


class Verdict(Enum):
    """What a full stop with a space behind it does."""

    ENDS = auto()
    GOES_ON = auto()
    DEPENDS = auto()
    """It ends the sentence if what follows looks like the beginning of one."""


def verdict(before: str) -> Verdict:
    """Judge the stop after `before`, the sentence from its beginning."""
    if _LIST_NUMBER.fullmatch(before):
        return Verdict.GOES_ON
    if not (found := _WORD.search(before, max(0, len(before) - 24))):
        return Verdict.ENDS
    word, behind = found.group(), before[: found.start()]
    if word.lower() in NEVER:
        return Verdict.GOES_ON
    if word.lower() in SOMETIMES:
        return Verdict.DEPENDS
    is_unit = behind.endswith("°") or behind[-1:].isdigit()
    is_initial = _INITIALS.fullmatch(word) and word != "I" and not is_unit
    return Verdict.GOES_ON if is_initial else Verdict.ENDS
