"""Perceiver resampler: any number of encoded frames to a fixed number of latents.

Shapes (B clips, S frames, C their width, L latents, D width, H heads of 64):

    frames     (B, S, C)
    context    (B, L + S, D)   the latents themselves, then the frames
    result     (B, L, D)

Two layers of cross-attention and a gated feed-forward (GEGLU, Shazeer 2020), none normed before;
one RMS norm after all. Source: Alayrac et al. 2022, "Flamingo".
"""

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from wyoming_indextts.indextts2.tensors import Entry, Table, affine

DEPTH: Final = 2
"""Layers; fixed in the reference."""

HEAD: Final = 64
"""Width of one head; fixed in the reference."""


@dataclass(frozen=True, slots=True)
class PerceiverSizes:
    """Sizes of one resampler: `context` is C above, `widening` the feed-forward's factor."""

    context: int
    width: int
    heads: int
    latents: int
    widening: float


class Perceiver(nn.Module):
    """Encoded frames to latents."""

    def __init__(self, sizes: PerceiverSizes) -> None:
        super().__init__()
        self.enter = nn.Linear(sizes.context, sizes.width)
        self.latents = nn.Parameter(torch.empty(sizes.latents, sizes.width))
        self.layers = nn.ModuleList(PerceiverLayer(sizes) for _ in range(DEPTH))
        self.gain = nn.Parameter(torch.empty(sizes.width))

    def forward(self, frames: Tensor) -> Tensor:
        """Resample (B, S, C), all frames of which are real, to (B, L, D)."""
        context = self.enter(frames)
        latents = self.latents.expand(frames.shape[0], -1, -1)
        for layer in self.layers:
            latents = layer(latents, context)
        return functional.normalize(latents, dim=-1) * math.sqrt(latents.shape[-1]) * self.gain


class PerceiverLayer(nn.Module):
    """The latents look at themselves and the frames, then each is fed forward."""

    def __init__(self, sizes: PerceiverSizes) -> None:
        super().__init__()
        within = sizes.heads * HEAD
        inner = int(sizes.width * sizes.widening * 2 / 3)
        self.query = nn.Linear(sizes.width, within, bias=False)
        self.key_value = nn.Linear(sizes.width, 2 * within, bias=False)
        self.leave = nn.Linear(within, sizes.width, bias=False)
        self.widen = nn.Linear(sizes.width, 2 * inner)
        self.narrow = nn.Linear(inner, sizes.width)

    def forward(self, latents: Tensor, context: Tensor) -> Tensor:
        """Return the latents (B, L, D), having seen the context (B, S, D)."""
        query = _heads(self.query(latents))
        key, value = self.key_value(torch.cat((latents, context), dim=1)).chunk(2, dim=-1)
        mixed = functional.scaled_dot_product_attention(query, _heads(key), _heads(value))
        latents = latents + self.leave(mixed.transpose(1, 2).flatten(2))
        wide, gate = self.widen(latents).chunk(2, dim=-1)
        narrowed: Tensor = self.narrow(wide * functional.gelu(gate))
        return latents + narrowed


def _heads(x: Tensor) -> Tensor:
    heads: Tensor = x.unflatten(-1, (-1, HEAD)).transpose(1, 2)
    return heads


PERCEIVER_TABLE: Final = Table(
    (
        *affine("enter", "proj_context"),
        Entry("latents", ("latents",)),
        Entry("gain", ("norm.gamma",)),
        Entry("layers.{i}.query.weight", ("layers.{i}.0.to_q.weight",)),
        Entry("layers.{i}.key_value.weight", ("layers.{i}.0.to_kv.weight",)),
        Entry("layers.{i}.leave.weight", ("layers.{i}.0.to_out.weight",)),
        *affine("layers.{i}.widen", "layers.{i}.1.0"),
        *affine("layers.{i}.narrow", "layers.{i}.1.2"),
    )
)
"""Names below `perceiver_encoder.` or `emo_perceiver_encoder.` of gpt.pth."""
