"""Conformer encoder: what is said and how, from frames of semantic features.

Shapes (B clips, T feature frames, S = (T - 1) // 2 frames, C width, H heads, N = 1024):

    features   (B, T, N)        w2v-bert's, normalised; T >= 3
    halved     (B, C, S, F)     one convolution of stride 2 over both axes, F = (N - 1) // 2 = 511
    positions  (1, 5000, C)     sinusoids, from the checkpoint
    scores     (B, H, S, S)     content and position; the position is the key's place in the clip
    result     (B, S, C)

Source: Gulati et al. 2020, "Conformer", in the form of the WeNet toolkit with one feed-forward
layer per block. Scores take the two biases of Dai et al. 2019 (Transformer-XL) but not its shift:
the reference scores a key by where it stands, not by how far away it is.
"""

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from wyoming_indextts.indextts2.tensors import Entry, Table, affine

FEATURES: Final = 1024
"""Width of the features, w2v-bert's hidden size; fixed in the reference."""

POSITIONS: Final = 5000
"""Rows of the table of positions; 15 s of speech need 375."""

KERNEL: Final = 15
"""Frames a block's convolution looks at; fixed in the reference."""


@dataclass(frozen=True, slots=True)
class ConformerSizes:
    """Sizes of one conformer."""

    width: int
    inner: int
    heads: int
    blocks: int


class Conformer(nn.Module):
    """Feature frames to half as many encoded frames."""

    def __init__(self, sizes: ConformerSizes) -> None:
        super().__init__()
        width = sizes.width
        self.halve = nn.Conv2d(1, width, 3, stride=2)
        self.enter = nn.Linear(width * ((FEATURES - 1) // 2), width)
        self.positions = nn.Buffer(torch.empty(1, POSITIONS, width))
        self.blocks = nn.ModuleList(ConformerBlock(sizes) for _ in range(sizes.blocks))
        self.norm = nn.LayerNorm(width)
        self._scale = math.sqrt(width)

    def forward(self, features: Tensor) -> Tensor:
        """Encode (B, T, 1024), all frames of which are real, to (B, (T - 1) // 2, C)."""
        halved = functional.relu(self.halve(features.unsqueeze(1)))
        x: Tensor = self.enter(halved.transpose(1, 2).flatten(2)) * self._scale
        positions = self.positions[:, : x.shape[1]]
        for block in self.blocks:
            x = block(x, positions)
        encoded: Tensor = self.norm(x)
        return encoded


class ConformerBlock(nn.Module):
    """Attention, convolution and feed-forward, each behind a norm, and a norm after all."""

    def __init__(self, sizes: ConformerSizes) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(sizes.width)
        self.attention = PositionalAttention(sizes.width, sizes.heads)
        self.convolution_norm = nn.LayerNorm(sizes.width)
        self.convolution = GatedConvolution(sizes.width)
        self.feedforward_norm = nn.LayerNorm(sizes.width)
        self.widen = nn.Linear(sizes.width, sizes.inner)
        self.narrow = nn.Linear(sizes.inner, sizes.width)
        self.norm = nn.LayerNorm(sizes.width)

    def forward(self, x: Tensor, positions: Tensor) -> Tensor:
        """Encode (B, S, C), given the positions (1, S, C)."""
        x = x + self.attention(self.attention_norm(x), positions)
        x = x + self.convolution(self.convolution_norm(x))
        x = x + self.narrow(functional.silu(self.widen(self.feedforward_norm(x))))
        normed_x: Tensor = self.norm(x)
        return normed_x


class PositionalAttention(nn.Module):
    """Attention of every frame to every frame, scored by content and by the key's position."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.position = nn.Linear(width, width, bias=False)
        self.content_bias = nn.Parameter(torch.empty(heads, width // heads))
        self.position_bias = nn.Parameter(torch.empty(heads, width // heads))
        self.leave = nn.Linear(width, width)

    def forward(self, x: Tensor, positions: Tensor) -> Tensor:
        """Mix the frames of (B, S, C)."""
        query = self._heads(self.query(x))
        by_content = query + self.content_bias.unsqueeze(1)
        by_position = query + self.position_bias.unsqueeze(1)
        scores = by_content @ self._heads(self.key(x)).mT
        scores = scores + by_position @ self._heads(self.position(positions)).mT
        weights = (scores / math.sqrt(query.shape[-1])).softmax(-1)
        mixed = weights @ self._heads(self.value(x))
        left: Tensor = self.leave(mixed.transpose(1, 2).flatten(2))
        return left

    def _heads(self, x: Tensor) -> Tensor:
        heads: Tensor = x.unflatten(-1, self.content_bias.shape).transpose(1, 2)
        return heads


class GatedConvolution(nn.Module):
    """A gated linear unit, a convolution over time for each channel by itself, a norm."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gate = nn.Conv1d(width, 2 * width, 1)
        self.over_time = nn.Conv1d(width, width, KERNEL, padding=KERNEL // 2, groups=width)
        self.norm = nn.LayerNorm(width)
        self.leave = nn.Conv1d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Mix the neighbouring frames of (B, S, C)."""
        convolved = self.over_time(functional.glu(self.gate(x.mT), dim=1))
        left: Tensor = self.leave(functional.silu(self.norm(convolved.mT)).mT)
        return left.mT


CONFORMER_TABLE: Final = Table(
    (
        *affine("halve", "embed.conv.0"),
        *affine("enter", "embed.out.0"),
        Entry("positions", ("embed.pos_enc.pe",)),
        *affine("norm", "after_norm"),
        *affine("blocks.{i}.attention_norm", "encoders.{i}.norm_mha"),
        *affine("blocks.{i}.attention.query", "encoders.{i}.self_attn.linear_q"),
        *affine("blocks.{i}.attention.key", "encoders.{i}.self_attn.linear_k"),
        *affine("blocks.{i}.attention.value", "encoders.{i}.self_attn.linear_v"),
        Entry(
            "blocks.{i}.attention.position.weight", ("encoders.{i}.self_attn.linear_pos.weight",)
        ),
        Entry("blocks.{i}.attention.content_bias", ("encoders.{i}.self_attn.pos_bias_u",)),
        Entry("blocks.{i}.attention.position_bias", ("encoders.{i}.self_attn.pos_bias_v",)),
        *affine("blocks.{i}.attention.leave", "encoders.{i}.self_attn.linear_out"),
        *affine("blocks.{i}.convolution_norm", "encoders.{i}.norm_conv"),
        *affine("blocks.{i}.convolution.gate", "encoders.{i}.conv_module.pointwise_conv1"),
        *affine("blocks.{i}.convolution.over_time", "encoders.{i}.conv_module.depthwise_conv"),
        *affine("blocks.{i}.convolution.norm", "encoders.{i}.conv_module.norm"),
        *affine("blocks.{i}.convolution.leave", "encoders.{i}.conv_module.pointwise_conv2"),
        *affine("blocks.{i}.feedforward_norm", "encoders.{i}.norm_ff"),
        *affine("blocks.{i}.widen", "encoders.{i}.feed_forward.w_1"),
        *affine("blocks.{i}.narrow", "encoders.{i}.feed_forward.w_2"),
        *affine("blocks.{i}.norm", "encoders.{i}.norm_final"),
    )
)
"""Names below `conditioning_encoder.` or `emo_conditioning_encoder.` of gpt.pth."""
