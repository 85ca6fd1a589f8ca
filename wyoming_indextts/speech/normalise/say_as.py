"""How SSML's `say-as` reads a text: letter by letter, as a telephone number, as a date."""

import re
from typing import Final

from wyoming_indextts.speech.language import Language
from wyoming_indextts.speech.normalise import chinese, chinese_numbers, english, english_numbers
from wyoming_indextts.speech.normalise.patterns import DAY, MONTH, YEAR
from wyoming_indextts.speech.script import SayAs

_NAMES: Final[dict[Language, dict[str, str]]] = {
    "en": {
        ".": "dot", "-": "dash", "_": "underscore", "@": "at", "/": "slash", "#": "hash",
        "+": "plus", "*": "star", ":": "colon", "&": "and", "%": "percent", "=": "equals",
    },
    "zh": {
        ".": "点", "-": "杠", "_": "下划线", "@": "艾特", "/": "斜杠", "#": "井号",
        "+": "加", "*": "星号", ":": "冒号", "&": "和", "%": "百分号", "=": "等于",
    },
}  # fmt: skip
"""Characters that have a name when text is spelled."""

_YEAR_FIRST: Final = re.compile(rf"({YEAR})[-/.]?({MONTH})[-/.]?({DAY})")

_YEAR_LAST: Final = re.compile(rf"({MONTH})[-/.]({DAY})(?:[-/.]({YEAR}))?")

_WHOLE_NUMBER: Final = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+|[+-]?\d+")


def read(text: str, say_as: SayAs, language: Language) -> str | None:
    """Return `text` as it is to be said, or None: then it is read like any other text."""
    text = text.strip()
    match say_as:
        case "characters":
            return _spelled(text, language)
        case "telephone" if re.search(r"\d", text):
            return english.telephone(text) if language == "en" else chinese.telephone(text)
        case "date":
            return _date(text, language)
        case "cardinal" | "ordinal" if _WHOLE_NUMBER.fullmatch(text):
            return _number(text.replace(",", ""), say_as, language)
        case _:
            return None


def _spelled(text: str, language: Language) -> str:
    digits = english_numbers.ONES if language == "en" else chinese_numbers.DIGITS
    names = _NAMES[language]
    said = (
        digits[int(char)] if "0" <= char <= "9" else names.get(char, char.upper()) for char in text
    )
    return " ".join(said)


def _date(text: str, language: Language) -> str | None:
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = found.groups()
    elif found := _YEAR_LAST.fullmatch(text):
        month, day, year = found.groups()
    else:
        return None
    if language == "en":
        return english_numbers.date(year, month, day)
    return chinese_numbers.date(year, month, day)


def _number(text: str, say_as: SayAs, language: Language) -> str:
    number = text.lstrip("+-")
    minus = text.startswith("-")
    if language == "en":
        say = english_numbers.ordinal if say_as == "ordinal" else english_numbers.cardinal
        return ("minus " if minus else "") + say(number)
    words = ("负" if minus else "") + chinese_numbers.cardinal(number)
    return f"第{words}" if say_as == "ordinal" else words
