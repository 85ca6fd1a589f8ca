"""Draws the next code from a row of logits, step by step as the reference's generation does.

Shapes (B rows, V codes):

    logits   (B, V)   of the next code, float32
    seen     (B, V)   codes that were there before, bool; they are made less likely
    result   (B,)     codes, int64

Order: repetition penalty, temperature, the k best, the nucleus, softmax, one draw. Sources:
Keskar et al. 2019 (penalty), Fan et al. 2018 (top-k), Holtzman et al. 2020 (nucleus).
"""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor


@dataclass(frozen=True, slots=True)
class Sampling:
    """How codes are drawn; the values are the reference's.

    `greedy` takes the best code after the penalty; temperature, k and p are not looked at.
    `top_k` 0 and `top_p` 1 turn these off.
    """

    greedy: bool = False
    temperature: float = 0.8
    top_k: int = 30
    top_p: float = 0.8
    repetition_penalty: float = 10.0


def draw(
    logits: Tensor, seen: Tensor, sampling: Sampling, generator: Generator | None = None
) -> Tensor:
    """Return one code (B,) for each row; one call takes one draw from the generator a row."""
    penalised = penalise(logits, seen, sampling.repetition_penalty)
    if sampling.greedy:
        return penalised.argmax(-1)
    weights = probabilities(penalised, sampling)
    return torch.multinomial(weights, 1, generator=generator).squeeze(-1)


def penalise(logits: Tensor, seen: Tensor, penalty: float) -> Tensor:
    """Divide positive logits of seen codes by the penalty, multiply negative ones by it."""
    lowered = torch.where(logits < 0, logits * penalty, logits / penalty)
    return torch.where(seen, lowered, logits)


def probabilities(logits: Tensor, sampling: Sampling) -> Tensor:
    """Return the probabilities (B, V) that a code is drawn with; most are 0."""
    scores = logits / sampling.temperature
    if sampling.top_k:
        best = scores.topk(min(sampling.top_k, scores.shape[-1])).values
        scores = scores.masked_fill(scores < best[:, -1:], -torch.inf)
    if sampling.top_p < 1.0:
        scores = _nucleus(scores, sampling.top_p)
    return scores.softmax(-1)


def _nucleus(scores: Tensor, top_p: float) -> Tensor:
    """Keep the fewest best codes that have `top_p` of the probability, at least one.

    Sums run from the least likely up, as in the reference: another order rounds differently.
    """
    rising, order = scores.sort(-1)
    outside = rising.softmax(-1).cumsum(-1) <= 1 - top_p
    outside[:, -1] = False
    return scores.masked_fill(torch.zeros_like(outside).scatter(-1, order, outside), -torch.inf)
