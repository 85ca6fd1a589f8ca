"""Insisting: again after what passes, never for ever."""

import time
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_indextts.errors import InterruptedSpeechError, WeightsMissingError
from wyoming_indextts.store.insistence import PassingError, Patience, insist

AT_ONCE = Patience(tries=3, wait=0.0)


@given(gains=st.lists(st.integers(0, 2), max_size=12))
def test_it_gives_up_after_tries_without_any_gain(gains: list[int]) -> None:
    """A hub that gains a little each time is never given up; one that does not, after three."""
    reached = 0
    tried = 0

    def attempt() -> str:
        nonlocal reached, tried
        if tried == len(gains):
            return "done"
        reached += gains[tried]
        tried += 1
        raise PassingError(WeightsMissingError("again"))

    in_vain = 0
    for gain in gains:
        in_vain = 1 if gain else in_vain + 1
        if in_vain == AT_ONCE.tries:
            break
    if in_vain < AT_ONCE.tries:
        assert insist(attempt, AT_ONCE, Event(), reached=lambda: reached) == "done"
    else:
        with pytest.raises(WeightsMissingError, match="again"):
            insist(attempt, AT_ONCE, Event(), reached=lambda: reached)


def test_the_other_side_may_say_how_long_to_wait() -> None:
    setbacks = [PassingError(WeightsMissingError("again"), wait=0.1)]

    def attempt() -> None:
        if setbacks:
            raise setbacks.pop()

    began = time.monotonic()
    insist(attempt, AT_ONCE, Event())
    assert time.monotonic() - began >= 0.1


def test_other_errors_are_not_insisted_on() -> None:
    def attempt() -> None:
        raise WeightsMissingError("for good")

    with pytest.raises(WeightsMissingError, match="for good"):
        insist(attempt, AT_ONCE, Event())


def test_nothing_is_tried_once_it_was_stopped() -> None:
    stop = Event()
    stop.set()
    with pytest.raises(InterruptedSpeechError):
        insist(lambda: pytest.fail("tried"), AT_ONCE, stop)
