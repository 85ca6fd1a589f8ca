"""Semantic codes: w2v-bert's features quantised to one of 8192 codes each, 50 a second.

    features  (B, N, 1024)  normalised features of w2v-bert
    codes     (B, N)        int64
    table     (8192, 1024)  what each code stands for; the rest of the model reads codes by it

A convolutional encoder (ConvNeXt blocks over width V = 384), a projection to 8 numbers of unit
length, and the nearest row of a codebook. The decoder in the file is for training.

Source: Wang et al. 2024 (MaskGCT); Siuzdak 2023 (Vocos); Yu et al. 2022 (factorised codes).
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from wyoming_indextts.indextts2.tensors import Entry, Table, affine, folded

KERNEL: Final = 7
"""Frames that a convolution of the encoder sees."""


@dataclass(frozen=True, slots=True)
class RepCodecSizes:
    """`semantic_codec` of config.yaml, under its own names."""

    codebook_size: int = 8192
    hidden_size: int = 1024
    codebook_dim: int = 8
    vocos_dim: int = 384
    vocos_intermediate_dim: int = 2048
    vocos_num_layers: int = 12


class RepCodec(nn.Module):
    """Features to codes, and codes to what they stand for."""

    def __init__(self, sizes: RepCodecSizes) -> None:
        super().__init__()
        width = sizes.vocos_dim
        self.embed = nn.Conv1d(sizes.hidden_size, width, KERNEL, padding=KERNEL // 2)
        self.norm = nn.LayerNorm(width, 1e-6)
        self.blocks = nn.ModuleList(_Block(sizes) for _ in range(sizes.vocos_num_layers))
        self.last_norm = nn.LayerNorm(width, 1e-6)
        self.project = nn.Linear(width, sizes.hidden_size)
        self.inwards = nn.Linear(sizes.hidden_size, sizes.codebook_dim)
        self.codebook = nn.Parameter(torch.empty(sizes.codebook_size, sizes.codebook_dim))
        self.outwards = nn.Linear(sizes.codebook_dim, sizes.hidden_size)

    def encode(self, features: Tensor) -> Tensor:
        """(B, N, 1024) -> (B, N, 8), before quantisation."""
        x = self.norm(self.embed(features.transpose(1, 2)).transpose(1, 2))
        for block in self.blocks:
            x = block(x)
        projected: Tensor = self.inwards(self.project(self.last_norm(x)))
        return projected

    def forward(self, features: Tensor) -> Tensor:
        """(B, N, 1024) -> codes (B, N): the rows of the codebook nearest in direction."""
        directions = functional.normalize(self.encode(features), dim=-1)
        nearness = directions @ functional.normalize(self.codebook, dim=-1).t()
        codes: Tensor = nearness.argmax(-1)
        return codes

    def table(self) -> Tensor:
        """Return what each code stands for, (8192, 1024); made once and kept by the caller."""
        table: Tensor = self.outwards(self.codebook)
        return table


class _Block(nn.Module):
    def __init__(self, sizes: RepCodecSizes) -> None:
        super().__init__()
        width, inner = sizes.vocos_dim, sizes.vocos_intermediate_dim
        self.depth = nn.Conv1d(width, width, KERNEL, padding=KERNEL // 2, groups=width)
        self.norm = nn.LayerNorm(width, 1e-6)
        self.widen = nn.Linear(width, inner)
        self.narrow = nn.Linear(inner, width)
        self.gain = nn.Parameter(torch.empty(width))

    def forward(self, x: Tensor) -> Tensor:
        deep = self.norm(self.depth(x.transpose(1, 2)).transpose(1, 2))
        mixed: Tensor = self.narrow(functional.gelu(self.widen(deep)))
        return x + self.gain * mixed


def _matrix(scale: Tensor, direction: Tensor) -> Tensor:
    """Fold weight norm of a kernel of width 1, which is a linear layer's matrix."""
    return folded(scale, direction).squeeze(-1)


_QUANTISER: Final = "quantizer.quantizers.0"

REPCODEC_TABLE: Final = Table(
    entries=(
        *(
            entry
            for ours, theirs in (
                ("embed", "encoder.0.embed"),
                ("norm", "encoder.0.norm"),
                ("blocks.{i}.depth", "encoder.0.convnext.{i}.dwconv"),
                ("blocks.{i}.norm", "encoder.0.convnext.{i}.norm"),
                ("blocks.{i}.widen", "encoder.0.convnext.{i}.pwconv1"),
                ("blocks.{i}.narrow", "encoder.0.convnext.{i}.pwconv2"),
                ("last_norm", "encoder.0.final_layer_norm"),
                ("project", "encoder.1"),
            )
            for entry in affine(ours, theirs)
        ),
        Entry("blocks.{i}.gain", ("encoder.0.convnext.{i}.gamma",)),
        *(
            entry
            for ours, theirs in (("inwards", "in_project"), ("outwards", "out_project"))
            for entry in (
                Entry(
                    f"{ours}.weight",
                    (f"{_QUANTISER}.{theirs}.weight_g", f"{_QUANTISER}.{theirs}.weight_v"),
                    _matrix,
                ),
                Entry(f"{ours}.bias", (f"{_QUANTISER}.{theirs}.bias",)),
            )
        ),
        Entry("codebook", (f"{_QUANTISER}.codebook.weight",)),
    ),
    unused=(r"decoder\..+",),
)
"""Of semantic_codec/model.safetensors."""
