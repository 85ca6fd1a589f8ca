"""The first sound leaves when no gap can follow, and not later than that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_indextts.speech.holdback import Holdback

CLAUSE = 10
"""Characters that a simulated machine makes at once; each is 0.1 s of speech."""


def test_a_fast_machine_begins_at_once() -> None:
    assert Holdback(real_time_factor=0.5, read=100, spoken=5, made=0.5).may_begin


def test_a_slow_machine_waits_for_the_end_of_the_text() -> None:
    assert not Holdback(real_time_factor=2.0, read=100, spoken=100, made=10.0).may_begin


def test_a_slow_machine_has_nothing_to_wait_for_when_all_is_made() -> None:
    hold = Holdback(real_time_factor=9.0, read=50, spoken=50, made=5.0, complete=True)
    assert hold.may_begin


@pytest.mark.parametrize("factor", [1.2, 1.7, 3.0])
def test_a_slow_machine_does_not_wait_for_everything(factor: float) -> None:
    begun, _ = play(200, factor)
    assert begun < 200


@given(length=st.integers(1, 400), factor=st.floats(0.1, 6.0))
def test_no_gap_follows_on_any_machine(length: int, factor: float) -> None:
    _, gap = play(length, factor)
    assert gap < 1e-6


def play(length: int, factor: float) -> tuple[int, float]:
    """Speak `length` characters; return how many were made at first sound, and the longest gap."""
    hold = Holdback(real_time_factor=factor, read=length, complete=True)
    clock = begun_at = gap = 0.0
    begun = 0
    while hold.spoken < length:
        made = min(CLAUSE, length - hold.spoken)
        clock += made * 0.1 * factor
        if begun:
            gap = max(gap, clock - begun_at - hold.made)
        hold.spoken += made
        hold.add(made * 0.1)
        if not begun and hold.may_begin:
            begun, begun_at = hold.spoken, clock
    return begun, gap
