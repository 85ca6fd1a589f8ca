"""Noise that the flow starts from: the same for a frame of an utterance whenever it is asked for.

    noise    (1, 80, T)    standard normal, float32, of the frames from `first` on

Each block of frames has a counter-based generator of its own, so that a frame's noise depends on
nothing but the seed and the frame's number: a stream cut anywhere starts from what the whole does.
Source: Salmon et al. 2011 (Philox), by numpy.
"""

from typing import Final

import numpy as np
import torch
from torch import Tensor

from wyoming_indextts.indextts2.mel import BINS

BLOCK: Final = 64
"""Frames that share a generator."""


def noise(seed: int, first: int, frames: int) -> Tensor:
    """Return the noise of so many frames; `seed` and `first` are at least 0."""
    blocks = range(first // BLOCK, -(-(first + frames) // BLOCK))
    whole = [_block(seed, block) for block in blocks] or [np.zeros((BINS, 0), np.float32)]
    start = first % BLOCK
    wanted = np.concatenate(whole, axis=1)[:, start : start + frames]
    return torch.from_numpy(np.ascontiguousarray(wanted))[None]


def _block(seed: int, block: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    generator = np.random.Generator(np.random.Philox(key=seed, counter=block << 64))
    return generator.standard_normal((BINS, BLOCK), np.float32)
