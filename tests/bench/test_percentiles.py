"""Percentiles are measured values, by nearest rank."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.percentiles import median, percentile

VALUES = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1)
PERCENTS = st.floats(min_value=1e-6, max_value=100)


def test_the_textbook_example() -> None:
    values = [15, 20, 35, 40, 50]
    assert [percentile(values, percent) for percent in (5, 30, 40, 50, 100)] == [15, 20, 20, 35, 50]


def test_the_99th_of_a_hundred_leaves_one_above() -> None:
    assert percentile(range(1, 101), 99) == 99


def test_the_median_of_an_even_number_is_one_of_them() -> None:
    assert median([4.0, 1.0, 3.0, 2.0]) == 2.0


@given(VALUES, PERCENTS)
def test_enough_values_are_not_above_it_and_it_is_the_least_such(
    values: list[float], percent: float
) -> None:
    found = percentile(values, percent)
    assert found in values
    enough = len(values) * percent / 100
    assert sum(value <= found for value in values) >= enough
    assert sum(value < found for value in values) < enough


@pytest.mark.parametrize("percent", [-1, 0, 100.1])
def test_what_is_no_percentage_is_refused(percent: float) -> None:
    with pytest.raises(ValueError, match="at most 100"):
        percentile([1.0], percent)


def test_however_little_is_wanted_it_is_the_least_value() -> None:
    assert percentile([3.0, 1.0, 2.0], 5e-324) == 1.0


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)
