"""How soon a broker is tried again: at once while it may restart, seldom where it refuses us."""

from wyoming_indextts.edges.mqtt.back_off import FRESH, LONGEST, REFUSED, SLOW, pause


def test_a_broker_that_restarts_is_tried_within_a_second() -> None:
    assert [pause(failures, 0.0, refused=False) for failures in range(5)] == [
        0.1, 0.2, 0.4, 0.8, LONGEST,
    ]  # fmt: skip
    assert pause(10**6, FRESH - 1, refused=False) == LONGEST <= 1.0


def test_one_that_stays_away_is_tried_now_and_then() -> None:
    assert pause(100, FRESH + 1, refused=False) == SLOW


def test_one_that_refuses_us_is_left_in_peace_even_while_that_is_fresh() -> None:
    waits = [pause(failures, 0.0, refused=True) for failures in range(20)]
    assert waits == sorted(waits) and waits[-1] == REFUSED
    assert sum(wait < REFUSED for wait in waits) == 10
