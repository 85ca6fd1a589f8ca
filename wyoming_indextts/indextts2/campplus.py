"""Who speaks: CAM++, a net that sums a voice up in 192 numbers.

    features  (B, F, 80)        filter-bank energies without their mean (fbank)
    front     (B, 32, 10, F)    residual convolutions over (bins, frames), then flattened
    x         (B, C, T)         T = ceil(F / 2); each time-delay layer adds 32 channels
    style     (B, 192)          of the mean and the deviation of x over time

Each layer's output is weighed by the context: the mean over all frames and that over each 100.
Batch norms are folded to a scale and a shift a channel when the weights are adopted.

Source: Wang et al. 2023 (CAM++: fast speaker verification with context-aware masking).
"""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from wyoming_indextts.indextts2.tensors import Entry, Table

STYLE: Final = 192
"""Numbers that describe a voice."""

IMAGE: Final = 32
"""Channels of the front."""

GROWTH: Final = 32
"""Channels that a layer adds."""

BOTTLENECK: Final = 128
"""Channels inside a layer."""

SEGMENT: Final = 100
"""Frames of x over which the local context is taken: two seconds."""

BLOCKS: Final = ((12, 1), (24, 2), (16, 2))
"""Of each block, its layers and their dilation."""

EPSILON: Final = 1e-5
"""Added to the running variances."""


class CampPlus(nn.Module):
    """Features to style."""

    def __init__(self) -> None:
        super().__init__()
        self.front = _Front()
        width = BOTTLENECK
        self.tdnn = nn.Conv1d(IMAGE * 10, width, 5, stride=2, padding=2, bias=False)
        self.tdnn_norm = _Affine(width)
        blocks: OrderedDict[str, nn.Module] = OrderedDict()
        for number, (layers, dilation) in enumerate(BLOCKS, 1):
            for layer in range(1, layers + 1):
                blocks[f"block{number}_layer{layer}"] = _DenseLayer(width, dilation)
                width += GROWTH
            blocks[f"transit{number}"] = _Transit(width)
            width //= 2
        self.blocks = nn.Sequential(blocks)
        self.last_norm = _Affine(width)
        self.out = nn.Linear(2 * width, STYLE, bias=False)
        self.out_norm = _Affine(STYLE)

    def forward(self, features: Tensor) -> Tensor:
        """(B, F, 80) -> (B, 192), F at least 3."""
        x = self.front(features.transpose(1, 2))
        x = functional.relu(self.tdnn_norm(self.tdnn(x)))
        x = functional.relu(self.last_norm(self.blocks(x)))
        deviation, mean = torch.std_mean(x, -1)
        summed: Tensor = self.out_norm(self.out(torch.cat([mean, deviation], -1)))
        return summed


