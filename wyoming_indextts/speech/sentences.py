"""Cuts spans into sentences, Chinese and English, each as soon as it is certain.

A mark that can only end a sentence ends it at once, so what belongs to it but comes later - a
closing quote, a second exclamation mark - is dropped. A full stop waits for what follows it.
The sentences of a text are the same however it was cut into pieces.
"""

import unicodedata
from collections.abc import Iterator
from enum import Enum, auto
from itertools import groupby
from typing import Final

from wyoming_indextts.speech.fullstop import Verdict, verdict
from wyoming_indextts.speech.language import count_han
from wyoming_indextts.speech.script import PLAIN, Manner, Pause, Sentence, Span

ENDS: Final = frozenset("。！？；｡!?;")
"""Marks that always end a sentence, as the end of a line does."""

CLAUSES: Final = frozenset("，：—,:")
"""Marks that end a clause, so that the first one may be said alone."""

CUTS: Final = CLAUSES | {"、"}
"""Marks after which a sentence that is too long may be cut."""

CLOSERS: Final = frozenset("”’」』）】》〉)]}")

OPENERS: Final = frozenset("“‘「『（【《〈([{\"'")

QUOTES: Final = frozenset("\"'")
"""Straight quotes, which open and close."""

STRAY: Final = ENDS | CUTS | CLOSERS | {"…"}
"""Marks without a meaning at the beginning of a sentence."""

FIRST_CLAUSE: Final = 24
"""Letters before a clause of the first sentence leaves alone, a Han character counting as
`HAN_LETTERS`: about a second and a half of speech, enough to make the rest in."""

HAN_LETTERS: Final = 3
"""Letters said in the time of one Han character."""

LONGEST: Final = 200
"""Characters; a longer sentence is cut, as engines get worse in long ones."""

SIGNS: Final = frozenset("°℃℉%％‰")
"""Signs that are read on their own; so are those of currencies."""


class _Waiting(Enum):
    """What the end of the held text depends on the next character for."""

    NOTHING = auto()
    STOP = auto()
    """A full stop, perhaps with closing marks."""
    STOP_SPACE = auto()
    """The same after a word that may be an abbreviation, and a space."""
    DOTS = auto()
    """An ellipsis, perhaps with closing marks."""
    DOTS_SPACE = auto()
    CLAUSE = auto()
    """A clause mark that may stand inside a number."""


