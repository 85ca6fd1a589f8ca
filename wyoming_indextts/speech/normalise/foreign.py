"""English inside Chinese text: where a number belongs to the English around it."""

import re
from typing import Final

from wyoming_indextts.speech.language import HAN
from wyoming_indextts.speech.normalise import english
from wyoming_indextts.speech.normalise.units import UNITS

_RUN: Final = re.compile(rf"[^{HAN}，。！？；：、（）《》]+")
"""From one Chinese character or mark to the next."""

_DIGIT: Final = re.compile(r"\d")

_WORD: Final = re.compile(r"(?<![A-Za-z])(?:[A-Z]?[a-z]+(?:'[a-z]+)?|a)(?![A-Za-z0-9])")
"""A word in small letters, perhaps with a capital: no acronym and no model number."""

_FUNCTION_WORDS: Final = frozenset(
    ("a", "and", "at", "for", "in", "is", "it's", "my", "of", "on", "the", "to", "you", "your")
)
"""Words that nobody uses in a Chinese sentence."""

_ENOUGH: Final = 3
"""So many words are English; a name of two still has its number in Chinese."""


def read_english_runs(text: str) -> str:
    """Return `text` with those of its numbers in words that stand in English."""
    return _RUN.sub(lambda run: english.read(run[0]) if _is_english(run[0]) else run[0], text)


def _is_english(run: str) -> bool:
    if not _DIGIT.search(run):
        return False
    words = [word for word in _WORD.findall(run) if word not in UNITS or word == "a"]
    spoken = {word.lower() for word in words}
    return len(words) >= _ENOUGH or bool(spoken & _FUNCTION_WORDS)
