"""Log-mel spectrogram of a voice's clip, as the flow and the vocoder know it.

    wave    (B, N)           22,050 Hz, in [-1, 1]
    frames  (B, F, 1024)     F = N // 256; the ends are mirrored, so that frame 0 begins at -384
    mel     (B, 80, F)       natural log

Source: Kong et al. 2020 (HiFi-GAN); the mel scale and the filters' height are Slaney's (1998).
"""

import math
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from wyoming_indextts.indextts2.options import RATE as RATE  # noqa: PLC0414 - the mel's too

FRAME: Final = 1024
"""Samples in a frame, and points of its transform."""

HOP: Final = 256
"""Samples from frame to frame."""

BINS: Final = 80
"""Mel filters, from 0 Hz to half the rate."""

LEAST_POWER: Final = 1e-9
"""Added to each squared magnitude."""

FLOOR: Final = 1e-5
"""Least energy of a filter."""

LINEAR_STEP: Final = 200 / 3
"""Hz for each mel below the break."""

BREAK: Final = 1000.0
"""Hz at which Slaney's scale turns logarithmic, at 15 mel."""

LOG_STEP: Final = math.log(6.4) / 27
"""Growth of ln Hz for each mel above the break."""


def log_mel(wave: Tensor) -> Tensor:
    """Return the log-mel spectrogram (B, 80, N // 256) of a wave (B, N) of at least 385 samples.

    Reckoned in float64, whatever the wave's type: the floors are near float32's rounding.
    """
    edge = (FRAME - HOP) // 2
    samples = functional.pad(wave.double()[:, None], (edge, edge), mode="reflect")[:, 0]
    window = torch.hann_window(FRAME, dtype=samples.dtype, device=samples.device)
    spectrum = torch.fft.rfft(samples.unfold(-1, FRAME, HOP) * window)
    magnitude = (spectrum.abs().square() + LEAST_POWER).sqrt()
    energies: Tensor = magnitude @ _filters().to(samples)
    return energies.clamp_min(FLOOR).log().float().transpose(1, 2)


def _filters() -> Tensor:
    """Return triangles over Hz (FRAME / 2 + 1, 80), each of the same area."""
    mels = torch.linspace(0.0, _mel(RATE / 2), BINS + 2, dtype=torch.float64)
    edges = torch.where(
        mels * LINEAR_STEP < BREAK,
        mels * LINEAR_STEP,
        BREAK * torch.exp((mels - BREAK / LINEAR_STEP) * LOG_STEP),
    )
    hertz = torch.arange(FRAME // 2 + 1, dtype=torch.float64)[:, None] * (RATE / FRAME)
    rising = (hertz - edges[:-2]) / edges.diff()[:-1]
    falling = (edges[2:] - hertz) / edges.diff()[1:]
    return torch.minimum(rising, falling).clamp_min(0.0) * 2 / (edges[2:] - edges[:-2])


def _mel(hertz: float) -> float:
    """Return Slaney's mel of a frequency above the break."""
    return BREAK / LINEAR_STEP + math.log(hertz / BREAK) / LOG_STEP
