"""Two servers side by side: medians over the rounds, their ratio, and who is ahead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.percentiles import median
from bench.table import figure, table


@dataclass(frozen=True, slots=True)
class Versus:
    """One quantity, of which less is better, measured of both in each round."""

    what: str
    ours: Sequence[float]
    theirs: Sequence[float]

    @property
    def ratios(self) -> list[float]:
        """Return ours over theirs, round by round; nothing where theirs is zero."""
        pairs = zip(self.ours, self.theirs, strict=True)
        return [ours / theirs for ours, theirs in pairs if theirs]

    @property
    def ahead(self) -> str:
        """Return who needs less in every round; nobody is ahead by chance."""
        pairs = list(zip(self.ours, self.theirs, strict=True))
        if all(ours < theirs for ours, theirs in pairs):
            return "ours"
        return "piper" if all(ours > theirs for ours, theirs in pairs) else "-"


def side_by_side(quantities: Iterable[Versus], ours: str, theirs: str) -> str:
    """Return the table; a ratio above 1 says that theirs is ahead."""
    header = ("less is better", ours, theirs, "ratio (its range over the rounds)", "ahead")
    return table(
        header,
        (
            (one.what, median(one.ours), median(one.theirs), _ratio(one.ratios), one.ahead)
            for one in quantities
        ),
    )


def _ratio(ratios: Sequence[float]) -> str:
    if not ratios:
        return "-"
    middle = figure(median(ratios))
    if len(ratios) == 1:
        return middle
    return f"{middle} ({figure(min(ratios))} to {figure(max(ratios))})"
