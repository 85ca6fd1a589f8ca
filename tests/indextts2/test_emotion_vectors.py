"""Emotion vectors of weights, and between two clips."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tests.golden.random_tensors import random_tensor
from tests.indextts2.golden import Golden, read_golden
from wyoming_indextts.indextts2.emotion import EmotionExamples, between, mixed, scaled

WIDTH = 6


@pytest.fixture(scope="module")
def golden() -> Golden:
    return read_golden("gpt")


def drawn(golden: Golden, name: str, rows: int, columns: int) -> Tensor:
    return torch.from_numpy(random_tensor(name, (rows, columns), seed=golden.facts["seed"]))


def examples_of(golden: Golden) -> EmotionExamples:
    groups = tuple(golden.facts["groups"])
    return EmotionExamples(
        drawn(golden, "speakers", sum(groups), 192),
        drawn(golden, "emotions", sum(groups), WIDTH),
        groups,
    )


def test_the_oracle_takes_the_same_example_of_each_group(golden: Golden) -> None:
    examples, style = examples_of(golden), drawn(golden, "style", 1, 192)
    firsts = np.cumsum([0, *examples.groups[:-1]])
    for group, nearest in enumerate(firsts + golden.arrays["nearest"]):
        weights = [float(each == group) for each in range(8)]
        found = mixed(weights, examples, style=style, own=torch.full((1, WIDTH), 9.0))
        torch.testing.assert_close(found, examples.emotions[[int(nearest)]])


def test_the_voices_own_emotion_fills_what_the_weights_leave(golden: Golden) -> None:
    examples, style = examples_of(golden), drawn(golden, "style", 1, 192)
    own = torch.arange(float(WIDTH)).unsqueeze(0)
    pure = [
        mixed([float(each == g) for each in range(8)], examples, style=style, own=own)
        for g in (0, 3)
    ]
    found = mixed([0.5, 0, 0, 0.2, 0, 0, 0, 0], examples, style=style, own=own)
    torch.testing.assert_close(found, 0.5 * pure[0] + 0.2 * pure[1] + 0.3 * own)
    torch.testing.assert_close(mixed([0.0] * 8, examples, style=style, own=own), own)


def test_weights_above_one_take_the_own_emotion_away(golden: Golden) -> None:
    examples, style = examples_of(golden), drawn(golden, "style", 1, 192)
    own = torch.ones(1, WIDTH)
    one = mixed([1.0] + [0.0] * 7, examples, style=style, own=own)
    found = mixed([1.5] + [0.0] * 7, examples, style=style, own=own)
    torch.testing.assert_close(found, 1.5 * one - 0.5 * own)


def test_scaled_weights_are_cut_to_four_decimals() -> None:
    assert scaled([0.33333, 0.1], 0.5) == (0.1666, 0.05)


def test_full_strength_leaves_the_weights_as_they_are() -> None:
    assert scaled([0.123456789], 1.0) == (0.123456789,)


@given(
    st.lists(st.floats(0, 1.2), min_size=8, max_size=8),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_no_strength_raises_or_turns_a_weight(weights: list[float], strength: float) -> None:
    found = scaled(weights, strength)
    assert all(0 <= less <= weight for less, weight in zip(found, weights, strict=True))


def test_between_two_clips_strength_is_not_limited() -> None:
    base, other = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 2.0]])
    assert between(base, other, 0.0).tolist() == [[1.0, 2.0]]
    assert between(base, other, 1.0).tolist() == [[3.0, 2.0]]
    assert between(base, other, -0.5).tolist() == [[0.0, 2.0]]
    assert between(base, other, 2.0).tolist() == [[5.0, 2.0]]
