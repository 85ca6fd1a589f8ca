"""Diffusion transformer with a WaveNet at its head: where the mel should move, from where it is.

Shapes (B samples, T frames: the prompt's, then those to be made; W width, C condition's width):

    x          (B, 80, T)   between noise and mel
    prompt     (B, 80, T)   the voice's mel, then zeros
    condition  (B, T, C)    what is said, from the length regulator
    style      (B, 192)     who says it, from CAMPPlus
    ground     (B, T, W)    prompt, condition and style as the net sees them: the same at each step
    rotation   (T, head / 2)  complex64: the turns of the rotary positions
    result     (B, 80, T - first)  velocity dx/dt, of the frames from `first` on

Nobody asks how the prompt's frames move. Those before `first` are heard by all blocks; the last
block and the WaveNet work only on what the wanted frames can depend on, which changes no value.

Blocks attend to all frames both ways; each block of the first half is also heard by its mirror
image in the second half, the last first (U-ViT).

Source: Peebles & Xie 2023 (DiT); Bao et al. 2023 (U-ViT); Su et al. 2021 (rotary positions);
Shazeer 2020 (SwiGLU); Liu 2024 (Seed-VC, the head).
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from wyoming_indextts.indextts2.attending import attend
from wyoming_indextts.indextts2.clock import CLOCK_TABLE, Clock, ClockSizes, Schedule
from wyoming_indextts.indextts2.mel import BINS
from wyoming_indextts.indextts2.tensors import Entry, Table, affine, folded
from wyoming_indextts.indextts2.wavenet import WAVENET_TABLE, WaveNet, WaveNetSizes

STYLE: Final = 192
"""Width of a voice's style; fixed in the reference."""

ROTARY_BASE: Final = 10_000.0
"""The slowest rotary pair turns about this many times more slowly than the fastest."""

POSITIONS: Final = 16_384
"""Frames whose places among all are in the file: 190 s, prompt and all."""

NORM_EPSILON: Final = 1e-5
"""Of the adaptive norms of the blocks."""

LAST_NORM_EPSILON: Final = 1e-6
"""Of the norm after the WaveNet."""

FEED_MULTIPLE: Final = 256
"""The feed-forward's inner width is 8/3 of the width, rounded up to a multiple of this."""


@dataclass(frozen=True, slots=True)
class FlowSizes:
    """Sizes of the DiT, and of the WaveNet at its head."""

    width: int
    heads: int
    depth: int
    condition: int
    wavenet: WaveNetSizes


