"""A clip of somebody's voice, and whether it is fit to be spoken after.

A refusal is a sentence for the person who sent the clip: what is wrong with it and what would do.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from wyoming_indextts.errors import BadRequestError
from wyoming_indextts.speech.audio import Samples

SHORTEST: Final = 3.0
"""Seconds; less of a voice is not enough to know it by."""

LONGEST: Final = 30.0
"""Seconds; of these the model hears the first 15."""

ADDED: Final = 0.25
"""Seconds that packing a clip may add at its ends, as mp3 does."""

LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000
"""Hz."""

GATE: Final = 30.0
"""dB below the loud frames at which a pause begins."""

FRAME: Final = 0.02
"""Seconds over which loudness is taken."""

QUIETEST: Final = 1e-3
"""Loudness (root mean square) of the loudest frame, -60 dB; below it there is only silence."""

CEILING: Final = 0.999
"""Where a sample is taken to have hit the top of its range."""

CLIPPED: Final = 1e-3
"""Part of the samples at the ceiling from which on a clip is distorted; loud music has less."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A mono recording; full scale is 1, `rate` in Hz."""

    wave: Samples
    rate: int

    @property
    def seconds(self) -> float:
        """Duration."""
        return len(self.wave) / self.rate


def check_sound(clip: Clip) -> None:
    """Make sure that there is a sound at all.

    Raises:
        BadRequestError: The rate is impossible, there are no samples, some are no numbers, or
            they are silent.
    """
    if not LOWEST_RATE <= clip.rate <= HIGHEST_RATE:
        raise BadRequestError(
            f"the clip has {clip.rate} samples a second; send one that has between "
            f"{LOWEST_RATE} and {HIGHEST_RATE}"
        )
    if clip.wave.ndim != 1 or not len(clip.wave):
        raise BadRequestError("the clip is empty; send a recording of a voice")
    if not np.isfinite(clip.wave).all():
        raise BadRequestError("the clip holds samples that are not numbers; save it anew")
    if loudness(clip).max() < QUIETEST:
        raise BadRequestError("the clip is silent; check the microphone and record it again")


def check_clip(clip: Clip) -> None:
    """Make sure that a voice can be enrolled from the clip.

    Raises:
        BadRequestError: As `check_sound`; or it is too short, too long or clipped.
    """
    check_sound(clip)
    if clip.seconds < SHORTEST:
        raise BadRequestError(
            f"the clip lasts {clip.seconds:.2f} seconds; send at least {SHORTEST:.0f}"
        )
    if clip.seconds > LONGEST + ADDED:
        raise BadRequestError(
            f"the clip lasts {clip.seconds:.1f} seconds; send at most {LONGEST:.0f}"
        )
    if np.mean(np.abs(clip.wave) >= CEILING) > CLIPPED:
        raise BadRequestError("the clip is distorted; record it again, less loud")


def hash_of_clip(clip: Clip) -> str:
    """Return the SHA-256 of a clip's samples and rate; how its file was packed is no matter."""
    samples = np.ascontiguousarray(clip.wave, "<f4").tobytes()
    return hashlib.sha256(f"{clip.rate} Hz\n".encode() + samples).hexdigest()


def loudness(clip: Clip) -> Samples:
    """Return the root mean square of each frame of 20 ms; an incomplete last one counts too."""
    size = round(FRAME * clip.rate)
    padded = np.pad(clip.wave, (0, -len(clip.wave) % size)).reshape(-1, size)
    return np.asarray(np.sqrt(np.square(padded, dtype=np.float64).mean(1)), np.float32)


def speech_level(clip: Clip) -> float:
    """Return how loud the speech in a clip is, in dB of full scale, without its pauses.

    Frames more than `GATE` below the loud ones are pauses.
    """
    power = np.square(loudness(clip), dtype=np.float64)
    loud = np.percentile(power, 95)
    heard = power[power >= loud * 10 ** (-GATE / 10)]
    return float(10 * np.log10(max(heard.mean(), np.finfo(np.float32).tiny)))
