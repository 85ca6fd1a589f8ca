"""Pieces of a text with any markup in, spans of plain text and pauses out.

    characters -> SSML, if it is -> plain text -> spans

The spans of a text are the same however it was cut into pieces, but for where one span of equal
attributes ends and the next begins.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from wyoming_indextts.speech.emotion import Presets
from wyoming_indextts.speech.markup import plain
from wyoming_indextts.speech.markup.brackets import Feeling
from wyoming_indextts.speech.markup.characters import Characters
from wyoming_indextts.speech.markup.plain import Plain
from wyoming_indextts.speech.markup.ssml import Ssml
from wyoming_indextts.speech.script import PLAIN, Manner, Pause, Span

_SSML: Final = re.compile(r"<(?:speak|\?xml)[\s/>]", re.IGNORECASE)

_SSML_OPEN: Final = re.compile(r"<(?:\?(?:x(?:ml?)?)?|s(?:p(?:e(?:ak?)?)?)?)?\Z", re.IGNORECASE)


class Markup:
    """Reads one utterance; text that begins with `<speak` is SSML even if nobody said so."""

    def __init__(self, presets: Presets, *, ssml: bool = False) -> None:
        self._characters = Characters()
        self._plain = Plain(presets)
        self._ssml = Ssml(presets)
        self._is_ssml = True if ssml else None
        """None while the beginning is too short to tell."""
        self._beginning = ""
        self._around = PLAIN
        """What SSML says."""
        self._feeling = Feeling()
        """What the last inline tag says; it goes before SSML."""

    def feed(self, text: str) -> list[Span | Pause]:
        """Take more text; return what is certain. No text makes it fail."""
        return list(self._read(self._characters.feed(text)))

    def flush(self) -> list[Span | Pause]:
        """The text is complete: return the rest."""
        rest = [*self._read(self._characters.flush())]
        if self._is_ssml:
            rest += self._document(self._ssml.flush())
        return [*rest, *self._said(self._plain.flush())]

    def _read(self, text: str) -> Iterable[Span | Pause]:
        if self._is_ssml is None:
            text = self._beginning = (self._beginning + text).lstrip()
            if not text or _SSML_OPEN.match(text):
                return ()
            self._is_ssml = bool(_SSML.match(text))
        if self._is_ssml:
            return self._document(self._ssml.feed(text))
        return self._said(self._plain.feed(text))

    def _document(self, items: Iterable[str | Pause | Manner | Span]) -> Iterable[Span | Pause]:
        for item in items:
            if isinstance(item, str):
                yield from self._said(self._plain.feed(item))
                continue
            yield from self._said(self._plain.flush())
            match item:
                case Pause():
                    yield item
                case Manner():
                    self._around = item
                case Span():
                    yield replace(item, manner=self._manner())

    def _said(self, items: Iterable[plain.Item]) -> Iterable[Span | Pause]:
        for item in items:
            match item:
                case Pause():
                    yield item
                case Feeling():
                    self._feeling = item
                case text if text:
                    yield Span(text, self._manner())
                case _:
                    pass

    def _manner(self) -> Manner:
        if self._feeling.emotion is None:
            return self._around
        return replace(
            self._around, emotion=self._feeling.emotion, intensity=self._feeling.intensity
        )
