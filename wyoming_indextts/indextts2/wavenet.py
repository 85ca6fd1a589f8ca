"""WaveNet: the convolutions at the flow's head, gated and told the time of the flow.

    x           (B, T, W)
    times       (B or 1, layers, 2 W)   the time's part in each gate
    result      (B, T, W)               the sum of all layers' skips

The ends are mirrored, each sample at its own end. A convolution is one product of all taps' frames
side by side: oneDNN orders a kernel anew at each call, which takes longer for so few frames.

Source: van den Oord et al. 2016 (WaveNet); Kim et al. 2021 (its use in VITS).
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from wyoming_indextts.indextts2.tensors import Entry, Table, folded


@dataclass(frozen=True, slots=True)
class WaveNetSizes:
    """`kernel` is odd; `growth` is how much farther apart the taps of each next layer lie."""

    width: int
    layers: int
    kernel: int
    growth: int


class WaveNet(nn.Module):
    """Gated convolutions with skips."""

    def __init__(self, sizes: WaveNetSizes) -> None:
        super().__init__()
        width, last = sizes.width, sizes.layers - 1
        self.taps = [
            range(0, sizes.kernel * apart, apart)
            for apart in (sizes.growth**layer for layer in range(sizes.layers))
        ]
        self.gates = nn.ModuleList(
            nn.Linear(sizes.kernel * width, 2 * width) for _ in range(sizes.layers)
        )
        self.leaves = nn.ModuleList(
            nn.Linear(width, width if layer == last else 2 * width) for layer in range(sizes.layers)
        )

    @property
    def reach(self) -> int:
        """How many frames to either side a frame's result depends on."""
        return sum(taps[-1] // 2 for taps in self.taps)

    def forward(self, x: Tensor, times: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return (B, T, W); `lengths` (B,) where samples are padded, None where none is.

        What comes out beyond a sample's length is of no meaning and reaches no frame before it.
        """
        heard = torch.zeros_like(x)
        for layer, (gate, leave, taps) in enumerate(
            zip(self.gates, self.leaves, self.taps, strict=True)
        ):
            mirrored = _mirrored(x, taps[-1] // 2, lengths)
            beside = torch.cat([mirrored[:, tap : tap + x.shape[1]] for tap in taps], dim=-1)
            content, openness = (gate(beside) + times[:, layer, None]).chunk(2, dim=-1)
            left = leave(content.tanh().mul_(openness.sigmoid()))
            if layer < len(self.gates) - 1:
                onward, left = left.chunk(2, dim=-1)
                x = x + onward
            heard = heard + left
        return heard


def _mirrored(x: Tensor, edge: int, lengths: Tensor | None) -> Tensor:
    """Lengthen x (B, T, W) by its own mirror image at both ends of each sample."""
    if lengths is None:
        before, after = x[:, 1 : edge + 1].flip(1), x[:, -edge - 1 : -1].flip(1)
        return torch.cat((before, x, after), dim=1)
    positions = torch.arange(-edge, x.shape[1] + edge, device=x.device).abs()
    last = lengths[:, None] - 1
    sources = (last - (last - positions).abs()).clamp_min(0)
    return x.gather(1, sources[..., None].expand(-1, -1, x.shape[2]))


def _side_by_side(scale: Tensor, direction: Tensor) -> Tensor:
    """Make the matrix of a kernel (2 W, W, K): of the first tap's frame, of the second's, ..."""
    return folded(scale, direction).transpose(1, 2).flatten(1)


WAVENET_TABLE: Final = Table(
    tuple(
        entry
        for ours, theirs in (("gates", "in_layers"), ("leaves", "res_skip_layers"))
        for entry in (
            Entry(
                f"{ours}.{{i}}.weight",
                (f"{theirs}.{{i}}.conv.conv.weight_g", f"{theirs}.{{i}}.conv.conv.weight_v"),
                _side_by_side,
            ),
            Entry(f"{ours}.{{i}}.bias", (f"{theirs}.{{i}}.conv.conv.bias",)),
        )
    )
)
"""Names below `estimator.wavenet.` of s2mel.pth; `cond_layer` is the clock's."""
