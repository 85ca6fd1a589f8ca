"""A stand-in at the engine's port whose sound tells exactly what it was asked: noise, seeded by it.

Two sounds are the same samples only if text, reading and every number of the style were the same.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from tests.tone import ToneEngine, text_of
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.engine import Audio, Job, Produced

RATE: Final = 22_050
"""IndexTTS2's rate, and a gateway's."""

RUN: Final = 1_500
"""Samples that each character sounds."""


class Fingerprint(ToneEngine):
    """Says each character as `RUN` samples of noise that text and style have decided."""

    def __init__(self, *, rate: int = RATE, pace: float = 0.0, fails_on: str = "") -> None:
        super().__init__(rate=rate, pace=pace, fails_on=fails_on)
        self.cancelled: list[int] = []
        """Every job that was dropped before its end."""

    def cancel(self, job_id: int) -> None:
        """Drop a job, and take note of it if it is under way."""
        if job_id in self._left and job_id not in self.cancelled:
            self.cancelled.append(job_id)
        super().cancel(job_id)

    def step(self) -> Sequence[Produced]:
        """Say one character of the most urgent job."""
        produced = super().step()
        return [self._coloured(item) for item in produced]

    def _coloured(self, item: Produced) -> Produced:
        if not isinstance(item, Audio):
            return item
        job = next(job for job in self.jobs if job.id == item.job_id)
        number = len(text_of(job)) - self._left.get(job.id, 0)
        return Audio(job.id, Pcm(sound(job, number), self.rate))


def sound(job: Job, number: int) -> bytes:
    """Return the samples of a job's character, the first of which is number 1."""
    asked = repr((job.phrases, job.style, number)).encode()
    seed = int.from_bytes(hashlib.sha256(asked).digest()[:8], "little")
    noise = np.random.default_rng(seed).integers(-8_000, 8_000, RUN, np.int16)
    return noise.astype("<i2").tobytes()


def whole(job: Job) -> bytes:
    """Return all samples of a job."""
    return b"".join(sound(job, number) for number in range(1, len(text_of(job)) + 1))
