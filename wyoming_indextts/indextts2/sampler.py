"""Draws the next code from a row of logits, step by step as the reference's generation does.

Shapes (B rows, V codes, C candidates):

    logits    (B, V)   of the next code, float32
    seen      (B, V)   1, or the penalty for codes that were there before: these become less likely
    noise     (B, V)   exponential, of mean 1
    weights   (B, C)   how likely each candidate is; most codes are none
    result    (B,)     codes, int64

Order: repetition penalty, temperature, the k best, the nucleus, softmax, one draw. The draw is a
race: each code arrives after a time that is exponential, the sooner the likelier it is, and the
first wins. So does `torch.multinomial`, by the same numbers of a generator; but here the noise is
an argument, so that nothing waits for a number and a step can be recorded. Sources: Keskar et al.
2019 (penalty), Fan et al. 2018 (top-k), Holtzman et al. 2020 (nucleus).
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

EQUALS: Final = 34
"""Candidates beyond the k best: codes as likely as the last of these. A 35th would be left out;
in float16 five or six have the same logit now and then."""


BUT_ONE: Final = 1 - 1e-5
"""Whatever p is, the best code may be drawn: the sum up to it is above this, however it rounds."""


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


def draw(logits: Tensor, seen: Tensor, noise: Tensor, sampling: Sampling) -> Tensor:
    """Return one code (B,) for each row; for greedy sampling the noise is not looked at."""
    penalised = penalise(logits, seen, sampling.repetition_penalty)
    if sampling.greedy:
        return penalised.argmax(-1)
    weights, codes = candidates(penalised, sampling)
    first = weights.div_(noise.gather(1, codes)).argmax(-1, keepdim=True)
    return codes.gather(1, first).squeeze(-1)


def penalise(logits: Tensor, seen: Tensor, penalty: float) -> Tensor:
    """Divide positive logits by what `seen` says, multiply negative ones by it."""
    choose = torch.minimum if penalty >= 1 else torch.maximum
    return choose(logits * seen, logits / seen)


def candidates(logits: Tensor, sampling: Sampling) -> tuple[Tensor, Tensor]:
    """Return the weights (B, C) of the codes (B, C) that may be drawn, the likeliest first.

    Weights are to each other as probabilities are; their sum is at most 1.
    """
    count = logits.shape[-1]
    if sampling.top_k:
        count = min(sampling.top_k + EQUALS, count)
    best, codes = logits.topk(count)
    scores = best.div_(sampling.temperature)
    if sampling.top_k:
        last = min(sampling.top_k, count) - 1
        scores.masked_fill_(scores < scores[:, last : last + 1], -torch.inf)
    weights = scores.softmax(-1)
    if sampling.top_p < 1.0:
        # summed from the least likely up, as in the reference: another order rounds differently
        below = weights.flip(-1).cumsum(-1).flip(-1)
        weights.masked_fill_(below <= min(1 - sampling.top_p, BUT_ONE), 0)
    return weights, codes
