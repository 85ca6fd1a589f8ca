"""What the nets that speak compute in, by what the device is quick at and what can be heard.

    device                                language model, flow    vocoder
    card                                  float16                 float16
    CPU that is quick in bfloat16         bfloat16                float32
    any other CPU                         float32                 float32

bfloat16 has three digits. That is enough for codes and mel (docs/fast.md, docs/fast-flow.md), and
too little for the wave: with random weights the noise was 23 to 39 dB below the speech.
"""

import time
from typing import Final

import torch

from wyoming_indextts.indextts2.options import Precision

DTYPES: Final = {
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}

PRODUCT: Final = (256, 1024, 512)
"""Rows, inner and outer width of the product that a CPU is tried with."""

TRIES: Final = 3
"""Of which the fastest counts."""

QUICK: Final = 1.5
"""So many times faster bfloat16 has to be: with instructions of its own (AMX, AVX-512 BF16) it is 2
to 6 times as fast as float32, without them never as fast."""


def precision_for(wanted: Precision, device: torch.device) -> torch.dtype:
    """Return what language model and flow compute in; `auto` tries the CPU, which takes moments."""
    if wanted != "auto":
        return DTYPES[wanted]
    if device.type == "cuda":
        return torch.float16
    quick = _seconds(torch.bfloat16) * QUICK < _seconds(torch.float32)
    return torch.bfloat16 if quick else torch.float32


def vocoder_precision(dtype: torch.dtype) -> torch.dtype:
    """Return what the vocoder computes in beside nets of `dtype`."""
    return torch.float32 if dtype == torch.bfloat16 else dtype


def _seconds(dtype: torch.dtype) -> float:
    rows, inner, outer = PRODUCT
    left, right = torch.ones(rows, inner, dtype=dtype), torch.ones(outer, inner, dtype=dtype)
    taken = []
    for _ in range(TRIES):
        began = time.perf_counter()
        torch.nn.functional.linear(left, right)
        taken.append(time.perf_counter() - began)
    return min(taken)
