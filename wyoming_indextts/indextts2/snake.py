"""The vocoder's activation: SnakeBeta at twice the rate, between two low-pass filters.

    x          (B, C, N)
    raised     (B, C, 2 N)  the first filter, between the samples too
    bent       (B, C, 2 N)  r + sin(a r)^2 / b, channel by channel
    result     (B, C, N)    the second filter, every other sample

A convolution of one channel by twelve taps leaves a CPU idle, and a transposed one more so. Both
filters are therefore done as products of matrices: `BLOCK` samples at a time, each block with the
banded matrix of the filter, and what a filter hears of the next block in a second, narrow product.
All rows of all channels are one product. Each channel's row ends in at least the ten samples that
the filters read beyond it, so that no channel hears another. On a card the convolutions stay: there
it has not been measured. What comes in half precision is reckoned in float32 on a CPU.

Source: Ziyin et al. 2020 (snake); Lee et al. 2023 (SnakeBeta); Karras et al. 2021 (alias-free).
"""

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

TAPS: Final = 12
"""Of each low-pass filter; fixed in the reference."""

BLOCK: Final = 16
"""Samples of a block; 8 and 32 were slower by about a fifth, 64 by a third."""

EDGE: Final = TAPS // 2 - 1
"""Samples repeated before the first, at either rate. So many of the next block does a block hear
when it is raised, and twice as many when it is lowered again."""


class SnakeBeta(nn.Module):
    """The activation; `alpha` is a above, `gain` is 1 / b, the filters are the file's."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.empty(width, 1))
        self.gain = nn.Parameter(torch.empty(width, 1))
        self.raising = nn.Parameter(torch.empty(1, 1, TAPS))
        self.lowering = nn.Parameter(torch.empty(1, 1, TAPS))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, N) -> (B, C, N); N is at least 1."""
        return self._by_blocks(x) if x.device.type == "cpu" else self._by_convolutions(x)

    def _by_blocks(self, x: Tensor) -> Tensor:
        samples = x.shape[2]
        end = EDGE + 2 * samples
        padded = _in_blocks(x.to(torch.promote_types(x.dtype, torch.float32)))
        raised = _filtered(padded, _raising_matrix(self.raising.to(padded)), BLOCK)
        bent = (raised * self.alpha).sin_()
        raised.addcmul_(bent.mul_(bent), self.gain.to(padded))
        raised[..., :EDGE] = raised[..., EDGE : EDGE + 1]
        raised[..., end:] = raised[..., end - 1 : end]
        lowered = _filtered(raised, _lowering_matrix(self.lowering.to(padded)), 2 * BLOCK)
        return lowered[..., :samples].to(x.dtype)

    def _by_convolutions(self, x: Tensor) -> Tensor:
        width = x.shape[1]
        padded = functional.pad(x, (EDGE, EDGE), mode="replicate")
        raised = functional.conv_transpose1d(
            padded, self.raising.expand(width, -1, -1), stride=2, padding=3 * EDGE, groups=width
        )
        bent = raised + self.gain * (self.alpha * raised).sin().square()
        padded = functional.pad(bent, (EDGE, EDGE + 1), mode="replicate")
        return functional.conv1d(
            padded, self.lowering.expand(width, -1, -1), stride=2, groups=width
        )


def _in_blocks(x: Tensor) -> Tensor:
    """Return x with its ends repeated: `EDGE` samples before, and behind to fill one block more."""
    batch, width, samples = x.shape
    blocks = -(-(samples + TAPS // 2) // BLOCK) + 1
    padded = x.new_empty(batch, width, blocks * BLOCK)
    padded[..., :EDGE] = x[..., :1]
    padded[..., EDGE : EDGE + samples] = x
    padded[..., EDGE + samples :] = x[..., -1:]
    return padded


def _filtered(x: Tensor, matrix: Tensor, block: int) -> Tensor:
    """Return x (B, C, K block) filtered; `matrix` has a row for each sample a block hears.

    The last block of a channel is without meaning: what it hears is the next channel.
    """
    rows, heard = x.numel() // block, len(matrix) - block
    filtered = torch.mm(x.view(rows, block), matrix[:block])
    behind = x.as_strided((rows - 1, heard), (block, 1), x.storage_offset() + block)
    filtered[:-1].addmm_(behind, matrix[block:])
    return filtered.view(*x.shape[:2], -1)


def _raising_matrix(taps: Tensor) -> Tensor:
    """Return (BLOCK + EDGE, 2 BLOCK): raised samples, from `EDGE` before the first one on.

    Tap k of the block's input i sounds at 2 i + k - 2 EDGE.
    """
    return _banded(taps, BLOCK + EDGE)[:, 2 * EDGE : 2 * EDGE + 2 * BLOCK]


def _lowering_matrix(taps: Tensor) -> Tensor:
    """Return (2 BLOCK + 2 EDGE, BLOCK): every other sample; tap k of output i hears 2 i + k."""
    return _banded(taps, BLOCK).t()


def _banded(taps: Tensor, rows: int) -> Tensor:
    """Return (rows, 2 rows + 2 EDGE): the taps, in each row two places further, among zeros."""
    columns = 2 * rows + 2 * EDGE
    banded = taps.new_zeros(rows, columns)
    banded.as_strided((rows, TAPS), (columns + 2, 1)).copy_(taps.view(1, TAPS).expand(rows, -1))
    return banded
