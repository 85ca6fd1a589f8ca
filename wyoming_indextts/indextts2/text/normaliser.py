"""Text as people write it, to the words and marks that the vocabulary was made for.

annotations aside                       <行|xing2>
contractions, glossary                  it's -> it is
technical terms, pinyin, names aside    F5-TTS, xing2, 约翰·史密斯
transducers                             23% -> 百分之二十三
all that was set aside back, the pinyin as the vocabulary spells it
marks, then annotations back
"""

import re
from collections.abc import Callable
from typing import Final

from wyoming_indextts.indextts2.text.annotations import (
    put_readings_in,
    set_annotated_aside,
    unannotated,
)
from wyoming_indextts.indextts2.text.asides import put_back, set_aside
from wyoming_indextts.indextts2.text.glossary import Glossary
from wyoming_indextts.indextts2.text.language import language_read
from wyoming_indextts.indextts2.text.marks import plain
from wyoming_indextts.indextts2.text.pinyin import SYLLABLE, spelled
from wyoming_indextts.speech.language import Language

Read = Callable[[str, Language], str]
"""Returns a text with its numbers, dates, units and amounts in words of a language."""

_CONTRACTION: Final = re.compile(
    r"\b(what|where|who|which|how|there|here|it|he|she|that|this)'s", re.IGNORECASE
)

_TERM: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)+")
"""A technical term, whose hyphens the transducers would read as minus or `to`."""

_HYPHEN: Final = "<H>"
"""In place of a term's hyphen."""

_HAN_WORD: Final = "[\u4e00-\u9fff]+"

_NAME: Final = re.compile(f"{_HAN_WORD}(?:[·—-]{_HAN_WORD})+")
"""A foreign name in Chinese characters, whose marks a transducer may take for a range or drop."""


class Normaliser:
    """Normalises texts of both languages; `read` is what the transducers do."""

    def __init__(self, read: Read, glossary: Glossary) -> None:
        self._read = read
        self._glossary = glossary

    def normalise(self, text: str) -> str:
        """Return `text` in words and marks of the vocabulary; never raises."""
        language = language_read(unannotated(text))
        text, annotated = set_annotated_aside(text)
        text = self._glossary.read(_CONTRACTION.sub(r"\1 is", text), language)
        text = _TERM.sub(lambda term: term[0].replace("-", _HYPHEN), text)
        words = self._read_chinese(text) if language == "zh" else self._read(text, "en")
        words = plain(words.replace(_HYPHEN, "-"), language)
        return put_readings_in(words, annotated)

    def _read_chinese(self, text: str) -> str:
        text, syllables = set_aside(text, SYLLABLE, "pinyin")
        text, names = set_aside(text, _NAME, "n")
        words = self._read(text, "zh")
        words = put_back(words, names, "n", lambda name: name[0])
        return put_back(words, syllables, "pinyin", lambda syllable: spelled(syllable[0]))
