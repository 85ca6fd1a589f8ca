"""How far what was heard is from what should have been said: words of English, pinyin of Chinese.

A transcript is a row of places, each with every reading of what is written there ("9.30" may
have been "nine thirty" or "nine point three zero"); the reading nearest to the expected words
counts. What should have been said is given in words and has no such choice.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pypinyin import Style, lazy_pinyin

from tests.judge.numerals import Reading, chinese, english
from tests.judge.recogniser import Language

Place = frozenset[Reading]
"""The readings of one written thing; each is a row of words or of toneless syllables."""

SYMBOLS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "en": {
        "°c": ("degrees celsius", "degrees", "degree celsius"),
        "°f": ("degrees fahrenheit", "degrees"),
        "°": ("degrees", "degree"),
        "%": ("percent",),
        "$": ("dollars", "dollar", ""),
        "&": ("and",),
        "+": ("plus",),
        "-": ("", "to", "minus", "negative"),
        "km": ("kilometers", "kilometer"),
        "km/h": ("kilometers per hour",),
        "mph": ("miles per hour",),
        "kwh": ("kilowatt hours", "kilowatt hour"),
        "ok": ("okay",),
        "mr": ("mister",),
        "dr": ("doctor",),
    },
    "zh": {
        "℃": ("度", "摄氏度"),
        "°c": ("度", "摄氏度"),
        "°": ("度",),
        "-": ("", "到", "至", "零下", "负", "减"),
        "+": ("加",),
        "km": ("公里", "千米"),
        "kwh": ("度", "千瓦时"),
        "kg": ("公斤", "千克"),
        "cm": ("厘米",),
        "mm": ("毫米",),
        "ml": ("毫升",),
    },
}
"""What a recogniser writes instead of words, and the words."""

SPELLINGS: Final = {
    "wi fi": "wifi", "colour": "color", "grey": "gray", "metres": "meters", "litres": "liters",
    "kilometres": "kilometers", "centre": "center", "all right": "alright", "per cent": "percent",
}  # fmt: skip
"""Two ways to write the same spoken words."""

NUMBER: Final = r"\d+(?:[.,:：]\d+)*(?:st|nd|rd|th)?"

PIECE: Final[dict[Language, re.Pattern[str]]] = {
    "en": re.compile(rf"(?P<number>{NUMBER})|km/h|°[cf]?|[%$&+]|-(?=\d)|[a-z]+"),
    "zh": re.compile(rf"(?P<number>{NUMBER}[%％]?)|℃|°c?|\+|-(?=\d)|[a-z]+|[\u4e00-\u9fff]+"),
}


def error_rate(expected: str, heard: str, language: Language) -> float:
    """Return edits per expected word (en) or toneless syllable (zh), at most 1.

    Raises:
        ValueError: `expected` is not written in words.
    """
    said = _words(expected, language)
    return min(1.0, _distance(said, list(places(heard, language))) / len(said))


def places(text: str, language: Language) -> Iterator[Place]:
    """Yield what is written, place by place; punctuation and case do not count."""
    symbols = SYMBOLS[language]
    for match in PIECE[language].finditer(_prepared(text, language)):
        piece = match[0]
        if language == "en":
            yield frozenset(english(piece)) if match["number"] else _english(piece, symbols)
        elif match["number"]:
            yield frozenset(_pinyin(reading) for reading in chinese(piece))
        else:
            yield frozenset(_pinyin(reading) for reading in symbols.get(piece, (piece,)))


def _words(text: str, language: Language) -> Sequence[str]:
    said: list[str] = []
    for place in places(text, language):
        if len(place) != 1 or any(character.isdecimal() for character in text):
            raise ValueError(f"{text!r} is not written in words")
        said += next(iter(place))
    if not said:
        raise ValueError(f"{text!r} says nothing")
    return said


def _prepared(text: str, language: Language) -> str:
    text = re.sub(r"[’']", "", text.casefold())
    text = re.sub(r"(?<![a-z])(?:[a-z][. ]+)+[a-z](?![a-z])", _closed_up, text)
    if language == "en":
        text = re.sub(r"(?<=[a-z])-(?=[a-z])", " ", text)
        for one, other in SPELLINGS.items():
            text = re.sub(rf"\b{one}\b", other, text)
    return text


def _closed_up(match: re.Match[str]) -> str:
    """Write letters said one by one together, as a recogniser does: "p.m.", "U S B"."""
    return re.sub("[^a-z]", "", match[0])


def _english(piece: str, symbols: dict[str, tuple[str, ...]]) -> Place:
    return frozenset(tuple(reading.split()) for reading in symbols.get(piece, (piece,)))


def _pinyin(text: str) -> Reading:
    return tuple(lazy_pinyin(text, style=Style.NORMAL))


def _distance(said: Sequence[str], heard: Sequence[Place]) -> int:
    """Return the fewest edits between `said` and any reading of `heard` (Levenshtein)."""
    row = list(range(len(said) + 1))
    for place in heard:
        rows = [_after(row, reading, said) for reading in place]
        row = [min(costs) for costs in zip(*rows, strict=True)]
    return row[-1]


def _after(row: list[int], reading: Reading, said: Sequence[str]) -> list[int]:
    """Return the table's row after `reading` has been heard as well."""
    for word in reading:
        below = [row[0] + 1]
        for place, expected in enumerate(said):
            below.append(min(row[place + 1] + 1, below[-1] + 1, row[place] + (word != expected)))
        row = below
    return row
