"""The clock of the flow: all that depends on nothing but the time, made once for all utterances.

    times    (S,)                      in [0, 1): 0 is noise, 1 is mel
    norms    (S, 2 * depth + 1, 2, W)  gain and shift of every adaptive norm of the DiT, in order
    gates    (S, layers, 2 V)          the time's part in the WaveNet's gates
    last     (S, 2, V)                 gain and shift of the norm after the WaveNet

W is the DiT's width, V the WaveNet's. The clock is small and needed only where a schedule is made:
it may stay on the CPU in float32, where the frequencies of its sinusoids belong.

Source: Peebles & Xie 2023 (adaptive norms of DiT); Vaswani et al. 2017 (sinusoids).
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from wyoming_indextts.indextts2.tensors import Entry, Table, affine, folded, same

FREQUENCIES: Final = 128
"""Sinusoids of a time, each as cosine and sine; fixed in the reference."""

TIME_SCALE: Final = 1000.0
"""The times 0 to 1 were learned as 0 to 1000."""


@dataclass(frozen=True, slots=True)
class ClockSizes:
    """Sizes of the net that the clock serves."""

    width: int
    depth: int
    wavenet_width: int
    wavenet_layers: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """What each step of the flow is told of its time; shapes as above, one row a step."""

    norms: Tensor
    gates: Tensor
    last: Tensor

    @property
    def steps(self) -> int:
        """The number of rows."""
        return self.norms.shape[0]

    def row(self, step: int) -> "Schedule":
        """Return the schedule of one step, for all samples of a batch alike."""
        here = slice(step, step + 1)
        return Schedule(self.norms[here], self.gates[here], self.last[here])

    def to(self, like: Tensor) -> "Schedule":
        """Return the schedule in the dtype and on the device of `like`."""
        return Schedule(self.norms.to(like), self.gates.to(like), self.last.to(like))


class Clock(nn.Module):
    """Times to a schedule."""

    def __init__(self, sizes: ClockSizes) -> None:
        super().__init__()
        self.layers = sizes.wavenet_layers
        self.body = _Time(sizes.width)
        self.head = _Time(sizes.wavenet_width)
        self.attention = nn.ModuleList(_Norm(sizes.width) for _ in range(sizes.depth))
        self.feed = nn.ModuleList(_Norm(sizes.width) for _ in range(sizes.depth))
        self.after = _Norm(sizes.width)
        self.gates = nn.Linear(sizes.wavenet_width, 2 * sizes.wavenet_width * self.layers)
        self.last = nn.Linear(sizes.width, 2 * sizes.wavenet_width)

    def forward(self, times: Tensor) -> Schedule:
        """Return the schedule of these times (S,)."""
        body = self.body(times)
        pairs = zip(self.attention, self.feed, strict=True)
        norms = [norm(body) for pair in pairs for norm in pair]
        shift, gain = self.last(functional.silu(body)).chunk(2, dim=-1)
        return Schedule(
            torch.stack((*norms, self.after(body)), dim=1),
            self.gates(self.head(times)).unflatten(-1, (self.layers, -1)),
            torch.stack((1 + gain, shift), dim=1),
        )


def even_times(steps: int) -> Tensor:
    """Return the times (steps,) at which so many Euler steps of equal length begin."""
    return torch.linspace(0.0, 1.0, steps + 1)[:-1]


class _Time(nn.Module):
    """A time as sinusoids, then a net of two layers."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.frequencies = nn.Parameter(torch.empty(FREQUENCIES))
        self.enter = nn.Linear(2 * FREQUENCIES, width)
        self.leave = nn.Linear(width, width)

    def forward(self, times: Tensor) -> Tensor:
        angles = TIME_SCALE * times[:, None] * self.frequencies
        entered = self.enter(torch.cat((angles.cos(), angles.sin()), dim=-1))
        embedded: Tensor = self.leave(functional.silu(entered))
        return embedded


class _Norm(nn.Module):
    """Gain and shift (S, 2, W) of one adaptive norm; its own fixed gain is part of the gain."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.empty(width))
        self.adapt = nn.Linear(width, 2 * width)

    def forward(self, embedded: Tensor) -> Tensor:
        gain, shift = self.adapt(embedded).chunk(2, dim=-1)
        return torch.stack((gain * self.gain, shift), dim=1)


def _matrix(scale: Tensor, direction: Tensor) -> Tensor:
    """Fold weight norm of a kernel of width 1, which is a linear layer's matrix."""
    return folded(scale, direction).squeeze(-1)


def _entries() -> tuple[Entry, ...]:
    times = (("body", "t_embedder"), ("head", "t_embedder2"))
    norms = (
        ("attention.{i}", "transformer.layers.{i}.attention_norm"),
        ("feed.{i}", "transformer.layers.{i}.ffn_norm"),
        ("after", "transformer.norm"),
    )
    gates = "wavenet.cond_layer.conv.conv"
    return (
        *(Entry(f"{ours}.frequencies", (f"{theirs}.freqs",), same) for ours, theirs in times),
        *(entry for ours, theirs in times for entry in affine(f"{ours}.enter", f"{theirs}.mlp.0")),
        *(entry for ours, theirs in times for entry in affine(f"{ours}.leave", f"{theirs}.mlp.2")),
        *(Entry(f"{ours}.gain", (f"{theirs}.norm.weight",)) for ours, theirs in norms),
        *(e for ours, theirs in norms for e in affine(f"{ours}.adapt", f"{theirs}.project_layer")),
        Entry("gates.weight", (f"{gates}.weight_g", f"{gates}.weight_v"), _matrix),
        Entry("gates.bias", (f"{gates}.bias",)),
        *affine("last", "final_layer.adaLN_modulation.1"),
    )


CLOCK_TABLE: Final = Table(_entries())
"""Names below `estimator.` of s2mel.pth."""
