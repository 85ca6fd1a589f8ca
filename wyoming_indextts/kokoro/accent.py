"""Writes Chinese so that the bundled voices say what is meant.

Their styles are Japanese speakers', who hurry over the open vowel of ao and ang: 好 comes out as
后, 上 as 声. Two symbols for it give it its time. (Heard by speech recognition, 2026-11-24.)
"""

import re
from typing import Final

_OPEN: Final = re.compile(r"(?<![jw])a(?=u[→↗↓↘]|[→↗↓↘]ŋ)")
"""The vowel of ao and ang in Kokoro's symbols (see `pinyin`); not that of iao, iang or uang."""


def opened(symbols: str) -> str:
    """Return the symbols with two for each such vowel; English has none."""
    return _OPEN.sub("aa", symbols)
