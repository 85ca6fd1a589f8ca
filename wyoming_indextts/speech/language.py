"""Which of the two languages a text is in, and which characters are Chinese."""

import re
from typing import Final, Literal

Language = Literal["en", "zh"]
"""A language that every engine speaks."""

HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""The Chinese characters, as the inside of a character class."""

_HAN: Final = re.compile(f"[{HAN}]")

_CHINESE_MARK: Final = re.compile("[，。！？；：、《》]")

_LATIN: Final = re.compile("[A-Za-z]")


def language_of(text: str) -> Language:
    """Return the language of a text: Chinese if it has a Chinese character.

    Where there are no letters at all, Chinese punctuation decides: 23.5℃。 is Chinese.
    """
    if _HAN.search(text):
        return "zh"
    return "zh" if _CHINESE_MARK.search(text) and not _LATIN.search(text) else "en"


def count_han(text: str) -> int:
    """Return how many Chinese characters there are in a text."""
    return len(_HAN.findall(text))
