"""BigVGAN in chunks: each run hears some frames on both sides of those whose sound it gives.

Context is run again instead of state being carried: the activations pad each chunk at both rates,
so state would be some two hundred tails of a net that looks ahead as well; a join costs two
contexts. `reach` is the context with which nothing changes; far less is within `measured_context`'s
tolerance, and what a join costs is then small.
"""

import torch
from torch import Tensor

from wyoming_indextts.indextts2.bigvgan import EDGE_KERNEL, BigVGAN, BigVGANSizes
from wyoming_indextts.indextts2.snake import TAPS


class VocoderStream:
    """The wave of one mel that grows; `ran` and `given` count frames."""

    def __init__(self, vocoder: BigVGAN, context: int) -> None:
        """Give `context` frames on both sides, where there are so many."""
        self._vocoder = vocoder
        self._context = context
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
        wave: Tensor = self._vocoder(heard)
        hop = wave.shape[-1] // heard.shape[-1]
        self.ran += heard.shape[-1]
        self.given += fresh
        end = left + fresh
        self._before = heard[..., max(0, end - self._context) :]
        return wave[:, left * hop : end * hop]


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
