"""Keeps parts of a text from being read: a marker stands in their place until they come back.

The markers, <kind_a>, <kind_b>, ..., are words that the transducers leave alone (measured).
"""

import re
from collections.abc import Callable, Sequence
from string import ascii_lowercase

Found = re.Match[str]


def set_aside(text: str, pattern: re.Pattern[str], kind: str) -> tuple[str, Sequence[Found]]:
    """Return `text` with a marker for each match of `pattern`, and the matches."""
    found: list[Found] = []

    def marked(match: Found) -> str:
        found.append(match)
        return f"<{kind}_{_letters(len(found) - 1)}>"

    return pattern.sub(marked, text), found


def put_back(text: str, found: Sequence[Found], kind: str, written: Callable[[Found], str]) -> str:
    """Return `text` with what is `written` of each match in place of its marker."""
    by_marker = {_letters(number): match for number, match in enumerate(found)}

    def unmarked(marker: Found) -> str:
        return written(by_marker[marker[1]]) if marker[1] in by_marker else marker[0]

    return re.sub(f"<{kind}_([a-z]+)>", unmarked, text)


def _letters(number: int) -> str:
    """Return the number in letters: a to z, then ba, bb, ..."""
    higher, last = divmod(number, len(ascii_lowercase))
    return (_letters(higher) if higher else "") + ascii_lowercase[last]
