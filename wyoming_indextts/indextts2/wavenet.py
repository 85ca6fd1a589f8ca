"""WaveNet: the convolutions at the flow's head, gated and told the time of the flow.

    x           (B, W, T)
    times       (B or 1, layers, 2 W)   the time's part in each gate
    result      (B, W, T)               the sum of all layers' skips

The ends are mirrored, each sample at its own end.

Source: van den Oord et al. 2016 (WaveNet); Kim et al. 2021 (its use in VITS).
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

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
        self.reaches = [sizes.growth**layer * (sizes.kernel // 2) for layer in range(sizes.layers)]
        self.gates = nn.ModuleList(
            nn.Conv1d(width, 2 * width, sizes.kernel, dilation=sizes.growth**layer)
            for layer in range(sizes.layers)
        )
        self.leaves = nn.ModuleList(
            nn.Conv1d(width, width if layer == last else 2 * width, 1)
            for layer in range(sizes.layers)
        )

    @property
    def reach(self) -> int:
        """How many frames to either side a frame's result depends on."""
        return sum(self.reaches)

    def forward(self, x: Tensor, times: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return (B, W, T); `lengths` (B,) where samples are padded, None where none is.

        What comes out beyond a sample's length is of no meaning and reaches no frame before it.
        """
        heard = torch.zeros_like(x)
        layers = zip(self.gates, self.leaves, self.reaches, strict=True)
        for layer, (gate, leave, reach) in enumerate(layers):
            mirrored = _mirrored(x, reach, lengths)
            content, openness = (gate(mirrored) + times[:, layer, :, None]).chunk(2, dim=1)
            left = leave(content.tanh().mul_(openness.sigmoid()))
            if layer < len(self.gates) - 1:
                onward, left = left.chunk(2, dim=1)
                x = x + onward
            heard = heard + left
        return heard


def _mirrored(x: Tensor, edge: int, lengths: Tensor | None) -> Tensor:
    """Lengthen x (B, W, T) by its own mirror image at both ends of each sample."""
    if lengths is None:
        return functional.pad(x, (edge, edge), mode="reflect")
    positions = torch.arange(-edge, x.shape[2] + edge, device=x.device).abs()
    last = lengths[:, None] - 1
    sources = (last - (last - positions).abs()).clamp_min(0)
    return x.gather(2, sources[:, None].expand(-1, x.shape[1], -1))


WAVENET_TABLE: Final = Table(
    tuple(
        entry
        for ours, theirs in (("gates", "in_layers"), ("leaves", "res_skip_layers"))
        for entry in (
            Entry(
                f"{ours}.{{i}}.weight",
                (f"{theirs}.{{i}}.conv.conv.weight_g", f"{theirs}.{{i}}.conv.conv.weight_v"),
                folded,
            ),
            Entry(f"{ours}.{{i}}.bias", (f"{theirs}.{{i}}.conv.conv.bias",)),
        )
    )
)
"""Names below `estimator.wavenet.` of s2mel.pth; `cond_layer` is the clock's."""
