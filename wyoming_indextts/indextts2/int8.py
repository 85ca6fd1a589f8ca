"""A linear layer whose matrix is kept in whole numbers of 8 bits: half of what float16 takes.

    weight   (out, in)   int8, -127 to 127
    scale    (out,)      what a row's numbers are multiplied by, of the dtype of what comes in
    bias     (out,)      likewise

Only weights are rounded; what comes in and goes out is not. A row's largest number becomes 127, so
a weight is off by at most a 254th of it. Scales are rounded to their dtype first, and weights by
the rounded scale, so that this adds nothing.
"""

from typing import Final

import torch
from torch import Tensor, nn

LARGEST: Final = 127
"""Of a weight; -128 is not used, so that the numbers lie evenly around 0."""

FEW: Final = 4
"""Rows up to which torch's own kernel is the quicker one, in bfloat16 on a CPU. Of more, and of
other types, it computes number by number: 4 to 100 times as long as the matrix it saves."""


class Int8Linear(nn.Module):
    """Stands in for a linear layer."""

    weight: Tensor
    scale: Tensor
    bias: Tensor

    def __init__(self, linear: nn.Linear, dtype: torch.dtype) -> None:
        """Take over the numbers of a layer, for what comes in as `dtype`."""
        super().__init__()
        weight = linear.weight.detach().float()
        scale = (weight.abs().amax(1) / LARGEST).to(dtype)
        scale = scale.where(scale > 0, 1.0)  # a row of zeros stays one
        whole = (weight / scale.float().unsqueeze(1)).round().clamp(-LARGEST, LARGEST)
        self.register_buffer("weight", whole.to(torch.int8))
        self.register_buffer("scale", scale)
        self.register_buffer("bias", linear.bias.detach().to(dtype))

    def forward(self, x: Tensor) -> Tensor:
        """Return what the layer makes of rows (T, in)."""
        if x.dtype == torch.bfloat16 and len(x) <= FEW and not x.is_cuda:
            product: Tensor = torch._weight_int8pack_mm(x, self.weight, self.scale)  # noqa: SLF001 - torch has no public one
            return product.add_(self.bias)
        return torch.addcmul(self.bias, x @ self.weight.to(x.dtype).t(), self.scale)
