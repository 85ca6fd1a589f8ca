"""A stand-in at the engine's port that speaks in tones: quick, exact, and easy to count."""

import threading
from collections.abc import Sequence
from typing import Final

import numpy as np

from wyoming_indextts.errors import SynthesisFailedError
from wyoming_indextts.speech.audio import Pcm, pcm
from wyoming_indextts.speech.engine import Audio, Failed, Finished, Job, Produced

CHARACTER: Final = 0.05
"""Seconds that each character sounds."""

RATE: Final = 24_000
"""The embedded voice's rate."""


MUCH: Final = 20 * RATE
"""A rate at which a sentence fills every buffer between here and a client that does not read."""


class ToneEngine:
    """Says each character of a job as 0.05 s of 440 Hz, one character a step.

    `pace` is the seconds of work in a step. A job whose text holds `fails_on` fails in its
    first step; one whose text holds `breaks_on` makes that step raise, as a bug would. The
    earliest deadline is served first.
    """

    def __init__(
        self, *, pace: float = 0.0, rate: int = RATE, fails_on: str = "", breaks_on: str = ""
    ) -> None:
        self.pace = pace
        self.rate = rate
        self.fails_on = fails_on
        self.breaks_on = breaks_on
        self.steps = 0
        """Characters spoken so far."""
        self.jobs: list[Job] = []
        """Every job ever begun."""
        self.closed = False
        self._left: dict[int, int] = {}
        self._cancelled: dict[int, threading.Event] = {}
        self._tone = tone(CHARACTER, rate)

    @property
    def real_time_factor(self) -> float:
        """Seconds of work per second of sound."""
        return self.pace / CHARACTER

    @property
    def said(self) -> str:
        """The text of every job ever begun, sentence after sentence."""
        return "|".join(text_of(job) for job in self.jobs)

    def begin(self, job: Job) -> None:
        """Accept a job."""
        self.jobs.append(job)
        self._left[job.id] = len(text_of(job))
        self._cancelled[job.id] = threading.Event()

    def cancel(self, job_id: int) -> None:
        """Drop a job; a step that works for it ends at once."""
        if cancelled := self._cancelled.get(job_id):
            cancelled.set()

    def step(self) -> Sequence[Produced]:
        """Say one character of the most urgent job."""
        for job_id in [key for key, cancelled in self._cancelled.items() if cancelled.is_set()]:
            self._drop(job_id)
        under_way = [job for job in self.jobs if job.id in self._left]
        if not under_way:
            return ()
        job = min(under_way, key=lambda job: job.deadline)
        if self.breaks_on and self.breaks_on in text_of(job):
            raise RuntimeError("the engine broke")
        if self.fails_on and self.fails_on in text_of(job):
            self._drop(job.id)
            return (Failed(job.id, SynthesisFailedError("this sentence cannot be spoken")),)
        return self._say_character(job)

    def sound_of(self, _: Job, __: int) -> Pcm:
        """Return the sound of the character of a job that has so many after it."""
        return self._tone

    def close(self) -> None:
        """Forget every job."""
        self._left.clear()
        self._cancelled.clear()
        self.closed = True

    def _say_character(self, job: Job) -> Sequence[Produced]:
        if not self._left[job.id]:
            self._drop(job.id)
            return (Finished(job.id),)
        if self._cancelled[job.id].wait(self.pace):
            self._drop(job.id)
            return ()
        self.steps += 1
        self._left[job.id] -= 1
        sound = Audio(job.id, self.sound_of(job, self._left[job.id]))
        if self._left[job.id]:
            return (sound,)
        self._drop(job.id)
        return (sound, Finished(job.id))

    def _drop(self, job_id: int) -> None:
        del self._left[job_id], self._cancelled[job_id]


def tone(seconds: float, rate: int = RATE) -> Pcm:
    """Return a quarter of full scale of 440 Hz."""
    time = np.arange(round(seconds * rate), dtype=np.float32) / rate
    return pcm((0.25 * np.sin(2 * np.pi * 440 * time)).astype(np.float32), rate)


def text_of(job: Job) -> str:
    """Return all a job is to say."""
    return "".join(phrase.text for phrase in job.phrases)
