"""The real-time factor follows the machine, not its worst moment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_indextts.speech.tempo import RUNS, Tempo

POSITIVE = st.floats(min_value=0.01, max_value=100.0)


def test_before_the_first_run_nothing_is_known() -> None:
    assert Tempo().real_time_factor == 0.0


def test_a_run_of_two_seconds_made_in_one_is_half() -> None:
    tempo = Tempo()
    tempo.add(1.0, 2.0)
    assert tempo.real_time_factor == pytest.approx(0.5)


def test_one_busy_moment_at_the_start_is_forgotten() -> None:
    tempo = Tempo()
    tempo.add(4.0, 2.0)
    for _ in range(2):
        tempo.add(1.0, 2.0)
    assert tempo.real_time_factor == pytest.approx(0.5)


def test_a_machine_that_became_slow_is_noticed() -> None:
    tempo = Tempo()
    for worked in [1.0] * RUNS + [3.0] * (RUNS // 2 + 1):
        tempo.add(worked, 2.0)
    assert tempo.real_time_factor == pytest.approx(1.5)


def test_a_run_without_sound_says_nothing() -> None:
    tempo = Tempo()
    tempo.add(1.0, 0.0)
    assert tempo.real_time_factor == 0.0


@given(runs=st.lists(st.tuples(POSITIVE, POSITIVE), min_size=1, max_size=3 * RUNS))
def test_the_factor_lies_within_those_of_the_last_runs(runs: list[tuple[float, float]]) -> None:
    tempo = Tempo()
    for worked, spoken in runs:
        tempo.add(worked, spoken)
    last = [worked / spoken for worked, spoken in runs[-RUNS:]]
    assert min(last) <= tempo.real_time_factor <= max(last)
