"""Numbers, dates, units and amounts in words, by wetext's weighted transducers.

The reference uses the same grammars by another library, with small differences.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from wetext import Normalizer

from wyoming_indextts.speech.language import Language

LONGEST: Final = 400
"""Characters read in one go, 50 ms; the time grows with the square, 20,000 would take 7 s."""

_SENTENCE_END: Final = re.compile(r"[。！？；!?;\n]|\.(?=\s)")

_PLAIN: Final = re.compile("[!-~]+(?: [!-~]+)*")
"""A run of ASCII, without spaces around it: these would be taken off."""


class Transducer:
    """Holds the transducers of both languages; loading them takes 0.4 s."""

    def __init__(self) -> None:
        self._normalizers: dict[Language, Callable[[str], str]] = {
            "zh": Normalizer(lang="zh", operator="tn").normalize,
            "en": Normalizer(lang="en", operator="tn").normalize,
        }
        for normalize in self._normalizers.values():
            normalize("1")  # loads what it needs at its first use

    def read(self, text: str, language: Language) -> str:
        """Return `text` with what can be read in words; never raises."""
        return " ".join(self._read(piece, language) for piece in _pieces(text))

    def _read(self, text: str, language: Language) -> str:
        try:
            return self._normalizers[language](text)
        except AssertionError:  # what wetext raises on text that it has no path for
            return _PLAIN.sub(lambda run: self._read_plain(run[0], language), text)

    def _read_plain(self, run: str, language: Language) -> str:
        try:
            return self._normalizers[language](run)
        except AssertionError:
            return run


def _pieces(text: str) -> Iterator[str]:
    """Yield pieces of at most `LONGEST` characters, cut after sentences where there are any."""
    while len(text) > LONGEST:
        window = text[:LONGEST]
        ends = [end.end() for end in _SENTENCE_END.finditer(window)]
        at = ends[-1] if ends else window.rfind(" ") + 1 or LONGEST
        yield text[:at]
        text = text[at:]
    yield text
