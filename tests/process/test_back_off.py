"""Waits double up to a limit, and start again after a success."""

from hypothesis import given
from hypothesis import strategies as st

from wyoming_indextts.process.back_off import BackOff


def test_waits_double_up_to_the_longest() -> None:
    back_off = BackOff(0.5, 30.0)
    assert [back_off.failed() for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_a_success_starts_again() -> None:
    back_off = BackOff(0.5, 30.0)
    back_off.failed()
    back_off.failed()
    back_off.succeeded()
    assert back_off.failures == 0
    assert back_off.failed() == 0.5


@given(st.floats(0, 10), st.floats(10, 1000), st.integers(1, 2000))
def test_a_wait_never_falls_and_never_passes_the_limit(
    shortest: float, longest: float, failures: int
) -> None:
    back_off = BackOff(shortest, longest)
    waits = [back_off.failed() for _ in range(failures)]
    assert waits == sorted(waits)
    assert shortest <= waits[0] and waits[-1] <= longest
