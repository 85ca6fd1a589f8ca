"""Tables in Markdown, and figures in them."""

from collections.abc import Iterable, Sequence

Rows = Iterable[Sequence[str]]


def table(header: Sequence[str], rows: Rows) -> str:
    """Return a table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def figure(value: float) -> str:
    """Return three significant digits, whole digits all kept."""
    if not value:
        return "0"
    whole = f"{value:.3g}"
    return f"{value:.0f}" if "e" in whole and value > 1 else whole
