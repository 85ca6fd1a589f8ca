"""Tables are Markdown, and numbers in them have three digits that mean something."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.table import figure, table
from bench.versus import Versus, side_by_side


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (0.00123456, "0.00123"),
        (0.5, "0.500"),
        (0.9999, "1.00"),
        (9.996, "10.0"),
        (12.345, "12.3"),
        (99.96, "100"),
        (123.456, "123"),
        (45_678.9, "45679"),
        (-1.2345, "-1.23"),
        (math.nan, "-"),
        (math.inf, "-"),
    ],
)
def test_a_number_is_written_so(value: float, written: str) -> None:
    assert figure(value) == written


@given(st.floats(min_value=1e-9, max_value=1e9))
def test_a_number_is_right_to_half_of_a_thousandth_part_of_ten(value: float) -> None:
    assert float(figure(value)) == pytest.approx(value, rel=0.005 + 1e-9)


def test_a_table_is_markdown() -> None:
    rows: list[tuple[str, str | float]] = [("one", 1.0), ("a | b", "x")]
    assert table(("", "value"), rows).splitlines() == [
        "|  | value |",
        "| --- | --- |",
        "| one | 1.00 |",
        "| a \\| b | x |",
    ]


def test_who_is_ahead_is_so_in_every_round() -> None:
    assert Versus("", [1, 2, 3], [2, 3, 4]).ahead == "ours"
    assert Versus("", [3, 4, 5], [2, 3, 4]).ahead == "piper"
    assert Versus("", [1, 4, 1], [2, 3, 2]).ahead == "-"
    assert Versus("", [0, 0], [0, 0]).ahead == "-"


def test_a_ratio_is_the_median_of_the_rounds_with_its_range() -> None:
    lines = side_by_side([Versus("wait, s", [1, 3, 4], [2, 2, 1])], "ours 1", "theirs 2")
    assert lines.splitlines()[2] == "| wait, s | 3.00 | 2.00 | 1.50 (0.500 to 4.00) | - |"


def test_one_round_has_no_range_and_nothing_has_no_ratio() -> None:
    rows = [Versus("a", [3], [2]), Versus("b", [1], [0])]
    assert side_by_side(rows, "x", "y").splitlines()[2:] == [
        "| a | 3.00 | 2.00 | 1.50 | piper |",
        "| b | 1.00 | 0 | - | piper |",
    ]