class _Affine(nn.Module):
    """A batch norm at rest: x * scale + shift, over dimension 1."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.empty(channels))
        self.shift = nn.Parameter(torch.empty(channels))

    def forward(self, x: Tensor) -> Tensor:
        each = (-1, *[1] * (x.dim() - 2))
        return x * self.scale.view(each) + self.shift.view(each)


class _Front(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, IMAGE, 3, padding=1, bias=False)
        self.first_norm = _Affine(IMAGE)
        self.stages = nn.Sequential(
            _Residual(stride=2), _Residual(stride=1), _Residual(stride=2), _Residual(stride=1)
        )
        self.last = nn.Conv2d(IMAGE, IMAGE, 3, stride=(2, 1), padding=1, bias=False)
        self.last_norm = _Affine(IMAGE)

    def forward(self, bins: Tensor) -> Tensor:
        """(B, 80, F) -> (B, 320, F): the channels of each remaining bin one after the other."""
        x = functional.relu(self.first_norm(self.first(bins[:, None])))
        x = functional.relu(self.last_norm(self.last(self.stages(x))))
        return x.flatten(1, 2)


class _Residual(nn.Module):
    def __init__(self, stride: int) -> None:
        super().__init__()
        over = (stride, 1)
        self.first = nn.Conv2d(IMAGE, IMAGE, 3, stride=over, padding=1, bias=False)
        self.first_norm = _Affine(IMAGE)
        self.second = nn.Conv2d(IMAGE, IMAGE, 3, padding=1, bias=False)
        self.second_norm = _Affine(IMAGE)
        self.past = nn.Identity() if stride == 1 else _Shortcut(over)

    def forward(self, x: Tensor) -> Tensor:
        inner = functional.relu(self.first_norm(self.first(x)))
        return functional.relu(self.second_norm(self.second(inner)) + self.past(x))


class _Shortcut(nn.Module):
    def __init__(self, stride: tuple[int, int]) -> None:
        super().__init__()
        self.project = nn.Conv2d(IMAGE, IMAGE, 1, stride=stride, bias=False)
        self.norm = _Affine(IMAGE)

    def forward(self, x: Tensor) -> Tensor:
        normal: Tensor = self.norm(self.project(x))
        return normal


class _DenseLayer(nn.Module):
    """Adds 32 channels to x, weighed by their context."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.norm = _Affine(width)
        self.narrow = nn.Conv1d(width, BOTTLENECK, 1, bias=False)
        self.narrow_norm = _Affine(BOTTLENECK)
        self.delay = nn.Conv1d(
            BOTTLENECK, GROWTH, 3, padding=dilation, dilation=dilation, bias=False
        )
        self.squeeze = nn.Conv1d(BOTTLENECK, BOTTLENECK // 2, 1)
        self.weigh = nn.Conv1d(BOTTLENECK // 2, GROWTH, 1)

    def forward(self, x: Tensor) -> Tensor:
        narrow = functional.relu(self.norm(x))
        narrow = functional.relu(self.narrow_norm(self.narrow(narrow)))
        context = narrow.mean(-1, keepdim=True) + _segment_means(narrow)
        weight = torch.sigmoid(self.weigh(functional.relu(self.squeeze(context))))
        return torch.cat([x, self.delay(narrow) * weight], 1)


def _segment_means(x: Tensor) -> Tensor:
    """(B, C, T) -> (B, C, T): each frame becomes the mean of its segment; the last may be short."""
    means = functional.avg_pool1d(x, SEGMENT, ceil_mode=True)
    return means.repeat_interleave(SEGMENT, -1)[..., : x.shape[-1]]


class _Transit(nn.Module):
    """Halves the channels between blocks."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = _Affine(width)
        self.halve = nn.Conv1d(width, width // 2, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        halved: Tensor = self.halve(functional.relu(self.norm(x)))
        return halved


def _scale(weight: Tensor, variance: Tensor) -> Tensor:
    _check_alike(weight, variance)
    return weight if weight.is_meta else weight / (variance + EPSILON).sqrt()


def _shift(bias: Tensor, mean: Tensor, weight: Tensor, variance: Tensor) -> Tensor:
    _check_alike(bias, mean, weight, variance)
    return bias if bias.is_meta else bias - mean * _scale(weight, variance)


def _bare_scale(variance: Tensor) -> Tensor:
    return variance if variance.is_meta else (variance + EPSILON).rsqrt()


def _bare_shift(mean: Tensor, variance: Tensor) -> Tensor:
    _check_alike(mean, variance)
    return mean if mean.is_meta else -mean * _bare_scale(variance)


def _check_alike(*tensors: Tensor) -> None:
    """Refuse shapes that would broadcast; what adopts tensors knows what a RuntimeError means."""
    if len({tensor.shape for tensor in tensors}) > 1:
        raise RuntimeError("the parts of a batch norm have different shapes")


def _norm(ours: str, theirs: str) -> tuple[Entry, Entry]:
    weight, bias = f"{theirs}.weight", f"{theirs}.bias"
    mean, variance = f"{theirs}.running_mean", f"{theirs}.running_var"
    return (
        Entry(f"{ours}.scale", (weight, variance), _scale),
        Entry(f"{ours}.shift", (bias, mean, weight, variance), _shift),
    )


def _weight(ours: str, theirs: str) -> Entry:
    return Entry(f"{ours}.weight", (f"{theirs}.weight",))


def _matrix(kernel: Tensor) -> Tensor:
    """Take a kernel of width 1 as a linear layer's matrix."""
    return kernel.squeeze(-1)


def _front_entries() -> Iterator[Entry]:
    for name, theirs in (("first", "1"), ("last", "2")):
        yield _weight(f"front.{name}", f"head.conv{theirs}")
        yield from _norm(f"front.{name}_norm", f"head.bn{theirs}")
    for number, place in enumerate(("layer1.0", "layer1.1", "layer2.0", "layer2.1")):
        ours, theirs = f"front.stages.{number}", f"head.{place}"
        for name, order in (("first", "1"), ("second", "2")):
            yield _weight(f"{ours}.{name}", f"{theirs}.conv{order}")
            yield from _norm(f"{ours}.{name}_norm", f"{theirs}.bn{order}")
        yield _weight(f"{ours}.past.project", f"{theirs}.shortcut.0")
        yield from _norm(f"{ours}.past.norm", f"{theirs}.shortcut.1")


_LAYER, _THEIR_LAYER = "blocks.block{i}_layer{j}", "xvector.block{i}.tdnnd{j}"

CAMPPLUS_TABLE: Final = Table(
    entries=(
        *_front_entries(),
        _weight("tdnn", "xvector.tdnn.linear"),
        *_norm("tdnn_norm", "xvector.tdnn.nonlinear.batchnorm"),
        *_norm(f"{_LAYER}.norm", f"{_THEIR_LAYER}.nonlinear1.batchnorm"),
        _weight(f"{_LAYER}.narrow", f"{_THEIR_LAYER}.linear1"),
        *_norm(f"{_LAYER}.narrow_norm", f"{_THEIR_LAYER}.nonlinear2.batchnorm"),
        _weight(f"{_LAYER}.delay", f"{_THEIR_LAYER}.cam_layer.linear_local"),
        _weight(f"{_LAYER}.squeeze", f"{_THEIR_LAYER}.cam_layer.linear1"),
        Entry(f"{_LAYER}.squeeze.bias", (f"{_THEIR_LAYER}.cam_layer.linear1.bias",)),
        _weight(f"{_LAYER}.weigh", f"{_THEIR_LAYER}.cam_layer.linear2"),
        Entry(f"{_LAYER}.weigh.bias", (f"{_THEIR_LAYER}.cam_layer.linear2.bias",)),
        *_norm("blocks.transit{i}.norm", "xvector.transit{i}.nonlinear.batchnorm"),
        _weight("blocks.transit{i}.halve", "xvector.transit{i}.linear"),
        *_norm("last_norm", "xvector.out_nonlinear.batchnorm"),
        Entry("out.weight", ("xvector.dense.linear.weight",), _matrix),
        Entry("out_norm.scale", ("xvector.dense.nonlinear.batchnorm.running_var",), _bare_scale),
        Entry(
            "out_norm.shift",
            (
                "xvector.dense.nonlinear.batchnorm.running_mean",
                "xvector.dense.nonlinear.batchnorm.running_var",
            ),
            _bare_shift,
        ),
    ),
    unused=(r".+\.num_batches_tracked",),
)
"""Of campplus_cn_common.bin."""
