"""Changing the rate of a wave, by the two filters that the reference path goes through.

    wave    (..., N)              samples in [-1, 1]
    result  (..., ceil(N r' / r)) the same sound at rate r' instead of r

`soxr_hq` is the high-quality filter of the SoX resampler, whole files are read through it;
`windowed_sinc` is interpolation by band-limited sinc, evaluated at the phases that occur
(Smith, Digital Audio Resampling, 1984-2002), with the constants that are torchaudio's default.
"""

import math
from typing import Final

import numpy as np
import soxr
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

ZERO_CROSSINGS: Final = 6
"""Of the sinc on each side of its middle."""

ROLLOFF: Final = 0.99
"""The filter's cut-off as a part of the lower of the two Nyquist frequencies."""


def soxr_hq(wave: NDArray[np.float32], rate: int, wanted: int) -> NDArray[np.float32]:
    """Return `wave` (N) at the rate `wanted`, as long as its time is, rounded up."""
    if rate == wanted:
        return wave
    resampled = soxr.resample(wave, rate, wanted, quality="soxr_hq")
    length = math.ceil(len(wave) * (wanted / rate))
    padded = np.pad(resampled[:length], (0, max(0, length - len(resampled))))
    return np.asarray(padded, np.float32)


def windowed_sinc(wave: Tensor, rate: int, wanted: int) -> Tensor:
    """Return `wave` (..., N) at the rate `wanted`; the filter's window is a Hann."""
    if rate == wanted:
        return wave
    divisor = math.gcd(rate, wanted)
    step, phases = rate // divisor, wanted // divisor
    kernels, reach = _kernels(step, phases)
    rows = wave.reshape(-1, 1, wave.shape[-1])
    padded = functional.pad(rows, (reach, reach + step))
    found = functional.conv1d(padded, kernels.to(wave), stride=step).transpose(1, 2)
    length = math.ceil(wave.shape[-1] * phases / step)
    return found.reshape(*wave.shape[:-1], -1)[..., :length]


def _kernels(step: int, phases: int) -> tuple[Tensor, int]:
    """Return one kernel a phase, (phases, 1, 2 reach + step), and their reach in samples."""
    cutoff = min(step, phases) * ROLLOFF
    reach = math.ceil(ZERO_CROSSINGS * step / cutoff)
    samples = torch.arange(-reach, reach + step, dtype=torch.float64) / step
    # The phases are rounded to float32 in torchaudio; the kernels differ by 1e-5 otherwise.
    phase = (torch.arange(0, -phases, -1) / phases).double()
    crossings = (phase[:, None] + samples) * cutoff
    crossings = crossings.clamp(-ZERO_CROSSINGS, ZERO_CROSSINGS)
    window = torch.cos(crossings * (math.pi / ZERO_CROSSINGS / 2)).square()
    kernels = torch.sinc(crossings) * window * (cutoff / step)
    return kernels.float()[:, None], reach
