"""Tables in Markdown, as docs/benchmarks.md holds them."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

DIGITS: Final = 3
"""Significant digits of a number; no measurement here is steadier than that."""

Cell = str | float


def table(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return the table; numbers are rounded as `figure` does, a bar in a text is escaped."""
    lines = [list(header), ["---"] * len(header), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def figure(value: float) -> str:
    """Return the number with `DIGITS` significant digits, whole digits all kept."""
    if not math.isfinite(value):
        return "-"
    if value == 0:
        return "0"
    exponent = int(f"{value:.{DIGITS - 1}e}".partition("e")[2])  # after rounding: 9.996 is 10.0
    return f"{value:.{max(0, DIGITS - 1 - exponent)}f}"


def _cell(cell: Cell) -> str:
    text = cell if isinstance(cell, str) else figure(cell)
    return text.replace("|", "\\|").replace("\n", " ")
