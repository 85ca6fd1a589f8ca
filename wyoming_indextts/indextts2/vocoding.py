"""BigVGAN in chunks: each run hears some frames on both sides of those whose sound it gives.

Context is run again instead of state being carried: the activations pad each chunk at both rates,
so state would be some two hundred tails of a net that looks ahead as well; a join costs two
contexts. `reach` is the context with which nothing changes; far less is within `measured_context`'s
tolerance, and what a join costs is then small.

On a card a run is a thousand small kernels, whose calls take longer than they do. So a run of up to
`FRAMES[-1]` frames is filled up to one of a few lengths, recorded and replayed; of longer ones the
kernels take the time. What is filled up is heard by nobody: see `bigvgan`.
"""

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from wyoming_indextts.indextts2.bigvgan import EDGE_KERNEL, BigVGAN, BigVGANSizes
from wyoming_indextts.indextts2.graphs import Graphs, fitting
from wyoming_indextts.indextts2.snake import TAPS

FRAMES: Final = (40, 64, 96, 128, 192, 256, 384, 512, 768)
"""Frames of a recorded run. A first chunk is 33; 768 take an H200 some 5 ms by its operations
(reckoned), about as long as a thousand calls."""


class VocoderStream:
    """The wave of one mel that grows; `ran` and `given` count frames, none that are filled up."""

    def __init__(self, vocoder: BigVGAN, context: int, graphs: Graphs | None = None) -> None:
        """Give `context` frames on both sides, where there are so many.

        `graphs` is where runs are recorded, if they are.
        """
        self._vocoder = vocoder
        self._context = context
        self._graphs = graphs or Graphs()
        self._before: Tensor | None = None
        self.ran = 0
        self.given = 0

    def push(self, mel: Tensor, *, last: bool) -> Tensor:
        """Return the wave (1, N) that has become certain, maybe none.

        Args:
            mel: (1, 80, T), the frames that follow those of the last call.
            last: No more will follow.
        """
        heard = mel if self._before is None else torch.cat((self._before, mel), dim=-1)
        left = min(self.given, self._context)
        fresh = heard.shape[-1] - left - (0 if last else self._context)
        if fresh <= 0:
            self._before = heard
            return mel.new_zeros(1, 0, dtype=torch.float32)
        wave = self._run(heard)
        hop = wave.shape[-1] // heard.shape[-1]
        self.ran += heard.shape[-1]
        self.given += fresh
        end = left + fresh
        self._before = heard[..., max(0, end - self._context) :]
        return wave[:, left * hop : end * hop]

    def _run(self, mel: Tensor) -> Tensor:
        """Return the wave (1, N) of a mel by itself."""
        frames = mel.shape[-1]
        if not self._graphs.recording or frames > FRAMES[-1]:
            whole: Tensor = self._vocoder(mel)
            return whole
        filled = functional.pad(mel, (0, fitting(frames, FRAMES) - frames))
        there = torch.full((1,), frames, device=mel.device)
        (wave,) = self._graphs.run(
            "vocoder", lambda *ready: (self._vocoder(*ready),), (filled, there)
        )
        return wave[:, : wave.shape[-1] // filled.shape[-1] * frames]


def reach(sizes: BigVGANSizes) -> int:
    """Return how many frames to either side a frame's sound can depend on."""
    bend = TAPS // 2
    blocks = max(
        sum(2 * bend + (far + 1) * (kernel // 2) for far in dilations)
        for kernel, dilations in zip(sizes.kernels, sizes.dilations, strict=True)
    )
    samples = EDGE_KERNEL // 2 + bend
    for rate, kernel in zip(sizes.rates[::-1], sizes.rate_kernels[::-1], strict=True):
        samples += blocks + kernel - 1 - (kernel - rate) // 2
        samples = -(-samples // rate)
    return samples + EDGE_KERNEL // 2


def measured_context(vocoder: BigVGAN, mel: Tensor, *, tolerance: float) -> int:
    """Return the least context with which the middle of a mel's wave is as in one shot.

    Args:
        vocoder: What is measured; its weights decide.
        mel: (1, 80, T), typical, and longer than twice the reach.
        tolerance: Of a sample, full scale being 1.
    """
    whole, join = vocoder(mel), mel.shape[-1] // 2
    for context in range(join):
        stream = VocoderStream(vocoder, context)
        first = stream.push(mel[..., : join + context], last=False)
        second = stream.push(mel[..., join + context :], last=True)
        if (torch.cat((first, second), dim=-1) - whole).abs().max() <= tolerance:
            return context
    return join