def joining(depth: int) -> range:
    """Return which of so many blocks hear one of the first half: those behind the middle."""
    return range(depth // 2 + 1, depth)


class Flow(nn.Module):
    """The whole net as the file holds it: the velocity, and the clock that makes its schedules."""

    def __init__(self, sizes: FlowSizes) -> None:
        super().__init__()
        wavenet = sizes.wavenet
        self.clock = Clock(ClockSizes(sizes.width, sizes.depth, wavenet.width, wavenet.layers))
        self.dit = DiT(sizes)


class DiT(nn.Module):
    """Where the mel should move."""

    def __init__(self, sizes: FlowSizes) -> None:
        super().__init__()
        width, deep = sizes.width, sizes.wavenet.width
        self.head = width // sizes.heads
        self.positions: Tensor
        self.register_buffer("positions", torch.empty(POSITIONS, dtype=torch.int64))
        self.condition = nn.Linear(sizes.condition, width)
        self.enter = nn.Linear(BINS, width, bias=False)
        self.settle = nn.Linear(BINS + width + STYLE, width)
        self.blocks = nn.ModuleList(DiTBlock(width, sizes.heads) for _ in range(sizes.depth))
        self.joins = nn.ModuleDict(
            {str(index): nn.Linear(2 * width, width) for index in joining(sizes.depth)}
        )
        self.carry = nn.Linear(width + BINS, width)
        self.descend = nn.Linear(width, deep)
        self.wavenet = WaveNet(sizes.wavenet)
        self.bypass = nn.Linear(width, deep)
        self.mix = nn.Linear(deep, deep)
        self.leave = nn.Linear(deep, BINS)

    def ground(self, prompt: Tensor, condition: Tensor, style: Tensor) -> Tensor:
        """Return (B, T, W), made once for all steps of a walk."""
        frames = condition.shape[1]
        parts = (
            prompt.transpose(1, 2),
            self.condition(condition),
            style[:, None].expand(-1, frames, -1),
        )
        ground: Tensor = self.settle(torch.cat(parts, dim=-1))
        return ground

    def rotation(self, frames: int) -> Tensor:
        """Return the rotary positions of so many frames, made once for all steps of a walk."""
        positions = self.positions[:frames].float()
        even = torch.arange(0, self.head, 2, dtype=torch.float32, device=positions.device)
        angles = torch.outer(positions, 1.0 / ROTARY_BASE ** (even / self.head))
        return torch.complex(angles.cos(), angles.sin())

    def forward(
        self,
        x: Tensor,
        ground: Tensor,
        moment: Schedule,
        rotation: Tensor,
        lengths: Tensor | None = None,
        *,
        first: int = 0,
    ) -> Tensor:
        """Return the velocity (B, 80, T - first) of the frames from `first` on.

        `moment` has one row, or one for each sample. `lengths` (B,) counts the frames of each
        sample where some are padded, None where none is; beyond them the result has no meaning.
        Each is greater than `first`.
        """
        mel = x.transpose(1, 2)
        seen = None
        if lengths is not None:
            seen = (torch.arange(x.shape[2], device=x.device) < lengths[:, None])[:, None, None]
        hidden = self.enter(mel) + ground
        heard: list[Tensor] = []
        edge, last = max(0, first - self.wavenet.reach), len(self.blocks) - 1
        for index, block in enumerate(self.blocks):
            if str(index) in self.joins:
                hidden = self.joins[str(index)](torch.cat((hidden, heard.pop()), dim=-1))
            norms = moment.norms[:, 2 * index : 2 * index + 2]
            hidden = block(hidden, norms, rotation, seen, first=edge if index == last else 0)
            if index < len(self.blocks) // 2:
                heard.append(hidden)
        adapted = _adapted(hidden, moment.norms[:, -1])
        hidden = self.carry(torch.cat((adapted, mel[:, edge:]), dim=-1))
        shorter = None if lengths is None else lengths - edge
        waves = self.wavenet(self.descend(hidden), moment.gates, shorter)
        deep = (waves + self.bypass(hidden))[:, first - edge :]
        gain, shift = moment.last[:, :, None].unbind(1)
        normal = functional.layer_norm(deep, deep.shape[-1:], eps=LAST_NORM_EPSILON)
        velocity: Tensor = self.leave(self.mix(torch.addcmul(shift, normal, gain)))
        return velocity.transpose(1, 2)


class DiTBlock(nn.Module):
    """Attention over all frames, then each frame is fed forward."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        inner = -(-(8 * width // 3) // FEED_MULTIPLE) * FEED_MULTIPLE
        self.heads = heads
        self.query_key_value = nn.Linear(width, 3 * width, bias=False)
        self.gather = nn.Linear(width, width, bias=False)
        self.open = nn.Linear(width, inner, bias=False)
        self.widen = nn.Linear(width, inner, bias=False)
        self.narrow = nn.Linear(inner, width, bias=False)

    def forward(
        self, x: Tensor, norms: Tensor, rotation: Tensor, seen: Tensor | None, *, first: int = 0
    ) -> Tensor:
        """(B, T, W) -> (B, T - first, W): the frames from `first` on, which hear all of them.

        `norms` are its two norms' gains and shifts, (B or 1, 2, 2, W); `seen` (B, 1, 1, T) tells
        which frames are heard, None: all.
        """
        projected = self.query_key_value(_adapted(x, norms[:, 0]))
        parts = projected.unflatten(-1, (3, self.heads, -1))
        query, key = _rotated(parts[:, :, :2], rotation).permute(2, 0, 3, 1, 4)
        mixed = attend(query[:, :, first:], key, parts[:, :, 2].transpose(1, 2), seen)
        x = x[:, first:] + self.gather(mixed.transpose(1, 2).flatten(2))
        normal = _adapted(x, norms[:, 1])
        opened = functional.silu(self.open(normal), inplace=True).mul_(self.widen(normal))
        fed: Tensor = self.narrow(opened)
        return x + fed


def _adapted(x: Tensor, norm: Tensor) -> Tensor:
    """RMS norm of x (B, T, W) with the gain and shift (B or 1, 2, W) of its time."""
    gain, shift = norm[:, :, None].unbind(1)
    return torch.addcmul(shift, functional.rms_norm(x, x.shape[-1:], eps=NORM_EPSILON), gain)


def _rotated(x: Tensor, rotation: Tensor) -> Tensor:
    """Turn the neighbouring pairs of x (B, T, 2, H, head) by the angles of their positions.

    As complex numbers: pairs taken apart and put together again cost seven times as much.
    """
    pairs = torch.view_as_complex(x.float().unflatten(-1, (-1, 2)))
    return torch.view_as_real(pairs * rotation[:, None, None]).flatten(-2).to(x.dtype)


def _of_mel(merge: Tensor) -> Tensor:
    """Take the part of the merging matrix that reads x."""
    return merge[:, :BINS].contiguous()


def _of_ground(merge: Tensor) -> Tensor:
    """Take the part of the merging matrix that reads prompt, condition and style."""
    return merge[:, BINS:].contiguous()


def _pointwise(kernel: Tensor) -> Tensor:
    """Turn a kernel of width 1 into a linear layer's matrix."""
    return kernel.squeeze(-1)


def _whole(positions: Tensor) -> Tensor:
    """Take numbers as places, as the reference does when it loads them."""
    return positions.long()


_DIT_TABLE: Final = Table(
    (
        Entry("positions", ("input_pos",), _whole),
        *affine("condition", "cond_projection"),
        Entry("enter.weight", ("cond_x_merge_linear.weight",), _of_mel),
        Entry("settle.weight", ("cond_x_merge_linear.weight",), _of_ground),
        Entry("settle.bias", ("cond_x_merge_linear.bias",)),
        *affine("joins.{i}", "transformer.layers.{i}.skip_in_linear"),
        *(
            Entry(f"blocks.{{i}}.{ours}.weight", (f"transformer.layers.{{i}}.{theirs}.weight",))
            for ours, theirs in (
                ("query_key_value", "attention.wqkv"),
                ("gather", "attention.wo"),
                ("open", "feed_forward.w1"),
                ("widen", "feed_forward.w3"),
                ("narrow", "feed_forward.w2"),
            )
        ),
        *affine("carry", "skip_linear"),
        *affine("descend", "conv1"),
        *affine("bypass", "res_projection"),
        Entry(
            "mix.weight",
            ("final_layer.linear.weight_g", "final_layer.linear.weight_v"),
            folded,
        ),
        Entry("mix.bias", ("final_layer.linear.bias",)),
        Entry("leave.weight", ("conv2.weight",), _pointwise),
        Entry("leave.bias", ("conv2.bias",)),
    ),
    unused=(
        r"x_embedder\..+",
        r"cond_embedder\..+",
        r"content_mask_embedder\..+",
    ),
)


def flow_table(sizes: FlowSizes) -> Table:
    """Return the table of `Flow`, of `cfm` in s2mel.pth: there, all blocks own a join."""
    idle = "|".join(str(i) for i in range(sizes.depth) if i not in joining(sizes.depth))
    joins = Table((), (rf"transformer\.layers\.({idle})\.skip_in_linear\..+",))
    dit = _DIT_TABLE + joins + WAVENET_TABLE.under("wavenet.", "wavenet.")
    return CLOCK_TABLE.under("clock.", "estimator.") + dit.under("dit.", "estimator.")
