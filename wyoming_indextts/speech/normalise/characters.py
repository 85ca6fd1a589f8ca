"""The characters a spoken text is written in: one form of each, and none that nobody can say.

Full-width and other compatibility forms become plain ones, accents are taken off Latin letters,
dashes and quotes are made alike. Letters of other scripts, controls and emoji become spaces.
"""

import re
import unicodedata
from typing import Final

from wyoming_indextts.speech.language import HAN

_KEPT: Final = frozenset("，。！？；：、…—（）《》°℃℉²³µ¥€£±Ω")
"""What stays as it is, besides printable ASCII and Chinese characters."""

_REPLACED: Final = {
    **dict.fromkeys("‐‑‒–−﹣－", "-"),
    **dict.fromkeys("―─", "—"),
    **dict.fromkeys("～〜∼", "~"),
    **dict.fromkeys("‘’‛′＇", "'"),
    **dict.fromkeys("“”„‟«»「」『』″＂", '"'),
    **dict.fromkeys("【〔〖", "（"),
    **dict.fromkeys("】〕〗", "）"),
    **dict.fromkeys("〈‹", "《"),
    **dict.fromkeys("〉›", "》"),
    **dict.fromkeys("º˚", "°"),
    **dict.fromkeys("⁄∕", "/"),
    **dict.fromkeys("·•・", " "),
    "\N{GREEK SMALL LETTER MU}": "\N{MICRO SIGN}",
    "\N{OHM SIGN}": "Ω",
    "〇": "零",
    "×": "x",
    "₂": "2",
    "₃": "3",
    "￥": "¥",
    "№": "No. ",
    "ß": "ss",
    "ẞ": "SS",
    "æ": "ae",
    "Æ": "Ae",
    "œ": "oe",
    "Œ": "Oe",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "ð": "d",
    "Ð": "D",
    "þ": "th",
    "Þ": "Th",
    "ı": "i",
}

_HAN: Final = re.compile(f"[{HAN}]")

_SPACES: Final = re.compile(" +")

_SPEAKABLE: Final = re.compile(rf"[A-Za-z{HAN}]")


def fold(text: str) -> str:
    """Return `text` in characters that the normaliser knows, without two spaces in a row."""
    return _SPACES.sub(" ", "".join(map(_fold, text)))


def unspeakable(text: str) -> tuple[str, ...]:
    """Return the scripts, by name and sorted, whose letters `text` has and no engine speaks."""
    return tuple(sorted({_script(char) for char in text if _is_foreign(char)}))


def is_speakable(text: str) -> bool:
    """Return whether a normalised text has anything to say, not punctuation alone."""
    return _SPEAKABLE.search(text) is not None


def _fold(char: str) -> str:
    if char in _REPLACED:
        return _REPLACED[char]
    if " " <= char <= "~" or char in _KEPT or _HAN.match(char):
        return char
    category = unicodedata.category(char)
    if category in {"Mn", "Me", "Cf", "Cs"}:
        return ""  # marks on the letter before, joiners, halves of a character
    if category == "Nd":
        return str(unicodedata.decimal(char))
    return _plain(char)


def _plain(char: str) -> str:
    """Return the ASCII, or units' characters, that `char` is a form of; else a space."""
    decomposed = unicodedata.normalize("NFKD", char)
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    plain = "".join(_REPLACED.get(c, c) for c in letters)
    if not all(" " <= c <= "~" or c in _KEPT or _HAN.match(c) for c in plain):
        return " "
    if unicodedata.category(char) == "No":
        return f" {plain} "  # a fraction, or a number in a circle, is a word of its own
    return plain or " "


def _is_foreign(char: str) -> bool:
    return unicodedata.category(char).startswith("L") and not _fold(char).strip()


def _script(char: str) -> str:
    """Return the first word of the character's name: Cyrillic, Arabic, Hiragana."""
    return unicodedata.name(char, "unknown").split()[0].capitalize()
