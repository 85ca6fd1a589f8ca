"""What is to be spoken, on its way from a user's text to an engine.

    text --markup--> Span | Pause --sentences--> Sentence | Pause --normalise--> Phrase ...

Plain values; nothing here knows how any of it sounds.
"""

from dataclasses import dataclass
from typing import Final, Literal

SayAs = Literal["characters", "telephone", "date", "time", "cardinal", "ordinal"]
"""How SSML's `say-as` asks for a span to be read."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How the text itself asks to be spoken; None leaves the choice to request and stage.

    `emotion` is a preset's canonical name, `intensity` in [0, 1]; `rate` multiplies speed and
    `volume` is a gain in dB on top of everything else.
    """

    voice: str | None = None
    emotion: str | None = None
    intensity: float | None = None
    rate: float = 1.0
    volume: float = 0.0


PLAIN: Final = Manner()
"""No wishes at all."""


@dataclass(frozen=True, slots=True)
class Span:
    """Plain text, free of markup, in one manner.

    `pinyin`, if any, is the reading of `text`, one toned syllable per element ("chong2");
    `say_as` tells the normaliser how to read digits and letters. A span with either is whole:
    it is neither cut nor joined with its neighbours.
    """

    text: str
    manner: Manner = PLAIN
    pinyin: tuple[str, ...] = ()
    say_as: SayAs | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence asked for in the text; `seconds` in [0, 10]."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """A run of spans that is spoken in one breath; all spans have the same manner."""

    spans: tuple[Span, ...]

    @property
    def manner(self) -> Manner:
        """The manner of every span."""
        return self.spans[0].manner

    @property
    def text(self) -> str:
        """The spans' text, joined."""
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Normalised text: words and punctuation only, spoken as written.

    `pinyin`, if any, is its reading and goes before any dictionary's.
    """

    text: str
    pinyin: tuple[str, ...] = ()
