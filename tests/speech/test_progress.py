"""Gaps are what somebody hears who plays sound as it comes, and whose fault is the engine's."""

import pytest

from wyoming_indextts.speech.progress import GAP, Punctuality


def given(*runs: tuple[float, float], text_came: float = 0.0) -> int:
    """Return the underruns of runs of a second, each asked for and given at a time."""
    on_time = Punctuality(text_came=text_came)
    for asked, gave in runs:
        on_time.give(asked, gave, 1.0)
    return on_time.underruns


@pytest.mark.parametrize(
    ("runs", "underruns"),
    [
        ([(0.0, 5.0)], 0),  # the first may take its time
        ([(0.0, 5.0), (5.0, 5.5), (5.5, 6.5)], 0),  # faster than it is heard
        ([(0.0, 5.0), (5.0, 6.0 + GAP / 2)], 0),  # what a player bridges
        ([(0.0, 5.0), (5.0, 6.5)], 1),
        ([(0.0, 5.0), (5.0, 6.5), (6.5, 7.4)], 1),  # who waited once has time again
        ([(0.0, 5.0), (5.0, 6.5), (6.5, 8.0)], 2),
        ([(0.0, 5.0), (9.0, 9.0), (20.0, 20.0)], 0),  # a slow reader
        ([(0.0, 5.0), (9.0, 9.5)], 1),  # who waits in the end
    ],
)
def test_a_gap_counts_once(runs: list[tuple[float, float]], underruns: int) -> None:
    assert given(*runs) == underruns


def test_text_that_came_late_is_nobodys_gap() -> None:
    runs = [(0.0, 5.0), (5.0, 9.0)]
    assert given(*runs, text_came=8.5) == 0
    assert given(*runs, text_came=5.5) == 1
