"""Attention, in whichever way is quick where it runs.

That is torch's own kernel, but for bfloat16 on some CPUs: without AMX the kernel multiplies in
float32 what oneDNN multiplies in bfloat16 in half of the time, and takes four times as long as a
plain sum of products for the one query of a decoding step. Both ways are tried once.

Shapes (B rows, H heads, Q queries, S places, K numbers of a head):

    query          (B, H, Q, K)
    keys, values   (B, H, S, K)
    mask           (B or 1, 1, Q or 1, S): which places are heard, or numbers added to the scores
"""

from functools import cache, partial
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from wyoming_indextts.indextts2.trying import quicker

RUN: Final = 128
"""Queries whose scores are made at a time: that many stay in a CPU's cache."""

QUICK: Final = 1.3
"""How many times faster products have to be. On an EPYC with AVX-512 BF16 they were 2.4 to 2.7
times as fast in a process that keeps its memory (`options.HEAP`), whatever else ran; 2.7 to 3.2
times for one query."""

TRIAL: Final = (2, 8, 256, 64)
"""Rows, heads, places and numbers of a head of what a CPU is tried with."""


def attend(query: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None = None) -> Tensor:
    """Return what each query hears (B, H, Q, K); each must hear something."""
    brain = query.dtype == torch.bfloat16 and query.device.type == "cpu"
    if brain and _products_are_quick(one=query.shape[2] == 1):
        return by_products(query, keys, values, mask)
    return functional.scaled_dot_product_attention(query, keys, values, attn_mask=mask)


def by_products(query: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None = None) -> Tensor:
    """Return the same, by products of matrices, or a sum of products for one query.

    The scores are rounded to the type of the numbers, which the kernel keeps in float32.
    """
    if mask is not None and mask.dtype == torch.bool:
        mask = torch.zeros_like(mask, dtype=query.dtype).masked_fill_(~mask, -torch.inf)
    query = query * query.shape[-1] ** -0.5
    if query.shape[2] == 1:
        return _heard((query * keys).sum(-1).unsqueeze(2), mask, values)
    keys, values = keys.contiguous().mT, values.contiguous()
    heard = []
    for first in range(0, query.shape[2], RUN):
        run = slice(first, first + RUN)
        part = mask if mask is None or mask.shape[2] == 1 else mask[:, :, run]
        heard.append(_heard(query[:, :, run] @ keys, part, values))
    return torch.cat(heard, dim=2)


def _heard(scores: Tensor, mask: Tensor | None, values: Tensor) -> Tensor:
    """Return what follows from scores (B, H, Q, S), which are changed."""
    if mask is not None:
        scores.add_(mask)
    return scores.softmax(-1) @ values


@cache
def _products_are_quick(*, one: bool) -> bool:
    """Return which way it is on this CPU, for one query or for many; 10 ms, once."""
    rows, heads, places, numbers = TRIAL
    many = torch.ones(rows, heads, places, numbers, dtype=torch.bfloat16)
    query = many[:, :, :1] if one else many[:, :, :RUN]
    kernel = partial(functional.scaled_dot_product_attention, query, many, many)
    return quicker(partial(by_products, query, many, many), kernel, by=QUICK)
