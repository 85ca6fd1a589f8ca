"""Cuts pieces into segments the model can speak at once: at stops and pauses, else by length.

First every place to cut is used, then neighbours are joined again as long as they fit. So a
segment is nearly full, and ends where a speaker would breathe if there is such a place.
"""

from collections.abc import Iterator, Sequence
from typing import Final

LONGEST: Final = 120
"""Tokens of a segment; the reference's default, of the 600 the model has positions for."""

STOPS: Final = frozenset((".", "!", "?", "▁.", "▁?", "▁..."))
"""Pieces that end a part which would have more than `SHORT` pieces with them."""

SHORT: Final = 2

PAUSES: Final = frozenset((",", "▁,", "-"))
"""Pieces that always end a part."""

QUOTES: Final = frozenset(("'", "▁'"))
"""Pieces that belong to the stop before them."""


def cut(pieces: Sequence[str], *, longest: int = LONGEST) -> list[list[str]]:
    """Return segments of 1 to `longest` pieces; joined, they are `pieces`."""
    segments: list[list[str]] = []
    for part in _parts(pieces, longest):
        if segments and len(segments[-1]) + len(part) <= longest:
            segments[-1] += part
        else:
            segments.append(part)
    return segments


def _parts(pieces: Sequence[str], longest: int) -> Iterator[list[str]]:
    """Yield the shortest parts; a part that is too long goes without its last piece."""
    part: list[str] = []
    stopped = False
    for piece in pieces:
        if stopped and not (piece in QUOTES and len(part) < longest):
            yield part
            part, stopped = [], False
        part.append(piece)
        if stopped:
            yield part
            part, stopped = [], False
        elif len(part) > longest:
            yield part[:-1]
            yield part[-1:]
            part = []
        elif piece in PAUSES:
            yield part
            part = []
        else:
            stopped = piece in STOPS and len(part) > SHORT
    if part:
        yield part
