"""Reads texts the way the speaker does, for the tests of markup and sentences."""

from collections.abc import Iterable
from typing import TypeGuard

from wyoming_indextts.speech.emotion import Preset, Presets
from wyoming_indextts.speech.markup import Markup
from wyoming_indextts.speech.script import Pause, Sentence, Span
from wyoming_indextts.speech.sentences import Sentences

PRESETS = Presets(
    [
        Preset("neutral", "中性"),
        Preset("happy", "高兴"),
        Preset("sad", "悲伤"),
        Preset("lively", "生动讲解"),
    ]
)


def marked_up(*pieces: str, ssml: bool = False) -> list[Span | Pause]:
    """Return the spans of a text that arrives in pieces, equal neighbours joined."""
    markup = Markup(PRESETS, ssml=ssml)
    items = [item for piece in pieces for item in markup.feed(piece)]
    return joined([*items, *markup.flush()])


def joined(items: Iterable[Span | Pause]) -> list[Span | Pause]:
    """Join neighbouring spans that differ in nothing but their text and need not stay whole."""
    made: list[Span | Pause] = []
    for item in items:
        last = made[-1] if made else None
        if is_loose(item) and is_loose(last) and item.manner == last.manner:
            made[-1] = Span(last.text + item.text, item.manner)
        else:
            made.append(item)
    return made


def is_loose(item: Span | Pause | None) -> TypeGuard[Span]:
    """Whether an item is a span that may be cut and joined."""
    return isinstance(item, Span) and not item.pinyin and not item.say_as


def spoken(*pieces: str, ssml: bool = False) -> str:
    """Return the text of a text, its white space made single spaces."""
    items = marked_up(*pieces, ssml=ssml)
    return " ".join("".join(item.text for item in items if isinstance(item, Span)).split())


def sentences(*pieces: str, ssml: bool = False) -> list[Sentence | Pause]:
    """Return the sentences of a text that arrives in pieces."""
    markup, cutter = Markup(PRESETS, ssml=ssml), Sentences()
    spans = [item for piece in pieces for item in markup.feed(piece)] + markup.flush()
    return [made for span in spans for made in cutter.feed(span)] + cutter.flush()


def lines(*pieces: str) -> list[str]:
    """Return the text of each sentence of a text that arrives in pieces."""
    return [made.text for made in sentences(*pieces) if isinstance(made, Sentence)]
