"""Readings written into a text: <行|xing2> is said as the pinyin, <SQL|sequel> as the word.

They are taken out before anything else is read and come back last, so that nothing touches them.
"""

import re
from collections.abc import Sequence
from typing import Final

from wyoming_indextts.indextts2.text.asides import Found, put_back, set_aside
from wyoming_indextts.indextts2.text.pinyin import SYLLABLE, spelled

_KIND: Final = "w"

_ANNOTATED: Final = re.compile(r"<(?!\s)([^<>|]+)\|([^<>|]+)>")

MARKER: Final = re.compile(r"(<w_[a-z]+>)")
"""What stands for an annotated word."""


def unannotated(text: str) -> str:
    """Return `text` as a reader sees it."""
    return _ANNOTATED.sub(r"\1", text)


def set_annotated_aside(text: str) -> tuple[str, Sequence[Found]]:
    """Return `text` with markers for its annotated words, and these words."""
    return set_aside(text, _ANNOTATED, _KIND)


def put_readings_in(text: str, annotated: Sequence[Found]) -> str:
    """Return `text` with the readings in place of the markers."""
    return put_back(text, annotated, _KIND, _reading)


def _reading(annotated: Found) -> str:
    return SYLLABLE.sub(lambda syllable: spelled(syllable[0]), annotated[2])
