"""SSML, well formed or not: elements become manners, pauses and spans; the rest is text.

Supported are speak, p, s, break, prosody (rate, volume), emphasis, express-as, voice, sub, say-as
and phoneme (pinyin). Other elements have no effect and their content is spoken, an audio
element's too; what desc and metadata hold is not. Markdown and entities are left for `plain`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from wyoming_indextts.speech.emotion import Presets
from wyoming_indextts.speech.markup import tags, values
from wyoming_indextts.speech.markup.scan import END, Rule, Scanner, rule
from wyoming_indextts.speech.markup.tags import Tag
from wyoming_indextts.speech.script import PLAIN, Manner, Pause, SayAs, Span

Item = str | Pause | Manner | Span
"""Text, silence, how everything from here on is spoken, or text that stays in one piece."""

DEEPEST: Final = 32
"""Elements inside one another that have an effect; deeper ones are as if they were not there."""

LONGEST_READING: Final = 100
"""Characters in say-as or phoneme; more is no number, name or word, and is read as text."""

ENDS_SENTENCE: Final = frozenset(("speak", "p", "s", "paragraph", "sentence"))

NESTING: Final = frozenset(
    ("prosody", "emphasis", "express-as", "voice", "sub", "say-as", "phoneme", "desc", "metadata")
)
"""Elements whose end must be known."""

SAY_AS: Final[dict[str, SayAs]] = {
    "characters": "characters",
    "spell-out": "characters",
    "telephone": "telephone",
    "date": "date",
    "time": "time",
    "cardinal": "cardinal",
    "number": "cardinal",
    "ordinal": "ordinal",
}

_PINYIN: Final = re.compile(r"[a-zü]+[1-5](?:\s+[a-zü]+[1-5])*")

_CDATA: Final = r"<!\[CDATA\["

_CDATA_OPEN: Final = r"<(?:!(?:\[(?:C(?:D(?:A(?:T(?:A)?)?)?)?)?)?)?"


@dataclass(frozen=True, slots=True)
class _Element:
    name: str
    manner: Manner = PLAIN
    pinyin: tuple[str, ...] = ()
    say_as: SayAs | None = None
    silent: bool = False


class Ssml:
    """Holds the open elements of one document."""

    def __init__(self, presets: Presets) -> None:
        self._presets = presets
        self._scanner = Scanner[Item]()
        self._open = [_Element("")]
        self._deeper = 0
        self._reading = ""
        """What say-as or phoneme holds so far."""
        self._in_cdata = False
        self._markup_rules = self._rules_of_markup()
        self._cdata_rules = self._rules_of_cdata()

    def feed(self, text: str) -> list[Item]:
        """Take more of the document; return what is certain."""
        return self._scanner.feed(text, self._rules)

    def flush(self) -> list[Item]:
        """The document is complete, closed or not: return the rest."""
        return [*self.feed(END), *self._release()]

    def _rules(self) -> tuple[Rule[Item], ...]:
        return self._cdata_rules if self._in_cdata else self._markup_rules

    def _rules_of_markup(self) -> tuple[Rule[Item], ...]:
        return (
            rule(self._text, rf"[^<{END}]+"),
            rule(self._begin_cdata, _CDATA, _CDATA_OPEN),
            rule(self._nothing, tags.ASIDE, tags.ASIDE_OPEN),
            rule(self._tag, tags.TAG, tags.TAG_OPEN),
            rule(self._nothing, f"{tags.CUT_TAG}|{tags.BROKEN_TAG}"),
            rule(self._text, tags.LESS_THAN),
        )

    def _rules_of_cdata(self) -> tuple[Rule[Item], ...]:
        return (
            rule(self._text, rf"[^\]{END}]+"),
            rule(self._end_cdata, r"\]\]>", r"\]\]?"),
            rule(self._text, r"\]"),
        )

    def _nothing(self, _: re.Match[str]) -> Iterable[Item]:
        return ()

    def _text(self, match: re.Match[str]) -> Iterable[Item]:
        # Line ends are only for the eye in XML.
        text = match.group().replace("\n", " ")
        inner = self._open[-1]
        if inner.silent:
            return ()
        if not (inner.pinyin or inner.say_as):
            return (text,)
        self._reading += text
        if len(self._reading) <= LONGEST_READING:
            return ()
        self._open[-1] = replace(inner, pinyin=(), say_as=None)
        text, self._reading = self._reading, ""
        return (text,)

    def _release(self) -> Iterable[Item]:
        """Return the end of a reading, if there is one."""
        text, self._reading = tags.decoded(self._reading).strip(), ""
        inner = self._open[-1]
        return (Span(text, inner.manner, inner.pinyin, inner.say_as),) if text else ()

    def _begin_cdata(self, _: re.Match[str]) -> Iterable[Item]:
        self._in_cdata = True
        return ()

    def _end_cdata(self, _: re.Match[str]) -> Iterable[Item]:
        self._in_cdata = False
        return ()

    def _tag(self, match: re.Match[str]) -> Iterable[Item]:
        tag = tags.tag(match)
        if tag.name in NESTING:
            yield from self._release()
            before = self._open[-1].manner
            if not tag.closing:
                yield from self._enter(tag)
            if tag.closing or tag.empty:
                self._leave(tag.name)
            if (now := self._open[-1].manner) != before:
                yield now
        elif tag.name in ENDS_SENTENCE or tag.name == "break":
            yield from self._release()
            if not self._open[-1].silent:
                yield from _stops(tag)

    def _enter(self, tag: Tag) -> Iterable[Item]:
        outer = self._open[-1]
        if len(self._open) > DEEPEST:
            self._deeper += 1
            return
        if tag.name == "sub" and not outer.silent:
            yield tag.attributes.get("alias", "")
        self._open.append(self._element(tag, outer))

    def _leave(self, name: str) -> None:
        """Close the innermost element of that name and all inside it; a stray end has no effect."""
        if self._deeper:
            self._deeper -= 1
        elif any(element.name == name for element in self._open):
            while self._open.pop().name != name:
                pass

    def _element(self, tag: Tag, outer: _Element) -> _Element:
        inner = replace(outer, name=tag.name)
        match tag.name:
            case "sub":
                return replace(inner, silent=inner.silent or "alias" in tag.attributes)
            case "desc" | "metadata":
                return replace(inner, silent=True)
            case "say-as":
                asked = tag.attributes.get("interpret-as", "").lower()
                return replace(inner, say_as=SAY_AS.get(asked))
            case "phoneme":
                return replace(inner, pinyin=_pinyin(tag))
            case _:
                return replace(inner, manner=self._manner(tag, outer.manner))

    def _manner(self, tag: Tag, outer: Manner) -> Manner:
        value = tag.attributes.get
        match tag.name:
            case "prosody":
                rate, gain = values.rate(value("rate", "")), values.volume(value("volume", ""))
            case "emphasis":
                rate, gain = values.EMPHASES.get(value("level", "moderate").lower(), (1.0, 0.0))
            case "voice" if name := value("name"):
                return replace(outer, voice=name)
            case "express-as" if (style := value("style", "")) in self._presets:
                degree = values.intensity(value("styledegree", ""))
                emotion = self._presets.find(style).name
                return replace(outer, emotion=emotion, intensity=degree)
            case _:
                return outer
        return replace(
            outer,
            rate=values.bounded_rate(outer.rate * rate),
            volume=values.bounded_volume(outer.volume + gain),
        )


def _stops(tag: Tag) -> Iterable[Item]:
    """Return the silence of a break, or the line end that ends a sentence."""
    if tag.name != "break":
        yield "\n"
    elif not tag.closing:
        strength = tag.attributes.get("strength", "").lower()
        length = values.seconds(tag.attributes.get("time", ""))
        if length is None:
            length = values.BREAKS.get(strength, values.BREAKS["medium"])
        if length:
            yield Pause(length)


def _pinyin(tag: Tag) -> tuple[str, ...]:
    """Return the syllables of a phoneme in pinyin; another alphabet has none."""
    alphabet = tag.attributes.get("alphabet", "").lower()
    reading = tag.attributes.get("ph", "").lower()
    known = alphabet in ("pinyin", "x-pinyin") and _PINYIN.fullmatch(reading)
    return tuple(reading.split()) if known else ()
