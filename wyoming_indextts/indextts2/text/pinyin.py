"""Pinyin typed into a text, like xing2: how it is recognised, and how the vocabulary spells it."""

import re
from typing import Final

INITIALS: Final = (
    "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x",
    "z", "c", "s", "r", "y", "w",
)  # fmt: skip

FINALS: Final = (
    "iang", "iong", "uang", "üang", "vang",
    "ang", "eng", "ing", "ong", "iao", "ian", "uai", "uan", "üan", "van",
    "ai", "ei", "ao", "ou", "an", "en", "in", "un", "ün", "vn",
    "ia", "ie", "iu", "ua", "ui", "uo", "ue", "üe", "ve",
    "a", "o", "e", "i", "u", "ü", "v",
)  # fmt: skip
"""v is the keyboard's ü."""

ALONE: Final = ("er", "ng")
"""Syllables that take no initial."""

SYLLABLE: Final = re.compile(
    rf"(?<![a-z])(?:(?:{'|'.join(INITIALS)})?(?:{'|'.join(FINALS)})|{'|'.join(ALONE)})[1-5]",
    re.IGNORECASE,
)
"""A syllable with its tone, not in the middle of a word: xing2, but not the end of beta1."""

_AFTER_PALATAL: Final = re.compile("([jqx])[uü]", re.IGNORECASE)


def spelled(syllable: str) -> str:
    """Return the syllable in the vocabulary's spelling, which has ü after j, q, x as v: XVAN4."""
    if syllable[0] not in "jqxJQX":
        return syllable
    return _AFTER_PALATAL.sub(r"\1v", syllable).upper()
