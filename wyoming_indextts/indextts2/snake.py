"""The vocoder's activation: SnakeBeta at twice the rate, between two low-pass filters.

    x          (B, C, N)
    raised     (B, C, 2 N)  the first filter, between the samples too
    bent       (B, C, 2 N)  r + sin(a r)^2 / b, channel by channel
    result     (B, C, N)    the second filter, every other sample

There are three forms of it. **By blocks**, on a CPU: a convolution of one channel by twelve taps
leaves it idle, and a transposed one more so. Both filters are therefore done as products of
matrices: `BLOCK` samples at a time, each block with the banded matrix of the filter, and what a
filter hears of the next block in a second, narrow product. All rows of all channels are one
product. Each channel's row ends in at least the ten samples that the filters read beyond it, so
that no channel hears another. What comes in half precision is reckoned in float32.

**By phases**, on a card: raised samples of even and of odd number lie beside each other, so that
both filters are plain convolutions, each channel by itself: nothing is transposed or skipped. And
**by one kernel** (`snake_triton`), on a card where that has been seen to be right.

Only the last two know of signals that are filled up, as those of recorded runs are.

Source: Ziyin et al. 2020 (snake); Lee et al. 2023 (SnakeBeta); Karras et al. 2021 (alias-free).
"""

from typing import Final, Protocol

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


SIDE: Final = TAPS // 4
"""Samples of a phase that a filter hears on both sides, where they are repeated."""


class Form(Protocol):
    """A way of doing it on a card, or with samples that are filled up."""

    def __call__(
        self,
        x: Tensor,
        end: Tensor | None,
        alpha: Tensor,
        gain: Tensor,
        raising: Tensor,
        lowering: Tensor,
        /,
    ) -> Tensor:
        """Return the activation of x (B, C, N); N is at least 1.

        Only the first `end` (1,), int64, of the samples are there: the result is theirs, and 0
        behind them. None: all are. The rest is as `SnakeBeta` has it.
        """
        ...


class SnakeBeta(nn.Module):
    """The activation; `alpha` is a above, `gain` is 1 / b, the filters are the file's.

    `form` may be set to another that does the same.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.form: Form = by_phases
        self.alpha = nn.Parameter(torch.empty(width, 1))
        self.gain = nn.Parameter(torch.empty(width, 1))
        self.raising = nn.Parameter(torch.empty(1, 1, TAPS))
        self.lowering = nn.Parameter(torch.empty(1, 1, TAPS))

    def forward(self, x: Tensor, end: Tensor | None = None) -> Tensor:
        """(B, C, N) -> (B, C, N); `end` is as `Form` has it, N at least 1."""
        if x.device.type == "cpu" and end is None:
            return self._by_blocks(x)
        return self.form(x, end, self.alpha, self.gain, self.raising, self.lowering)

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


def by_phases(
    x: Tensor, end: Tensor | None, alpha: Tensor, gain: Tensor, raising: Tensor, lowering: Tensor
) -> Tensor:
    """Return the activation by convolutions, as `Form` has it."""
    width, samples = x.shape[1:]
    padded = functional.pad(x, (2 * SIDE, 2 * SIDE), mode="replicate")
    behind = torch.arange(SIDE, device=x.device) + (samples if end is None else end)
    last = behind[:1] - 1
    if end is not None:
        repeated = padded.index_select(2, last + 2 * SIDE).expand(-1, -1, SIDE)
        padded.index_copy_(2, behind + 2 * SIDE, repeated)
    kernel = _phases(raising).flip(0).t()[:, None].repeat(width, 1, 1)
    raised = functional.conv1d(padded, kernel, groups=width).unflatten(1, (width, 2))
    bent = (raised * alpha[..., None]).sin_()
    raised.addcmul_(bent.mul_(bent), gain[..., None])
    raised[..., :SIDE] = raised[:, :, :1, SIDE : SIDE + 1]
    repeated = raised[:, :, 1:].index_select(3, last + SIDE).expand(-1, -1, 2, SIDE)
    raised.index_copy_(3, behind + SIDE, repeated)
    kernel = _phases(lowering).t()[None].expand(width, 1, -1, -1)
    lowered = functional.conv2d(raised, kernel, groups=width)[:, :, 0]
    return lowered if end is None else kept(lowered, end)


def kept(x: Tensor, end: Tensor) -> Tensor:
    """Return x (B, C, N), in which all behind the first `end` (1,) samples has become 0."""
    return x.masked_fill_(torch.arange(x.shape[2], device=x.device) >= end, 0.0)


def _phases(taps: Tensor) -> Tensor:
    """Return (2 SIDE + 1, 2): what a lowered sample hears of those of even, and of odd number.

    Tap k of sample i hears number 2 i + k - EDGE. Backwards it is what raised samples of even and
    of odd number hear.
    """
    return functional.pad(taps.flatten(), (1, 1)).view(-1, 2)


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
