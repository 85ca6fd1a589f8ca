"""What is said, without who says it: w2v-BERT 2.0 up to its layer 17, a conformer encoder.

    features  (B, N, 160)  pairs of filter-bank frames, 50 a second (fbank)
    mask      (B, N)       True where a pair is whole
    hidden    (B, N, W)    W = 1024: the output of layer 17
    distance  (L + R + 1, W / H)  a row for each distance key - query, limited to -L..R

A layer is half a feed-forward net, attention over H heads with distances learned, a causal
convolution, and another half. Deeper layers of the file are left alone.

Source: Barrault et al. 2023 (Seamless); Gulati et al. 2020 (Conformer); Shaw et al. 2018.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from wyoming_indextts.indextts2.faults import corrupt
from wyoming_indextts.indextts2.tensors import Entry, Table, affine

LAYERS: Final = 17
"""Of the file's 24: the reference reads its features here."""

WIDTH: Final = 1024
"""Of the features; the rest of the model relies on it."""


@dataclass(frozen=True, slots=True)
class W2vBertSizes:
    """What `w2v-bert-2.0/config.json` says, under the file's own names; as published by default."""

    hidden_size: int = WIDTH
    num_hidden_layers: int = 24
    num_attention_heads: int = 16
    intermediate_size: int = 4096
    feature_projection_input_dim: int = 160
    left_max_position_embeddings: int = 64
    right_max_position_embeddings: int = 8
    conv_depthwise_kernel_size: int = 31
    layer_norm_eps: float = 1e-5


FIXED: Final[Mapping[str, object]] = {
    "hidden_act": "swish",
    "position_embeddings_type": "relative_key",
    "add_adapter": False,
}
"""What `config.json` may not say otherwise."""


def read_w2v_bert_sizes(config: Mapping[str, object]) -> W2vBertSizes:
    """Read the sizes from the fields of config.json; those it leaves out are as published.

    Raises:
        WeightsCorruptError: A field is no size, or describes another net.
    """
    file = "w2v-bert-2.0/config.json"
    for name, wanted in FIXED.items():
        if config.get(name, wanted) != wanted:
            raise corrupt(file, f"{name} is {config[name]!r}, expected {wanted!r}")
    found: dict[str, int | float] = {}
    for field in fields(W2vBertSizes):
        size = config.get(field.name, field.default)
        kinds = (int, float) if field.type is float else (int,)
        if isinstance(size, bool) or not isinstance(size, kinds) or size <= 0:
            raise corrupt(file, f"{field.name} is {size!r}, expected a size")
        found[field.name] = size
    sizes = W2vBertSizes(**found)  # type: ignore[arg-type] # checked against each field above
    if sizes.num_hidden_layers < LAYERS:
        raise corrupt(file, f"num_hidden_layers is less than {LAYERS}")
    if sizes.hidden_size % sizes.num_attention_heads:
        raise corrupt(file, "hidden_size is no multiple of num_attention_heads")
    return sizes


class W2vBert(nn.Module):
    """Features and mask to the hidden state after layer 17."""

    def __init__(self, sizes: W2vBertSizes) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(sizes.feature_projection_input_dim, sizes.layer_norm_eps)
        self.project = nn.Linear(sizes.feature_projection_input_dim, sizes.hidden_size)
        self.layers = nn.ModuleList(_Layer(sizes) for _ in range(LAYERS))

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        """(B, N, 160), (B, N) -> (B, N, W); masked rows are heard by nobody but come out too."""
        x: Tensor = self.project(self.norm(features)) * mask[..., None]
        for layer in self.layers:
            x = layer(x, mask)
        return x


class _Layer(nn.Module):
    def __init__(self, sizes: W2vBertSizes) -> None:
        super().__init__()
        self.first_half = _FeedForward(sizes)
        self.attention = _Attention(sizes)
        self.convolution = _Convolution(sizes)
        self.second_half = _FeedForward(sizes)
        self.norm = nn.LayerNorm(sizes.hidden_size, sizes.layer_norm_eps)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        x = x + 0.5 * self.first_half(x)
        x = x + self.attention(x, mask)
        x = x + self.convolution(x, mask)
        x = x + 0.5 * self.second_half(x)
        normal: Tensor = self.norm(x)
        return normal


