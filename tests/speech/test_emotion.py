"""Emotion: weights as engines take them, presets by either name, prosody that blends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.house import PRESETS
from wyoming_indextts.errors import BadRequestError, EmotionNotFoundError
from wyoming_indextts.speech.emotion import AXES, CAP, FULL, Prosody, Weights, emotion

UNIT = st.floats(0, 1)
WEIGHTS = st.tuples(UNIT, UNIT, UNIT, UNIT, UNIT, UNIT, UNIT, UNIT)


def only(axis: str, weight: float = 1.0) -> Weights:
    h, a, s, f, d, m, u, c = (weight if name == axis else 0.0 for name in AXES)
    return (h, a, s, f, d, m, u, c)


def test_each_axis_alone_is_biased_and_capped() -> None:
    alone = [max(emotion(only(axis)).weights) for axis in AXES]
    assert alone == pytest.approx([0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.6875, 0.5625])
    assert alone == pytest.approx(FULL)


def test_a_small_weight_is_biased_but_not_scaled() -> None:
    assert emotion(only("happy", 0.4)).weights[0] == pytest.approx(0.375)


@given(WEIGHTS, UNIT)
def test_the_sum_never_passes_the_cap_and_the_mix_is_kept(raw: Weights, intensity: float) -> None:
    weights = emotion(raw, intensity=intensity).weights
    assert sum(weights) <= CAP + 1e-9
    assert all((mixed > 0) <= (given_ > 0) for mixed, given_ in zip(weights, raw, strict=True))


@pytest.mark.parametrize("intensity", [-0.1, 1.1, float("nan")])
def test_an_intensity_outside_its_range_is_refused(intensity: float) -> None:
    with pytest.raises(BadRequestError, match="between 0 and 1"):
        emotion(only("happy"), intensity=intensity)


def test_prosody_at_half_is_log_linear() -> None:
    full = Prosody(speed=1.21, shift=0.81, range=4.0, energy=0.6, gain=-4.0)
    half = full**0.5
    assert (half.speed, half.shift, half.range) == pytest.approx((1.1, 0.9, 2.0))
    assert (half.energy, half.gain) == pytest.approx((0.3, -2.0))
    assert full**0.0 == Prosody()


def test_two_prosodies_at_once_multiply_factors_and_add_levels() -> None:
    both = Prosody(speed=1.1, gain=1.0) * Prosody(speed=1.1, energy=0.5, gain=-3.0)
    assert (both.speed, both.energy, both.gain) == pytest.approx((1.21, 0.5, -2.0))


@pytest.mark.parametrize("name", ["happy", "Happy", " HAPPY ", "高兴"])
def test_a_preset_is_found_by_either_name(name: str) -> None:
    assert name in PRESETS
    assert PRESETS.find(name).name == "happy"


def test_an_unknown_emotion_is_answered_with_those_there_are() -> None:
    with pytest.raises(EmotionNotFoundError, match=r"'bored'; there are neutral \(中性\), happy"):
        PRESETS.find("bored")
