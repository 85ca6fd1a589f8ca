"""BigVGAN: mel to wave, 256 samples a frame, with activations that make no aliases.

    mel        (B, 80, T)     natural log
    stages     (B, C / 2^i, T * the rates up to i)
    wave       (B, N)         N = T * the product of the rates, in [-1, 1]

Each stage lengthens the signal and adds three blocks of other kernels, averaged; the activation is
in `snake`.

A mel may be filled up behind its frames, so that few lengths occur. What is there then hears zeros
behind its end, and repeats of its last sample in the activations, as it does without.

Source: Lee et al. 2023 (BigVGAN).
"""

from dataclasses import dataclass
from typing import Final, cast

from torch import Tensor, nn

from wyoming_indextts.indextts2.convolving import convolved, lengthened
from wyoming_indextts.indextts2.snake import Form, SnakeBeta, kept
from wyoming_indextts.indextts2.tensors import Entry, Table, folded

EDGE_KERNEL: Final = 7
"""Taps of the first and of the last convolution."""

LEAST_BETA: Final = 1e-9
"""Added to each b, so that none divides by zero."""


@dataclass(frozen=True, slots=True)
class BigVGANSizes:
    """Sizes of the generator: `rates` and `rate_kernels` are of its stages, the rest of blocks."""

    bins: int
    channels: int
    rates: tuple[int, ...]
    rate_kernels: tuple[int, ...]
    kernels: tuple[int, ...]
    dilations: tuple[tuple[int, ...], ...]


class BigVGAN(nn.Module):
    """Mel to wave."""

    def __init__(self, sizes: BigVGANSizes) -> None:
        super().__init__()
        widths = [sizes.channels >> stage for stage in range(len(sizes.rates) + 1)]
        self.kinds = len(sizes.kernels)
        self.enter = nn.Conv1d(sizes.bins, widths[0], EDGE_KERNEL, padding=EDGE_KERNEL // 2)
        self.lengthen = nn.ModuleList(
            nn.ConvTranspose1d(wide, narrow, kernel, rate, (kernel - rate) // 2)
            for wide, narrow, kernel, rate in zip(
                widths[:-1], widths[1:], sizes.rate_kernels, sizes.rates, strict=True
            )
        )
        self.blocks = nn.ModuleList(
            ResidualBlock(width, kernel, dilations)
            for width in widths[1:]
            for kernel, dilations in zip(sizes.kernels, sizes.dilations, strict=True)
        )
        self.bend = SnakeBeta(widths[-1])
        self.leave = nn.Conv1d(widths[-1], 1, EDGE_KERNEL, padding=EDGE_KERNEL // 2, bias=False)

    def bends_by(self, form: Form) -> None:
        """Have all activations take a form from now on, where they do not go by blocks."""
        for net in self.modules():
            if isinstance(net, SnakeBeta):
                net.form = form

    def forward(self, mel: Tensor, frames: Tensor | None = None) -> Tensor:
        """(B, 80, T) -> float32 (B, N).

        Only the first `frames` (1,), int64, are there, and zeros are behind them; of the wave, what
        is beyond theirs means nothing. None: all are.
        """
        x, end = self.enter(mel), frames
        for stage, layer in enumerate(self.lengthen):
            lengthen = cast("nn.ConvTranspose1d", layer)
            longer = lengthened(lengthen, x if end is None else kept(x, end))
            end = None if end is None else end * lengthen.stride[0]
            blocks = self.blocks[stage * self.kinds : (stage + 1) * self.kinds]
            x = blocks[0](longer, end)
            for block in blocks[1:]:
                x += block(longer, end)
            x /= self.kinds
        wave: Tensor = self.leave(self.bend(x, end))
        return wave[:, 0].float().clamp(-1.0, 1.0)


class ResidualBlock(nn.Module):
    """Pairs of convolutions, the first of each pair dilated, each pair added to what it heard."""

    def __init__(self, width: int, kernel: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.bends = nn.ModuleList(SnakeBeta(width) for _ in range(2 * len(dilations)))
        self.wide = nn.ModuleList(
            nn.Conv1d(width, width, kernel, dilation=far, padding=far * (kernel - 1) // 2)
            for far in dilations
        )
        self.close = nn.ModuleList(
            nn.Conv1d(width, width, kernel, padding=(kernel - 1) // 2) for _ in dilations
        )

    def forward(self, x: Tensor, end: Tensor | None) -> Tensor:
        """(B, C, N) -> (B, C, N); `end` is as `snake.Form` has it, what is behind means nothing."""
        pairs = zip(self.wide, self.close, self.bends[::2], self.bends[1::2], strict=True)
        for wide, close, first, second in pairs:
            heard = convolved(cast("nn.Conv1d", wide), first(x, end))
            x = x + convolved(cast("nn.Conv1d", close), second(heard, end))
        return x


def _alpha(logarithm: Tensor) -> Tensor:
    return logarithm.exp()[:, None]


def _gain(logarithm: Tensor) -> Tensor:
    return 1.0 / (logarithm.exp() + LEAST_BETA)[:, None]


def _raising(lowpass: Tensor) -> Tensor:
    """Make up for the zeros between the samples."""
    return 2.0 * lowpass


def _bend(ours: str, theirs: str) -> tuple[Entry, ...]:
    return (
        Entry(f"{ours}.alpha", (f"{theirs}.act.alpha",), _alpha),
        Entry(f"{ours}.gain", (f"{theirs}.act.beta",), _gain),
        Entry(f"{ours}.raising", (f"{theirs}.upsample.filter",), _raising),
        Entry(f"{ours}.lowering", (f"{theirs}.downsample.lowpass.filter",)),
    )


def _convolution(ours: str, theirs: str) -> tuple[Entry, ...]:
    return (
        Entry(f"{ours}.weight", (f"{theirs}.weight_g", f"{theirs}.weight_v"), folded),
        Entry(f"{ours}.bias", (f"{theirs}.bias",)),
    )


BIGVGAN_TABLE: Final = Table(
    (
        *_convolution("enter", "conv_pre"),
        *_convolution("lengthen.{i}", "ups.{i}.0"),
        *_convolution("blocks.{i}.wide.{j}", "resblocks.{i}.convs1.{j}"),
        *_convolution("blocks.{i}.close.{j}", "resblocks.{i}.convs2.{j}"),
        *_bend("blocks.{i}.bends.{j}", "resblocks.{i}.activations.{j}"),
        *_bend("bend", "activation_post"),
        *_convolution("leave", "conv_post"),
    )
)
"""Of `generator` in bigvgan_generator.pt."""