class Sentences:
    """Holds the unfinished sentence of one utterance.

    A span with a reading of its own (`pinyin`, `say_as`) is never cut and never looked into.
    """

    def __init__(self) -> None:
        self._held: list[str | Span] = []
        """Single characters, and spans that stay whole."""
        self._length = 0
        self._manner = PLAIN
        self._waiting = _Waiting.NOTHING
        self._first = True
        """Nothing has been said yet."""
        self._just_ended = False
        """A straight quote here would be the end of the sentence before."""

    def feed(self, item: Span | Pause) -> list[Sentence | Pause]:
        """Take the next item; return what it completes, in order."""
        match item:
            case Pause():
                return [*self._end(), item]
            case Span():
                return list(self._read(item))

    def flush(self) -> list[Sentence | Pause]:
        """The text is complete: return what is left, as at most one sentence."""
        return list(self._end())

    def _read(self, span: Span) -> Iterator[Sentence]:
        if span.manner != self._manner:
            yield from self._end()
            self._manner = span.manner
        whole = span.text and (span.pinyin or span.say_as)
        for item in (span,) if whole else span.text:
            yield from self._take(item)

    def _take(self, item: str | Span) -> Iterator[Sentence]:
        if self._waiting is not _Waiting.NOTHING and self._is_over(_first_of(item)):
            yield from self._end()
        if isinstance(item, Span):
            self._append(item)
        else:
            yield from self._take_character(item)
        if self._length > LONGEST and len(self._held) > 1:
            yield from self._cut()

    def _take_character(self, char: str) -> Iterator[Sentence]:
        if char == "\n":
            yield from self._end()
        elif self._held or not self._is_stray(char):
            self._append(char)
            if char in ENDS:
                yield from self._end()
                self._just_ended = True
            elif char in CLAUSES and self._first and self._is_clause():
                yield from self._end()

    def _append(self, item: str | Span) -> None:
        if self._held and self._held[-1] == " ":
            if item == " ":
                return
            if item in ENDS:
                self._held.pop()
                self._length -= 1
        self._held.append(item)
        self._length += len(item) if isinstance(item, str) else len(item.text)
        if self._waiting is _Waiting.NOTHING and item in (".", "…"):
            self._waiting = _Waiting.STOP if item == "." else _Waiting.DOTS

    def _is_stray(self, char: str) -> bool:
        """Whether `char` at the beginning of a sentence is only what is left of the last one."""
        if char in QUOTES:
            return self._just_ended
        self._just_ended = self._just_ended and char != " "
        return char == " " or char in STRAY

    def _is_clause(self) -> bool:
        """Whether the mark just appended ends a clause worth saying alone; it may have to wait."""
        text = _text(self._held)
        han = count_han(text)
        if HAN_LETTERS * han + sum(map(str.isalnum, text)) - han < FIRST_CLAUSE:
            return False
        if text[-1].isascii() or text[-2].isdigit():
            self._waiting = _Waiting.CLAUSE
            return False
        return True

    def _is_over(self, char: str) -> bool:
        """Whether `char`, which comes next, shows that the sentence has ended before it."""
        waiting, self._waiting = self._waiting, _Waiting.NOTHING
        match waiting:
            case _Waiting.CLAUSE:
                return _ends_clause(_text(self._held[-2:]) + char)
            case _Waiting.STOP | _Waiting.DOTS if char in ".…":
                self._waiting = _Waiting.DOTS
            case _Waiting.STOP | _Waiting.DOTS if char in CLOSERS | QUOTES:
                self._waiting = waiting
            case _Waiting.STOP:
                return self._stop_ends(char)
            case _Waiting.DOTS if char == " ":
                self._waiting = _Waiting.DOTS_SPACE
            case _Waiting.STOP_SPACE | _Waiting.DOTS_SPACE:
                if char != " ":
                    return char.isupper() or char in OPENERS or bool(count_han(char))
                self._waiting = waiting
        return False

    def _stop_ends(self, char: str) -> bool:
        before = _text(self._held).rstrip("".join(CLOSERS | QUOTES))[:-1]
        if char != " ":
            return bool(count_han(char) and count_han(before[-1:]))
        judged = verdict(before)
        if judged is Verdict.DEPENDS:
            self._waiting = _Waiting.STOP_SPACE
        return judged is Verdict.ENDS

    def _end(self) -> Iterator[Sentence]:
        """End the sentence where it stands; without anything to say it is dropped."""
        held = self._forget()
        if sentence := _sentence(held, self._manner):
            self._first = False
            yield sentence

    def _cut(self) -> Iterator[Sentence]:
        """Say the beginning of a sentence that is too long, and read the rest anew."""
        shape = "".join(item if isinstance(item, str) else "字" for item in self._held)
        at = _best_cut(shape)
        held = self._forget()
        if sentence := _sentence(held[:at], self._manner):
            self._first = False
            yield sentence
        for item in held[at:]:
            yield from self._take(item)

    def _forget(self) -> list[str | Span]:
        held, self._held = self._held, []
        self._length = 0
        self._waiting = _Waiting.NOTHING
        self._just_ended = False
        return held


def _first_of(item: str | Span) -> str:
    return item if isinstance(item, str) else item.text[:1]


def _text(held: list[str | Span]) -> str:
    return "".join(item if isinstance(item, str) else item.text for item in held)


def _ends_clause(around: str) -> bool:
    """Judge the clause mark in the middle of three characters."""
    before, mark, after = around[0], around[-2], around[-1:]
    if mark.isascii():
        return after == " " or bool(count_han(after))
    return not (before.isdigit() and after.isdigit())


def _best_cut(shape: str) -> int:
    """Return where to cut: after a clause, else after a word, else outside of one."""
    last = len(shape) - 1
    for at in range(last, 1, -1):
        if shape[at - 1] in CUTS and _ends_clause(shape[at - 2 : at + 1]):
            return at
    if at := shape.rfind(" ") + 1:
        return at
    for at in range(last, 0, -1):
        if not (_binds(shape[at - 1]) and _binds(shape[at])):
            return at
    return last


def _binds(char: str) -> bool:
    """Whether `char` belongs to a word or number with its neighbour."""
    return char.isascii() and (char.isalnum() or char in ".,:'-_/@%&+$")


def _sentence(held: list[str | Span], manner: Manner) -> Sentence | None:
    """Return the sentence, its characters joined into spans; None if there is nothing to say."""
    while held and held[-1] == " ":
        held.pop()
    if not any(map(_is_speakable, _text(held))):
        return None
    spans: list[Span] = []
    for _, run in groupby(held, lambda item: isinstance(item, Span)):
        items = list(run)
        spans += [i for i in items if isinstance(i, Span)] or [Span(_text(items), manner)]
    return Sentence(tuple(spans))


def _is_speakable(char: str) -> bool:
    return char.isalnum() or char in SIGNS or unicodedata.category(char) == "Sc"
