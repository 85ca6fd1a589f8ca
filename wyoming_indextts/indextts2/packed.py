"""A linear layer whose matrix is kept in the order in which a CPU's library reads it.

A step of decoding reads every matrix for two rows, and most of its time went into the order: of a
matrix as torch keeps it, oneDNN read 15 to 20 GB a second in bfloat16 on an EPYC, and MKL 9 to 13
in float32, where this machine reads 34. Packed it reads 31 to 38, and no number changes its type.

torch has no public function for it. The operators are those with which its compiler packs matrices
(Inductor), so both are tried before they are used, beside what they stand in for.
"""

import logging
from collections.abc import Callable
from functools import cache, partial
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from wyoming_indextts.indextts2.trying import quicker

log = logging.getLogger(__name__)

QUICK: Final = 1.2
"""How many times faster it has to be: what is packed is no longer shared with the file."""

TRIAL: Final = (2, 1024, 1536)
"""Rows, inner and outer width of what a CPU is tried with."""

TOLERANCE: Final = 1e-5
"""Of the largest number of the trial, beside what its type rounds."""


class PackedLinear(nn.Module):
    """Stands in for a linear layer on a CPU."""

    weight: Tensor
    bias: Tensor

    def __init__(self, linear: nn.Linear) -> None:
        """Take over the numbers of a layer, which stays as it is."""
        super().__init__()
        packed = torch.ops.mkldnn._reorder_linear_weight(linear.weight.detach(), TRIAL[0])  # noqa: SLF001 - see above
        self.register_buffer("weight", packed)
        self.register_buffer("bias", linear.bias.detach())

    def forward(self, x: Tensor) -> Tensor:
        """Return what the layer makes of rows (..., in)."""
        weight, bias = self.weight, self.bias
        found: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")  # noqa: SLF001 - likewise
        return found


@cache
def packing_pays(dtype: torch.dtype, kind: Callable[[nn.Linear], nn.Module] = PackedLinear) -> bool:
    """Return whether packed matrices are right and quicker on this CPU; some 20 ms, once."""
    rows, inner, outer = TRIAL
    chance = torch.Generator().manual_seed(0)
    with torch.inference_mode():
        plain = _drawn(inner, outer, chance).to(dtype)
        x = torch.randn(rows, inner, generator=chance).to(dtype)
        try:
            packed = kind(plain)
            error, largest = (packed(x) - plain(x)).abs().max(), plain(x).abs().max()
        except (RuntimeError, AttributeError, TypeError) as missing:
            log.info("matrices are not packed: %s", str(missing).splitlines()[0])
            return False
        if not error <= (TOLERANCE + torch.finfo(dtype).eps) * largest:
            log.warning("matrices are not packed: they would be off by %.2g", float(error))
            return False
        return quicker(partial(packed, x), partial(functional.linear, x, plain.weight, plain.bias),
                       by=QUICK)  # fmt: skip


def _drawn(inner: int, outer: int, chance: torch.Generator) -> nn.Linear:
    """Return a layer of numbers such as a net has; drawing them in it would import a compiler."""
    plain = nn.Linear(inner, outer, device="meta")
    for name, shape in (("weight", (outer, inner)), ("bias", (outer,))):
        numbers = torch.randn(shape, generator=chance) / inner**0.5
        setattr(plain, name, nn.Parameter(numbers, requires_grad=False))
    return plain
