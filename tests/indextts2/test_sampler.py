"""The sampler, against probabilities reckoned by hand and properties of any logits."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from wyoming_indextts.indextts2.sampler import EQUALS, Sampling, candidates, draw, penalise

PLAIN = Sampling(temperature=1.0, top_k=0, top_p=1.0, repetition_penalty=1.0)

ROWS = st.lists(st.floats(-20, 20, width=32), min_size=2, max_size=40)


def logs(*parts: float) -> Tensor:
    return torch.tensor([[math.log(part) for part in parts]])


def probabilities(logits: Tensor, sampling: Sampling) -> Tensor:
    """Return the probabilities (B, V) that a code is drawn with."""
    weights, codes = candidates(logits, sampling)
    whole = torch.zeros_like(logits).scatter(1, codes, weights)
    return whole / whole.sum(-1, keepdim=True)


def noise(rows: int, codes: int, seed: int = 1) -> Tensor:
    return torch.empty(rows, codes).exponential_(generator=torch.Generator().manual_seed(seed))


def test_seen_codes_become_less_likely_whatever_the_sign_of_their_logit() -> None:
    logits = torch.tensor([[2.0, -2.0, 2.0, -2.0]])
    found = penalise(logits, torch.tensor([[10.0, 10.0, 1.0, 1.0]]), 10.0)
    assert found.tolist() == [[pytest.approx(0.2), -20.0, 2.0, -2.0]]
    wanted = penalise(logits, torch.tensor([[0.5, 0.5, 1.0, 1.0]]), 0.5)
    assert wanted.tolist() == [[4.0, -1.0, 2.0, -2.0]]


def test_temperature_sharpens() -> None:
    sharp = Sampling(temperature=0.5, top_k=0, top_p=1.0)
    torch.testing.assert_close(probabilities(logs(0.2, 0.4), sharp), torch.tensor([[0.2, 0.8]]))


def test_only_the_k_best_are_drawn_and_those_equal_to_the_last() -> None:
    two = Sampling(temperature=1.0, top_k=2, top_p=1.0)
    found = probabilities(logs(0.1, 0.4, 0.2, 0.2, 0.1), two)
    torch.testing.assert_close(found, torch.tensor([[0, 0.5, 0.25, 0.25, 0]]))


def test_of_very_many_that_are_equal_to_the_last_some_are_left_out() -> None:
    found = probabilities(torch.zeros(1, 1000), Sampling(top_k=30, top_p=1.0))
    assert int((found > 0).sum()) == 30 + EQUALS


def test_only_the_nucleus_is_drawn() -> None:
    nucleus = Sampling(temperature=1.0, top_k=0, top_p=0.8)
    found = probabilities(logs(0.05, 0.5, 0.15, 0.3), nucleus)
    torch.testing.assert_close(found, torch.tensor([[0, 0.625, 0, 0.375]]))


def test_the_nucleus_holds_at_least_the_best() -> None:
    for top_p in (0.01, 1e-9):
        tiny = Sampling(temperature=1.0, top_k=0, top_p=top_p)
        assert probabilities(logs(0.3, 0.3001, 0.2), tiny).tolist() == [[0, 1, 0]]


def test_the_nucleus_is_one_of_the_k_best_after_the_temperature() -> None:
    both = Sampling(temperature=0.5, top_k=2, top_p=0.7)
    assert probabilities(logs(0.5, 0.3, 0.2), both).tolist() == [[1, 0, 0]]


def test_greedy_takes_the_best_after_the_penalty_alone() -> None:
    logits = torch.tensor([[3.0, 2.0, 1.0]])
    seen = torch.tensor([[10.0, 1.0, 1.0]])
    assert draw(logits, seen, noise(1, 3), Sampling(greedy=True)).tolist() == [1]
    forgiving = Sampling(greedy=True, repetition_penalty=1.0)
    assert draw(logits, torch.ones(1, 3), noise(1, 3), forgiving).tolist() == [0]


def test_a_draw_is_torchs_multinomial_by_the_same_numbers() -> None:
    logits = torch.linspace(-1, 1, 50).unsqueeze(0)
    ours, theirs = (torch.Generator().manual_seed(4) for _ in range(2))
    for _ in range(20):
        race = torch.empty(1, 50).exponential_(generator=ours)
        code = draw(logits, torch.ones(1, 50), race, PLAIN)
        assert code == torch.multinomial(logits.softmax(-1), 1, generator=theirs)
    assert torch.equal(ours.get_state(), theirs.get_state())


def test_codes_are_drawn_as_often_as_they_are_likely() -> None:
    logits = logs(0.6, 0.3, 0.1).expand(2000, -1)
    codes = draw(logits, torch.ones(2000, 3), noise(2000, 3), PLAIN)
    assert [n / 2000 for n in codes.bincount().tolist()] == pytest.approx([0.6, 0.3, 0.1], abs=0.04)


@given(ROWS, st.integers(0, 50), st.floats(0.05, 1), st.floats(0.1, 3))
def test_any_row_gives_probabilities_and_one_of_its_best_codes_is_possible(
    row: list[float], top_k: int, top_p: float, temperature: float
) -> None:
    logits = torch.tensor([row])
    found = probabilities(logits, Sampling(temperature=temperature, top_k=top_k, top_p=top_p))
    assert float(found.sum()) == pytest.approx(1, abs=1e-5)
    assert found[logits >= logits.max() - 1e-3].any()
    if top_k:
        threshold = sorted(row, reverse=True)[min(top_k, len(row)) - 1]
        assert not found[logits < threshold - 1e-3].any()


@given(ROWS, ROWS)
def test_rows_of_a_batch_do_not_know_of_each_other(one: list[float], other: list[float]) -> None:
    width = min(len(one), len(other))
    rows = torch.tensor([one[:width], other[:width]])
    apart = torch.cat([probabilities(row.unsqueeze(0), Sampling()) for row in rows])
    torch.testing.assert_close(probabilities(rows, Sampling()), apart)
