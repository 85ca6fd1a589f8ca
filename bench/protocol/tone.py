"""An engine that costs nothing: what is measured around it is everything but the engine."""

import logging
import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from wyoming_indextts.kokoro.options import RATE
from wyoming_indextts.speech.audio import Pcm, pcm
from wyoming_indextts.speech.engine import Audio, Finished, Job, Produced

log = logging.getLogger(__name__)

FACTORY: Final = "bench.protocol.tone:load"
"""The engine's name for a process of its own."""

CHARACTER: Final = 0.06
"""Seconds that a character sounds; about what people need."""

RUN: Final = 0.4
"""Seconds of sound a step makes: IndexTTS2's first chunk."""

CANCELLED: Final = "cancelled at"
"""What the log says in front of the time (time.monotonic) at which a job under way was dropped."""


@dataclass(frozen=True, slots=True)
class ToneOptions:
    """How the engine behaves; `pace` is the seconds of waiting in a step."""

    pace: float = 0.0
    rate: int = RATE


class ToneEngine:
    """Speaks runs of one tone, the earliest deadline first."""

    def __init__(self, options: ToneOptions) -> None:
        self._pace = options.pace
        self.rate = options.rate
        self._jobs: dict[int, Job] = {}
        self._left: dict[int, int] = {}
        self._dropped: dict[int, threading.Event] = {}
        self._tone = tone(options.rate)

    @property
    def real_time_factor(self) -> float:
        """Seconds of waiting per second of sound."""
        return self._pace / RUN

    def begin(self, job: Job) -> None:
        """Accept a job."""
        self._jobs[job.id] = job
        self._left[job.id] = runs("".join(phrase.text for phrase in job.phrases))
        self._dropped[job.id] = threading.Event()

    def cancel(self, job_id: int) -> None:
        """Drop a job; a step that waits for it ends at once."""
        dropped = self._dropped.get(job_id)
        if dropped is not None and not dropped.is_set():
            dropped.set()
            log.info("%s %.6f", CANCELLED, time.monotonic())

    def step(self) -> Sequence[Produced]:
        """Speak a run of the most urgent job."""
        for job_id in [job_id for job_id, dropped in self._dropped.items() if dropped.is_set()]:
            self._forget(job_id)
        if not self._jobs:
            return ()
        job = min(self._jobs.values(), key=lambda job: job.deadline)
        if self._pace and self._dropped[job.id].wait(self._pace):
            return ()
        self._left[job.id] -= 1
        if self._left[job.id] > 0:
            return (Audio(job.id, self._tone),)
        self._forget(job.id)
        return (Audio(job.id, self._tone), Finished(job.id))

    def close(self) -> None:
        """Forget every job."""
        for job_id in tuple(self._jobs):
            self._forget(job_id)

    def _forget(self, job_id: int) -> None:
        del self._jobs[job_id], self._left[job_id], self._dropped[job_id]


def tone(rate: int = RATE) -> Pcm:
    """Return a run: a quarter of full scale of 440 Hz."""
    seconds = np.arange(round(RUN * rate), dtype=np.float32) / rate
    return pcm((0.25 * np.sin(2 * np.pi * 440 * seconds)).astype(np.float32), rate)


def runs(text: str) -> int:
    """Return how many runs a text sounds for, at least one."""
    return max(1, math.ceil(CHARACTER * len(text) / RUN))


def load(options: ToneOptions) -> ToneEngine:
    """Return an engine."""
    return ToneEngine(options)
