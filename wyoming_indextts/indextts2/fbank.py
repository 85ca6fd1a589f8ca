"""Log-mel filter-bank energies as Kaldi makes them, in the two variants of the enrolment nets.

    wave          (B, N)            16 kHz, in [-1, 1]
    speaker       (B, F, 80)        for CAMPPlus: the mean over time taken away
    semantic      (B, ceil(F/2), 160) for w2v-bert: each bin normalised, frames stacked in pairs
    mask          (B, ceil(F/2))    False where a pair's second frame is missing

F = 1 + (N - 400) // 160. A frame loses its mean, is pre-emphasised, windowed and transformed.

Source: Povey et al. 2011 (Kaldi, feature-fbank); Barrault et al. 2023 (SeamlessM4T) for the pairs.
"""

import math
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

RATE: Final = 16_000
"""Hz."""

FRAME: Final = 400
"""Samples in a frame: 25 ms."""

HOP: Final = 160
"""Samples from frame to frame: 10 ms."""

FFT: Final = 512
"""Points of the transform: the next power of two."""

BINS: Final = 80
"""Mel filters."""

LOWEST, HIGHEST = 20.0, 8000.0
"""Hz: where the first filter begins and the last one ends."""

MEL_SCALE, MEL_BREAK = 1127.0, 700.0
"""mel = 1127 ln(1 + Hz / 700)."""

PRE_EMPHASIS: Final = 0.97

POVEY: Final = 0.85
"""The power of a Hann window that is Povey's window."""

FLOOR: Final = 1.1920929e-07
"""Least energy, float32's epsilon."""

FULL_SCALE: Final = 2.0**15
"""w2v-bert was trained on samples of 16 bits."""

LEAST_VARIANCE: Final = 1e-7
"""Added to each bin's variance."""

PADDING: Final = 1.0
"""In place of a missing second frame; the net never sees it."""


def speaker_fbank(wave: Tensor) -> Tensor:
    """Return CAMPPlus's features (B, F, 80) of a wave (B, N) of at least one frame."""
    energies = _log_mel(wave.float())
    return energies - energies.mean(1, keepdim=True)


def semantic_fbank(wave: Tensor) -> tuple[Tensor, Tensor]:
    """Return w2v-bert's features (B, ceil(F/2), 160) and mask of a wave of at least two frames."""
    energies = _log_mel(wave.double() * FULL_SCALE)
    variance, mean = torch.var_mean(energies, 1, keepdim=True)
    normal = ((energies - mean) / (variance + LEAST_VARIANCE).sqrt()).float()
    batch, frames, _ = normal.shape
    padded = functional.pad(normal, (0, 0, 0, frames % 2), value=PADDING)
    mask = torch.arange(1, padded.shape[1], 2, device=wave.device) < frames
    return padded.reshape(batch, -1, 2 * BINS), mask.expand(batch, -1)


def _log_mel(wave: Tensor) -> Tensor:
    """Return (B, F, 80) in the wave's own precision: each net's features keep theirs."""
    frames = wave.unfold(-1, FRAME, HOP)
    frames = frames - frames.mean(-1, keepdim=True)
    before = torch.cat([frames[..., :1], frames[..., :-1]], -1)
    window = torch.hann_window(FRAME, periodic=False, dtype=wave.dtype, device=wave.device)
    windowed = (frames - PRE_EMPHASIS * before) * window.pow(POVEY)
    power = torch.fft.rfft(windowed, FFT).abs().square()
    energies: Tensor = power @ _filters(wave.dtype).to(wave.device)
    return energies.clamp_min(FLOOR).log()


def _filters(dtype: torch.dtype) -> Tensor:
    """Return the filters (FFT / 2 + 1, 80): triangles over the mel scale, not over Hz."""
    lowest, highest = _mel(LOWEST), _mel(HIGHEST)
    edges = lowest + torch.arange(BINS + 2, dtype=dtype) * ((highest - lowest) / (BINS + 1))
    hertz = torch.arange(FFT // 2 + 1, dtype=dtype) * (RATE / FFT)
    mels = MEL_SCALE * (1 + hertz / MEL_BREAK)[:, None].log()
    left, middle, right = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (mels - left) / (middle - left), (right - mels) / (right - middle)
    return torch.minimum(rising, falling).clamp_min(0.0)


def _mel(hertz: float) -> float:
    return MEL_SCALE * math.log(1 + hertz / MEL_BREAK)
