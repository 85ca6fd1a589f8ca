"""The user's own readings of names, rooms and brands, in both languages, for every engine.

Knows a text in TOML, not the file it came from. How a file looks is told in
`config/lexicon.toml`.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, get_args

from wyoming_indextts.speech.language import Language, count_han
from wyoming_indextts.speech.script import Span

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

_SYLLABLE: Final = re.compile(r"[a-zü]{1,6}[1-5]")
"""Pinyin with its tone as a digit; 5 is the neutral tone."""


class LexiconError(ValueError):
    """A lexicon cannot be read; the message names the file and the word or line."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a word is said: `say` takes its place, or `pinyin` goes with it, never both."""

    say: str = ""
    pinyin: tuple[str, ...] = ()


class Lexicon:
    """Finds the user's words in a span and gives them their readings."""

    def __init__(self, readings: Mapping[Language, Mapping[str, Reading]]) -> None:
        """Take the words of each language with their readings."""
        self._entries = {language: _Entries(words) for language, words in readings.items()}

    @classmethod
    def parse(cls, text: str, source: str) -> "Lexicon":
        """Return the lexicon that a TOML text describes; `source` names it in errors.

        Raises:
            LexiconError: it is not TOML, or an entry is not a reading.
        """
        return cls.parse_all([(text, source)])

    @classmethod
    def parse_all(cls, sources: Iterable[tuple[str, str]]) -> "Lexicon":
        """Return the lexicon of several (text, source); a later one's words go first.

        Raises:
            LexiconError: as `parse`.
        """
        words: dict[str, tuple[str, Mapping[Language, Reading]]] = {}
        for text, source in sources:
            words |= {word.casefold(): (word, said) for word, said in _words(text, source).items()}
        return cls(
            {
                language: {
                    word: said[language] for word, said in words.values() if language in said
                }
                for language in LANGUAGES
            }
        )

    def apply(self, span: Span, language: Language) -> tuple[Span, ...]:
        """Return `span` with every known word in its reading, the longest word first.

        `language` is the surrounding sentence's. Latin words match whatever their case, and
        only whole; a span that already says how it is read is left alone.
        """
        entries = self._entries.get(language)
        if entries is None or span.pinyin or span.say_as:
            return (span,)
        return entries.apply(span)


class _Entries:
    """The words of one language, longest first, as one pattern: a group for each word."""

    def __init__(self, words: Mapping[str, Reading]) -> None:
        ordered = sorted(words, key=len, reverse=True)
        self._readings = [words[word] for word in ordered]
        pattern = "|".join(f"({_whole(word)})" for word in ordered)
        self._pattern = re.compile(pattern or r"(?!)", re.IGNORECASE)

    def apply(self, span: Span) -> tuple[Span, ...]:
        parts: list[Span] = []
        pending, end = "", 0
        for match in self._pattern.finditer(span.text):
            reading = self._readings[(match.lastindex or 1) - 1]
            pending += span.text[end : match.start()]
            end = match.end()
            if reading.pinyin:
                parts += [replace(span, text=pending)] if pending else []
                parts.append(replace(span, text=match.group(), pinyin=reading.pinyin))
                pending = ""
            else:
                pending += reading.say
        pending += span.text[end:]
        if pending or not parts:
            parts.append(replace(span, text=pending))
        return tuple(parts)


def _whole(word: str) -> str:
    """Return a pattern for a word that is no part of a longer Latin word or number."""
    before = r"(?<![A-Za-z0-9])" if re.match(r"[A-Za-z0-9]", word) else ""
    after = r"(?![A-Za-z0-9])" if re.search(r"[A-Za-z0-9]$", word) else ""
    return before + re.escape(word) + after


def _words(text: str, source: str) -> dict[str, Mapping[Language, Reading]]:
    """Return the readings of each word in one TOML text."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(f"{source}: {error}") from error
    words: dict[str, Mapping[Language, Reading]] = {}
    known: set[str] = set()
    for word, entry in table.items():
        if not word.strip():
            raise LexiconError(f"{source}: a word is empty")
        if word.casefold() in known:
            raise LexiconError(f"{source}: {word!r} is there twice (case does not matter)")
        known.add(word.casefold())
        try:
            words[word] = _readings(word, entry)
        except LexiconError as error:
            raise LexiconError(f"{source}: {word!r} {error}") from None
    return words


def _readings(word: str, entry: object) -> dict[Language, Reading]:
    """Return an entry's reading in each language it is meant for."""
    match entry:
        case dict() if not entry.keys().isdisjoint(LANGUAGES):
            if unknown := entry.keys() - set(LANGUAGES):
                raise LexiconError(f"has both a language and {min(unknown)!r}")
            return {
                language: _reading(word, entry[language])
                for language in LANGUAGES
                if language in entry
            }
        case _:
            return dict.fromkeys(LANGUAGES, _reading(word, entry))


def _reading(word: str, entry: object) -> Reading:
    match entry:
        case str(say) if say.strip():
            return Reading(say=say)
        case {"say": str(say), **rest} if say.strip() and not rest:
            return Reading(say=say)
        case {"pinyin": str(pinyin), **rest} if not rest:
            return Reading(pinyin=_pinyin(word, pinyin))
        case _:
            raise LexiconError(
                'needs a reading: "text", { say = "text" } or { pinyin = "xiao3 mi3" }, '
                "or one of these for each language: { zh = ..., en = ... }"
            )


def _pinyin(word: str, pinyin: str) -> tuple[str, ...]:
    syllables = tuple(pinyin.lower().replace("v", "ü").split())
    for syllable in syllables:
        if not _SYLLABLE.fullmatch(syllable):
            raise LexiconError(f"has {syllable!r}, which is no pinyin with a tone from 1 to 5")
    if count_han(word) != len(word):
        raise LexiconError("has pinyin, but is not written in Chinese characters only")
    if len(syllables) != len(word):
        raise LexiconError(f"has {len(word)} characters but {len(syllables)} syllables")
    return syllables
