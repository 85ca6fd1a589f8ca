"""Chinese characters to Kokoro's symbols: words, readings, and the tones that neighbours change.

Words come from jieba, readings from the phrase's own pinyin, then `readings`, then pypinyin.
"""

import itertools
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, cast

import jieba
from pypinyin import Style, lazy_pinyin

from wyoming_indextts.kokoro.pinyin import symbols
from wyoming_indextts.kokoro.readings import READINGS, SPOKEN_ER, TONELESS
from wyoming_indextts.speech.script import Phrase

FIGURES: Final = frozenset("零〇一二两三四五六七八九十")
"""Before these 一 is a figure and keeps its tone."""

NUMERALS: Final = FIGURES | frozenset("百千万亿点")
"""After these 一 is a figure and keeps its tone."""

COUNTED: Final = frozenset("月号楼级班")
"""Before these 一 means the first, and keeps its tone."""


_UNREADABLE: Final = cast("Callable[[str], str]", list)
"""Gives each character that pypinyin does not know an element of its own, like the others."""


@dataclass(frozen=True, slots=True)
class Syllable:
    """A syllable in its place: `tone` is "1" to "5", `word` tells which word it is part of."""

    character: str
    sound: str
    tone: str
    word: int
    fixed: bool = False
    """The user wrote this reading: neighbours do not change it."""

    @property
    def symbols(self) -> str:
        """What Kokoro is given; empty for what is no syllable of Mandarin."""
        try:
            return symbols(self.sound + self.tone)
        except ValueError:
            return ""


class Chinese:
    """Pronounces Mandarin."""

    def __init__(self, cache_dir: Path) -> None:
        """Load the dictionary of words; jieba keeps its parsed form in `cache_dir` if it can."""
        # Of a cache that it cannot write jieba tells a traceback; it costs a second at each start.
        jieba.setLogLevel(logging.CRITICAL)
        self._words = jieba.Tokenizer()
        self._words.tmp_dir = str(cache_dir)
        for word in (*READINGS, *TONELESS):
            self._words.add_word(word)

    def symbols(self, phrases: Sequence[Phrase]) -> str:
        """Return the symbols of phrases that hold nothing but Chinese characters."""
        syllables = spoken_tones(list(self._syllables(phrases)))
        words = itertools.groupby(syllables, key=lambda syllable: syllable.word)
        return " ".join("".join(syllable.symbols for syllable in word) for _, word in words)

    def _syllables(self, phrases: Sequence[Phrase]) -> Iterator[Syllable]:
        """Yield the syllables with the tones of the dictionaries."""
        number = itertools.count()
        for phrase in phrases:
            if phrase.pinyin:
                word = next(number)
                for index, reading in enumerate(phrase.pinyin):
                    character = phrase.text[index : index + 1]
                    yield _syllable(reading, character, word, fixed=True)
                continue
            words = self._words.lcut(phrase.text)
            for index, text in enumerate(words):
                word = next(number)
                for character, reading in zip(text, _readings(words, index), strict=True):
                    yield _syllable(reading, character, word)


def _syllable(reading: str, character: str, word: int, *, fixed: bool = False) -> Syllable:
    sound = reading.rstrip("012345")
    return Syllable(character, sound, reading[len(sound) :] or "5", word, fixed)


def _readings(words: Sequence[str], index: int) -> list[str]:
    """Return a reading for each character of the word at `index`."""
    word = words[index]
    if word in READINGS:
        readings = READINGS[word].split()
    elif word == "地" and 0 < index < len(words) - 1 and len(words[index - 1]) > 1:
        readings = ["de5"]  # 慢慢地走: the mark of an adverb
    elif word == "得" and index > 0:
        readings = ["de5"]  # 走得快: the mark of a complement
    else:
        readings = lazy_pinyin(
            word, style=Style.TONE3, neutral_tone_with_five=True, errors=_UNREADABLE
        )
    if word in TONELESS:
        readings[-1] = readings[-1].rstrip("012345") + "5"
    if len(word) > 1 and word[-1] == "儿" and word not in SPOKEN_ER:
        readings[-1] = "r5"
    citation = {"一": "yi1", "不": "bu4"}
    return [citation.get(c, reading) for c, reading in zip(word, readings, strict=True)]


def spoken_tones(syllables: Sequence[Syllable]) -> list[Syllable]:
    """Return the syllables with the tones they have in company: 一, 不, and third tones."""
    changed: list[Syllable] = []
    for index, syllable in enumerate(syllables):
        before = syllables[index - 1] if index else None
        after = syllables[index + 1 : index + 3]
        tone = syllable.tone
        if not syllable.fixed and after:
            match syllable.character:
                case "一":
                    tone = _tone_of_one(before, syllable, after)
                case "不":
                    tone = _tone_of_not(before, after[0])
        changed.append(replace(syllable, tone=tone))
    return _third_tones(changed)


def _tone_of_one(before: Syllable | None, one: Syllable, after: Sequence[Syllable]) -> str:
    """Return the tone of 一: its own as a figure or at a word's end, else by what follows."""
    following = [syllable.character for syllable in after]
    if before is not None and before.character == following[0]:
        return "5"  # 看一看
    if before is not None and before.character in NUMERALS | {"第"}:
        return "1"  # 二十一, 第一
    if following[0] in FIGURES | COUNTED or (following[0] == "点" and {*following[1:]} & FIGURES):
        return "1"  # 一二三, 一月, 一点五
    if before is not None and before.word == one.word != after[0].word:
        return "1"  # 统一, 周一
    return "2" if after[0].tone == "4" or following[0] == "个" else "4"


def _tone_of_not(before: Syllable | None, after: Syllable) -> str:
    if before is not None and before.character == after.character:
        return "5"  # 是不是
    return "2" if after.tone == "4" else "4"


def _third_tones(syllables: list[Syllable]) -> list[Syllable]:
    """Raise a third tone before another, within a word and after a word of one syllable."""
    sizes = Counter(syllable.word for syllable in syllables)
    spoken = list(syllables)
    for index, (this, after) in enumerate(itertools.pairwise(syllables)):
        joined = this.word == after.word or sizes[this.word] == 1
        if this.tone == after.tone == "3" and joined and not this.fixed:
            spoken[index] = replace(this, tone="2")
    return spoken
