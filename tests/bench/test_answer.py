"""A listener's times are those of somebody who plays what arrives at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.answer import Answer, Listener

RATE = 1000

GAPS = st.lists(st.floats(0, 1), min_size=1, max_size=20)


def loud(seconds: float) -> bytes:
    return np.full(round(seconds * RATE), 8000, "<i2").tobytes()


def quiet(seconds: float) -> bytes:
    return bytes(2 * round(seconds * RATE))


def heard(*arrivals: tuple[float, bytes], asked: float = 10.0) -> Answer:
    listener = Listener(asked)
    for at, samples in arrivals:
        listener.hear(asked + at, samples, RATE)
    return listener.heard(asked + arrivals[-1][0])


def test_a_tiny_packet_is_no_first_audio() -> None:
    answer = heard((0.1, loud(0.01)), (0.5, loud(0.01)), (0.6, loud(1)))
    assert answer.first == pytest.approx(0.5)
    assert answer.beginning == pytest.approx(0.6)


def test_a_short_answer_is_in_hand_when_all_of_it_is() -> None:
    assert heard((0.1, loud(0.1)), (0.3, loud(0.1))).beginning == pytest.approx(0.3)


def test_silence_in_front_is_not_audible() -> None:
    answer = heard((0.1, quiet(0.2)), (0.15, quiet(0.1) + loud(0.2)))
    assert answer.first == pytest.approx(0.1)
    assert answer.audible == pytest.approx(0.4)


def test_sound_that_comes_late_is_audible_when_it_comes() -> None:
    assert heard((0.1, quiet(0.2)), (0.9, loud(0.2))).audible == pytest.approx(0.9)


def test_an_answer_without_a_sound_is_audible_at_its_end() -> None:
    assert heard((0.1, quiet(0.5)), (0.2, quiet(0.5))).audible == pytest.approx(0.2)


def test_gaps_are_what_a_player_stands_still() -> None:
    assert heard((0.1, loud(0.5)), (0.6, loud(0.5)), (1.1, loud(0.5))).stalled == pytest.approx(0)
    assert heard((0.1, loud(0.5)), (0.8, loud(0.5)), (1.5, loud(0.5))).stalled == pytest.approx(0.4)


def test_the_factor_is_waiting_per_sound() -> None:
    assert heard((0.5, loud(1)), (1.0, loud(1))).real_time_factor == pytest.approx(0.5)


def test_an_answer_has_sound() -> None:
    with pytest.raises(ValueError, match="without sound"):
        Listener(0.0).heard(1.0)


@given(GAPS)
def test_nothing_is_played_before_it_is_there(
    gaps: list[float],
) -> None:
    arrivals = [(at, loud(0.1)) for at in np.cumsum(gaps).tolist()]
    answer = heard(*arrivals)
    last = answer.first + answer.stalled + answer.sound
    assert answer.sound == pytest.approx(0.1 * len(gaps))
    assert last >= answer.total + 0.1 - 1e-6
    assert answer.stalled <= answer.total - answer.first + 1e-6
