"""Which language's rules a text is read by: not quite the question which language it is in.

Whatever the English rules have no use for - digits alone, a mail address, pinyin - is Chinese.
"""

import re
from typing import Final

from wyoming_indextts.indextts2.text.pinyin import SYLLABLE
from wyoming_indextts.speech.language import Language

_HAN: Final = re.compile("[\u4e00-\u9fff]")

_LATIN: Final = re.compile("[A-Za-z]")

_MAIL: Final = re.compile(r"[A-Za-z0-9]+@[A-Za-z0-9]+\.[A-Za-z]+")


def language_read(text: str) -> Language:
    """Return the language by whose rules `text` is read."""
    if _HAN.search(text) or not _LATIN.search(text) or _MAIL.fullmatch(text):
        return "zh"
    return "zh" if SYLLABLE.search(text) else "en"
