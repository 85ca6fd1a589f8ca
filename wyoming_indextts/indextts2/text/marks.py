"""The few marks the vocabulary knows, in place of all others."""

import re
from collections.abc import Mapping
from typing import Final

from wyoming_indextts.speech.language import Language

_BOTH: Final = {
    **dict.fromkeys(("：", ":", "；", ";", "，", "、"), ","),
    "。": ".",
    "！": "!",
    "？": "?",
    "\n": " ",
    **dict.fromkeys(("·", "—", "～", "~"), "-"),
    **dict.fromkeys('“”"‘’（）()《》【】[]「」', "'"),
    **dict.fromkeys(("...", ",,,", "……"), "…"),
}

_MARKS: Final[Mapping[Language, Mapping[str, str]]] = {"en": _BOTH, "zh": {"$": ".", **_BOTH}}
"""What is written in place of each mark; a dollar that no amount follows ends a Chinese text."""

_PATTERN: Final = {
    language: re.compile("|".join(map(re.escape, marks))) for language, marks in _MARKS.items()
}


def plain(text: str, language: Language) -> str:
    """Return `text` with the vocabulary's marks."""
    return _PATTERN[language].sub(lambda mark: _MARKS[language][mark[0]], text)
