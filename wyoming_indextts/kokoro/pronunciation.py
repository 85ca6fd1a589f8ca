"""Phrases to Kokoro's symbols, whichever of the two languages they are in.

Chinese and English stand side by side in one string of symbols, so that a mixed sentence is
spoken in one breath. Scripts that Kokoro cannot speak are left out.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from wyoming_indextts.kokoro.chinese import Chinese
from wyoming_indextts.kokoro.english import English
from wyoming_indextts.speech.language import HAN
from wyoming_indextts.speech.script import Phrase

_HAN: Final = f"\u3007{HAN}"
"""Chinese characters and the round zero, as the inside of a character class."""

LATIN: Final = "A-Za-z0-9\u00c0-\u024f"
"""Letters and digits of which English words are made, likewise."""

MARKS: Final = str.maketrans(
    {
        **dict.fromkeys("，、（［【(", ", "),
        **dict.fromkeys("。．", ". "),
        **dict.fromkeys("！", "! "),
        **dict.fromkeys("？", "? "),
        **dict.fromkeys("：", ": "),
        **dict.fromkeys("；", "; "),
        **dict.fromkeys("–―─", "—"),
        **dict.fromkeys("’‘＇", "'"),
        **dict.fromkeys('"“”「」『』《》〈〉）］】)[]{}*_~～\n\r\t\u3000', " "),
    }
)
"""Punctuation as Kokoro's symbols have it. Quotes go: cut in half by a clause they sound odd."""

_STRETCH: Final = re.compile(f"(?P<han>[{_HAN}]+)|(?P<other>[^{_HAN}]+)")
_SPEAKABLE: Final = re.compile(f"[{LATIN}]")
_PUNCTUATION: Final = re.compile(r"[^,.;:!?—… ]+")


class Pronunciation:
    """Knows how both languages are pronounced."""

    def __init__(self, cache_dir: Path) -> None:
        """Load both dictionaries; what they keep between runs goes to `cache_dir`."""
        self._chinese = Chinese(cache_dir)
        self._english = English()

    def symbols(self, phrases: Sequence[Phrase]) -> str:
        """Return the symbols of the phrases, words separated by spaces."""
        stretches = [stretch for phrase in phrases for stretch in _stretches(phrase)]
        parts: list[str] = []
        for chinese, group in itertools.groupby(stretches, key=_is_chinese):
            together = list(group)
            if chinese:
                parts.append(self._chinese.symbols(together))
            else:
                parts.append(self._foreign("".join(phrase.text for phrase in together)))
        text = " ".join(part for part in parts if part)
        return re.sub(r"\s+", " ", re.sub(r"\s+(?=[,.;:!?…])", "", text)).strip()

    def _foreign(self, text: str) -> str:
        """Return the symbols of what is not Chinese: English words, or only marks."""
        if _SPEAKABLE.search(text):
            return self._english.symbols(text)
        return _PUNCTUATION.sub("", text)


def _stretches(phrase: Phrase) -> Iterator[Phrase]:
    """Yield runs of Chinese characters and of everything else; a given reading is one run."""
    if phrase.pinyin:
        yield phrase
        return
    for match in _STRETCH.finditer(phrase.text.translate(MARKS)):
        yield Phrase(match.group())


def _is_chinese(phrase: Phrase) -> bool:
    return bool(phrase.pinyin) or re.match(f"[{_HAN}]", phrase.text) is not None
