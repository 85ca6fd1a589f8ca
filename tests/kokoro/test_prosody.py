"""Eight rows of prosody, blended by the weights of an emotion."""

from dataclasses import astuple
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_indextts.kokoro.prosody import ROWS, blend
from wyoming_indextts.speech.emotion import (
    AXES,
    FULL,
    NO_WEIGHTS,
    Emotion,
    Prosody,
    Weights,
    emotion,
)

WEIGHT = st.floats(0.0, 1.0)


def only(axis: str, weight: float = 1.0) -> Weights:
    return cast("Weights", tuple(weight if name == axis else 0.0 for name in AXES))


def test_every_axis_has_a_row() -> None:
    assert tuple(ROWS) == AXES


@pytest.mark.parametrize("axis", AXES)
def test_an_emotion_at_full_weight_is_its_row(axis: str) -> None:
    assert astuple(blend(emotion(only(axis)))) == pytest.approx(astuple(ROWS[axis]))


def test_no_emotion_changes_nothing() -> None:
    assert blend(Emotion(NO_WEIGHTS)) == Prosody()


def test_half_an_emotion_is_half_way_on_a_logarithmic_scale() -> None:
    half = blend(Emotion(only("happy", FULL[0] / 2)))
    assert half.shift**2 == pytest.approx(ROWS["happy"].shift)
    assert half.gain * 2 == pytest.approx(ROWS["happy"].gain)


def test_an_emotions_own_prosody_replaces_the_rows() -> None:
    mine = Prosody(speed=1.5)
    assert blend(emotion(only("sad"), prosody=mine)) == mine


@given(st.tuples(*[WEIGHT] * 8))
def test_no_blend_goes_further_than_all_rows_do(weights: Weights) -> None:
    blended = blend(emotion(weights))
    lowest = [min(1.0, *column) for column in zip(*map(astuple, ROWS.values()), strict=True)]
    highest = [max(1.0, *column) for column in zip(*map(astuple, ROWS.values()), strict=True)]
    assert lowest[0] - 0.15 <= blended.speed <= highest[0] + 0.15
    assert lowest[1] - 0.15 <= blended.shift <= highest[1] + 0.15
    assert lowest[2] - 0.15 <= blended.range <= highest[2] + 0.15
