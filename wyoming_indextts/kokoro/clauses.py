"""Cuts what is to be said into clauses: the runs that Kokoro speaks one at a time.

    phrases -> pieces (up to a mark of punctuation) -> clauses (pieces joined, or cut at words)

The first clause is short, because sound starts when it is done; each later one is joined from
pieces up to the length of all before it and of the first once more, so that a machine that
speaks at twice real time is done with it when they have been heard; a faster one is given more,
for each run costs the work of half a second of silence besides. No clause has more than `LIMIT`
symbols, fewer in slow speech: the network's memory grows with the longest it ever spoke.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from wyoming_indextts.speech.pauses import pause_after
from wyoming_indextts.speech.script import Phrase

LIMIT: Final = 100
"""Symbols of the longest clause at pace 1: 8 s of sound, for which the network takes 170 MB on
top of its own 400 (130 symbols take 220, 480 take 900)."""

FIRST: Final = 60
"""Symbols of the longest first clause at pace 1: 3 s of sound, 1 s of work on two cores."""

SHORT: Final = 10
"""A piece of fewer symbols, some four syllables, is joined to its neighbour."""

CUT: Final = ","
"""What a clause ends with that is cut between words: the voice stays up."""

_PIECE: Final = re.compile(
    r".+?(?:[，、；：。！？…—\n]+|[,;:!?]+(?!\d)|(?<=[^\W\d_]{3})\.+(?=\s|$)|$)"
    r"[\"'”’』」》〉)）】\]\s]*",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Symbols between two places where a speaker may pause; `pause` is in seconds."""

    symbols: str
    pause: float


def pieces(phrases: Sequence[Phrase]) -> Iterator[tuple[Phrase, ...]]:
    """Cut after each mark of punctuation; nothing is lost, a given reading stays whole."""
    held: list[Phrase] = []
    for phrase in phrases:
        parts = [phrase]
        if not phrase.pinyin:
            parts = [Phrase(match.group()) for match in _PIECE.finditer(phrase.text)]
        for part in parts:
            held.append(part)
            if pause_after(part.text) and not part.pinyin:
                yield tuple(held)
                held = []
    if held:
        yield tuple(held)


def clauses(said: Sequence[Piece], pace: float = 1.0, *, reach: float = 1.0) -> list[Piece]:
    """Join and cut pieces into clauses that are quick to begin and never too long.

    `pace` is the factor of the voice's; below 1 clauses have fewer symbols, not more seconds.
    `reach` is how long a clause the machine makes while something of length 1 is heard.
    """
    limit, first = (max(SHORT, int(most * min(pace, 1.0))) for most in (LIMIT, FIRST))
    ready: list[Piece] = []
    for piece in _fitting(said, limit, first):
        if ready and len(ready[-1].symbols) + 1 + len(piece.symbols) <= _room(
            ready, limit, first, reach
        ):
            ready[-1] = Piece(f"{ready[-1].symbols} {piece.symbols}", piece.pause)
        else:
            ready.append(piece)
    return ready


def _room(ready: Sequence[Piece], limit: int, first: int, reach: float) -> int:
    """Return how long the last clause may grow."""
    *before, last = (len(clause.symbols) for clause in ready)
    if last < SHORT:
        return limit if before else first
    if not before:
        return 0
    heard = sum(before)
    return min(limit, max(heard + before[0], int(reach * heard)))


def _fitting(said: Sequence[Piece], limit: int, first: int) -> list[Piece]:
    """Return the pieces, those that are too long cut between words."""
    fitting: list[Piece] = []
    for piece in said:
        rest = piece
        while len(rest.symbols) > (most := limit if fitting else first):
            head, rest = _cut(rest, most)
            fitting.append(head)
        if rest.symbols:
            fitting.append(rest)
    return fitting


def _cut(piece: Piece, limit: int) -> tuple[Piece, Piece]:
    """Cut between the words that leave even parts, or within a word that is too long."""
    parts = math.ceil(len(piece.symbols) / (limit - len(CUT)))
    even = min(limit - len(CUT), math.ceil(len(piece.symbols) / parts) + SHORT)
    end = piece.symbols.rfind(" ", 1, even + 1)
    if end < 0:
        end = even
    head = piece.symbols[:end].rstrip(" ,")
    return Piece(head + CUT, 0.0), replace(piece, symbols=piece.symbols[end:].lstrip())
