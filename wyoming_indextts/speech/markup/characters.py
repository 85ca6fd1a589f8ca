"""Drops the characters that nobody can say: emoji, control and format characters, broken ones."""

import re
from typing import Final

_SAID_OTHERWISE: Final = str.maketrans("‼⁉", "!?")

_SPACES: Final = re.compile(r"[\t\r\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")

_LINE_ENDS: Final = re.compile(r"[\x0b\x0c\x85\u2028\u2029]")

_SILENT: Final = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x9f"  # control characters
    "\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"  # format characters, joiners
    "\ufe00-\ufe0f\ufeff\ufff0-\uffff"  # variation selectors, marks, non-characters
    "\ud800-\udfff\ue000-\uf8ff"  # halves of characters, private use
    "\xa9\xae\u2122\u2139\u20e3"  # signs that are also emoji, the keycap
    "\u2022\u2023\u2043"  # bullets
    "\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf"  # arrows, technical, boxes, shapes, dingbats
    "\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001faff"  # emoji and their parts, flags among them
    "\U000e0000-\U0010ffff"  # tags, further selectors, private use
    "]"
)

_KEYCAP: Final = re.compile("[0-9#*]\ufe0f?\u20e3")

_PERHAPS_KEYCAP: Final = re.compile("[0-9#*]\ufe0f?\\Z")


def clean(text: str) -> str:
    """Return `text` with plain spaces and line ends, without what cannot be said."""
    text = _LINE_ENDS.sub("\n", _SPACES.sub(" ", text.translate(_SAID_OTHERWISE)))
    return _SILENT.sub("", _KEYCAP.sub("", text))


class Characters:
    """Cleans a stream; a keycap, being two or three characters, may be cut across pieces."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """Take more text; return what can be said of what is certain."""
        text = self._held + text
        perhaps = _PERHAPS_KEYCAP.search(text)
        self._held = perhaps.group() if perhaps else ""
        return clean(text[: len(text) - len(self._held)])

    def flush(self) -> str:
        """The text is complete: return the rest."""
        held, self._held = self._held, ""
        return clean(held)
