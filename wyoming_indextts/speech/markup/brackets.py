"""What stands in brackets and is not text: emotions, pauses, footnotes."""

import re
from dataclasses import dataclass
from typing import Final

from wyoming_indextts.speech.emotion import Presets
from wyoming_indextts.speech.markup.scan import END
from wyoming_indextts.speech.markup.values import BREAKS, intensity, seconds
from wyoming_indextts.speech.script import Pause

BRACKETS: Final = rf"[\[【]([^\[\]【】\n{END}]{{1,48}})[\]】]"
"""48 characters hold the longest preset's name that is worth waiting for."""

BRACKETS_OPEN: Final = rf"[\[【][^\[\]【】\n{END}]{{0,48}}"

_INTENSITY: Final = re.compile(r"(.*?)(?:\s*[:：]\s*|\s+)([0-9.]+\s*%?)")

_PAUSE: Final = re.compile(r"pause(?:\s*[:：]?\s*(\S.*))?", re.IGNORECASE)

_FOOTNOTE: Final = re.compile(r"\^.*|[0-9][0-9, –-]*|[0-9]+(?::[0-9]+)?†.*")


@dataclass(frozen=True, slots=True)
class Feeling:
    """An inline tag: from here on this emotion, or with None no longer the one before."""

    emotion: str | None = None
    intensity: float | None = None


@dataclass(frozen=True, slots=True)
class Footnote:
    """A mark that is not read."""


def bracketed(text: str, presets: Presets) -> Feeling | Pause | Footnote | None:
    """Return what `text` means in brackets; None is ordinary text."""
    text = text.strip()
    if text.startswith("/"):
        return Feeling() if text == "/" or text[1:] in presets else None
    if text in presets:
        return Feeling(presets.find(text).name)
    if (found := _INTENSITY.fullmatch(text)) and found[1] in presets:
        amount = intensity(found[2])
        return None if amount is None else Feeling(presets.find(found[1]).name, amount)
    if found := _PAUSE.fullmatch(text):
        length = seconds(found[1]) if found[1] else BREAKS["medium"]
        return None if length is None else Pause(length)
    return Footnote() if _FOOTNOTE.fullmatch(text) else None