class _FeedForward(nn.Module):
    def __init__(self, sizes: W2vBertSizes) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(sizes.hidden_size, sizes.layer_norm_eps)
        self.widen = nn.Linear(sizes.hidden_size, sizes.intermediate_size)
        self.narrow = nn.Linear(sizes.intermediate_size, sizes.hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        narrowed: Tensor = self.narrow(functional.silu(self.widen(self.norm(x))))
        return narrowed


class _Attention(nn.Module):
    def __init__(self, sizes: W2vBertSizes) -> None:
        super().__init__()
        width = sizes.hidden_size
        self.heads = sizes.num_attention_heads
        self.left = sizes.left_max_position_embeddings
        self.right = sizes.right_max_position_embeddings
        self.norm = nn.LayerNorm(width, sizes.layer_norm_eps)
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)
        self.distance = nn.Parameter(torch.empty(self.left + self.right + 1, width // self.heads))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        normal = self.norm(x)
        query, key, value = (
            project(normal).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for project in (self.query, self.key, self.value)
        )
        places = torch.arange(x.shape[1], device=x.device)
        apart = (places - places[:, None]).clamp(-self.left, self.right) + self.left
        near = query @ self.distance.t()
        bias = near.gather(-1, apart.expand(*near.shape[:2], -1, -1)) / query.shape[-1] ** 0.5
        bias = bias.masked_fill(~mask[:, None, None], float("-inf"))
        heard = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        mixed: Tensor = self.out(heard.transpose(1, 2).flatten(2))
        return mixed


class _Convolution(nn.Module):
    def __init__(self, sizes: W2vBertSizes) -> None:
        super().__init__()
        width, self.kernel = sizes.hidden_size, sizes.conv_depthwise_kernel_size
        self.norm = nn.LayerNorm(width, sizes.layer_norm_eps)
        self.gate = nn.Linear(width, 2 * width, bias=False)
        self.depth = nn.Conv1d(width, width, self.kernel, groups=width, bias=False)
        self.depth_norm = nn.LayerNorm(width, sizes.layer_norm_eps)
        self.out = nn.Linear(width, width, bias=False)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        gated = functional.glu(self.gate(self.norm(x) * mask[..., None]))
        past = functional.pad(gated.transpose(1, 2), (self.kernel - 1, 0))
        deep = self.depth_norm(self.depth(past).transpose(1, 2))
        mixed: Tensor = self.out(functional.silu(deep))
        return mixed


def _pointwise(kernel: Tensor) -> Tensor:
    """Take a kernel of width 1 as a linear layer's matrix."""
    return kernel.squeeze(-1)


_OURS, _THEIRS = "layers.{i}", "encoder.layers.{i}"

W2V_BERT_TABLE: Final = Table(
    entries=(
        *affine("norm", "feature_projection.layer_norm"),
        *affine("project", "feature_projection.projection"),
        *affine(f"{_OURS}.first_half.norm", f"{_THEIRS}.ffn1_layer_norm"),
        *affine(f"{_OURS}.first_half.widen", f"{_THEIRS}.ffn1.intermediate_dense"),
        *affine(f"{_OURS}.first_half.narrow", f"{_THEIRS}.ffn1.output_dense"),
        *affine(f"{_OURS}.attention.norm", f"{_THEIRS}.self_attn_layer_norm"),
        *affine(f"{_OURS}.attention.query", f"{_THEIRS}.self_attn.linear_q"),
        *affine(f"{_OURS}.attention.key", f"{_THEIRS}.self_attn.linear_k"),
        *affine(f"{_OURS}.attention.value", f"{_THEIRS}.self_attn.linear_v"),
        *affine(f"{_OURS}.attention.out", f"{_THEIRS}.self_attn.linear_out"),
        Entry(f"{_OURS}.attention.distance", (f"{_THEIRS}.self_attn.distance_embedding.weight",)),
        *affine(f"{_OURS}.convolution.norm", f"{_THEIRS}.conv_module.layer_norm"),
        Entry(
            f"{_OURS}.convolution.gate.weight",
            (f"{_THEIRS}.conv_module.pointwise_conv1.weight",),
            _pointwise,
        ),
        Entry(
            f"{_OURS}.convolution.depth.weight", (f"{_THEIRS}.conv_module.depthwise_conv.weight",)
        ),
        *affine(f"{_OURS}.convolution.depth_norm", f"{_THEIRS}.conv_module.depthwise_layer_norm"),
        Entry(
            f"{_OURS}.convolution.out.weight",
            (f"{_THEIRS}.conv_module.pointwise_conv2.weight",),
            _pointwise,
        ),
        *affine(f"{_OURS}.second_half.norm", f"{_THEIRS}.ffn2_layer_norm"),
        *affine(f"{_OURS}.second_half.widen", f"{_THEIRS}.ffn2.intermediate_dense"),
        *affine(f"{_OURS}.second_half.narrow", f"{_THEIRS}.ffn2.output_dense"),
        *affine(f"{_OURS}.norm", f"{_THEIRS}.final_layer_norm"),
    ),
    unused=(
        r"masked_spec_embed",
        r"encoder\.layers\.(1[7-9]|[2-9]\d|\d{3,})\..+",
    ),
)
"""Of w2v-bert-2.0/model.safetensors."""
