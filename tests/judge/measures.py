"""What can be measured on a sound without knowing what it says."""

from typing import Final

import numpy as np
import parselmouth
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from wyoming_indextts.speech.audio import FULL_SCALE, Pcm

Curve = NDArray[np.float64]

FRAME: Final = 0.01
"""Seconds between two values of a curve."""

GATE: Final = 20.0
"""dB below the loud frames' level (their 95th percentile) down to which a frame is speech."""

QUIET: Final = 40.0
"""dB below that level under which a frame is a gap."""

PITCHES: Final = (50.0, 600.0)
"""Hz between which F0 is looked for; men go down to 60, a child-like voice speaks at 330."""

NEIGHBOURS: Final = 0.01
"""Seconds before and after a sample that it is compared with."""

FAINT: Final = 0.08
"""Part of the speech's RMS that an edge's size has to pass to be heard beside it."""


def samples(pcm: Pcm) -> Curve:
    """Return the sound with full scale 1."""
    return np.frombuffer(pcm.data, "<i2") / FULL_SCALE


def clipped(pcm: Pcm) -> int:
    """Return how many samples are at full scale."""
    return int(np.count_nonzero(np.abs(samples(pcm)) >= 1.0))


def levels(pcm: Pcm) -> Curve:
    """Return the RMS of each frame, in dB of full scale, never below -120."""
    size = round(pcm.rate * FRAME)
    sound = samples(pcm)
    frames = sound[: len(sound) // size * size].reshape(-1, size)
    return np.asarray(10 * np.log10(np.maximum((frames**2).mean(axis=1), 1e-12)))


def active_level(pcm: Pcm) -> float:
    """Return the RMS of the frames that are speech, in dB of full scale."""
    curve = levels(pcm)
    if not len(curve):
        return -120.0
    active = curve[curve >= np.percentile(curve, 95) - GATE]
    return float(10 * np.log10((10 ** (active / 10)).mean()))


def longest_gap(pcm: Pcm) -> float:
    """Return the seconds of the longest silence between two sounds; ends do not count."""
    curve = levels(pcm)
    if not len(curve):
        return 0.0
    sounding = np.flatnonzero(curve >= np.percentile(curve, 95) - QUIET)
    return float((np.diff(sounding).max(initial=1) - 1) * FRAME)


def click(pcm: Pcm) -> float:
    """Return how much the sharpest edge stands out from the sound right around it, as a factor.

    An edge is a sample's third difference; speech, its glottal pulses too, keeps below 10,
    while a join of two waves that do not meet is above 20.
    """
    edges = np.abs(np.diff(samples(pcm), 3))
    around = round(pcm.rate * NEIGHBOURS)
    windows = sliding_window_view(np.pad(edges, around, mode="edge"), 2 * around + 1)[:, ::3]
    usual = np.quantile(windows, 0.9, axis=1)
    faint = FAINT * 10 ** (active_level(pcm) / 20)
    return float((edges / np.maximum(usual, faint)).max())


def pitch(pcm: Pcm) -> float:
    """Return the median F0 in Hz of what is both voiced and speech, by Praat; 0 without any.

    Without the gate of loudness, noise between words is taken for a high voice.
    """
    sound = parselmouth.Sound(samples(pcm), pcm.rate)
    floor, ceiling = PITCHES
    track = sound.to_pitch(time_step=FRAME, pitch_floor=floor, pitch_ceiling=ceiling)
    curve = levels(pcm)
    at = np.clip((track.xs() / FRAME).astype(int), 0, len(curve) - 1)
    hertz = track.selected_array["frequency"]
    voiced = hertz[(hertz > 0) & (curve[at] >= np.percentile(curve, 95) - GATE)]
    return float(np.median(voiced)) if len(voiced) else 0.0
