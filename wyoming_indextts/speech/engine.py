"""The port that every engine implements: jobs in, audio out, in bounded steps.

Steps are how inference servers work (schedule, run, post-process); batching, fair turns,
deadlines and interruption follow from them.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from wyoming_indextts.errors import SpeechError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.emotion import Emotion
from wyoming_indextts.speech.script import Phrase


@dataclass(frozen=True, slots=True)
class Style:
    """How a sentence is spoken: everything decided, nothing left to look up.

    `voice` is a voice's own name, without variant; `speed` and `pause` (the length of the
    silences) are factors; `gain` is in dB. The preset's speed, pause and loudness are in them.
    """

    voice: str
    emotion: Emotion = field(default_factory=Emotion)
    speed: float = 1.0
    pause: float = 1.0
    gain: float = 0.0


@dataclass(frozen=True, slots=True)
class Job:
    """One sentence to speak. `deadline` (time.monotonic) is when its sound begins to be late."""

    id: int
    phrases: tuple[Phrase, ...]
    style: Style
    deadline: float


@dataclass(frozen=True, slots=True)
class Audio:
    """The next sound of a job, of any length; all of a job has one rate."""

    job_id: int
    pcm: Pcm


@dataclass(frozen=True, slots=True)
class Finished:
    """The job has given all its sound."""

    job_id: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The job gives nothing more; other jobs are not affected."""

    job_id: int
    error: SpeechError


Produced = Audio | Finished | Failed


class Engine(Protocol):
    """A synthesizer that works in steps.

    `begin`, `step` and `close` belong to one thread; `cancel` may come from any.
    """

    @property
    def rate(self) -> int:
        """Samples per second of everything it speaks."""
        ...

    @property
    def real_time_factor(self) -> float:
        """Seconds of work per second of speech on this machine, by the last runs; see `tempo`."""
        ...

    def begin(self, job: Job) -> None:
        """Accept a job; cheap, the work happens in `step`."""
        ...

    def cancel(self, job_id: int) -> None:
        """Drop a job, known or not; within 50 ms it costs nothing more, inside a step too.

        A cancelled job yields nothing more, not even `Finished`.
        """
        ...

    def step(self) -> Sequence[Produced]:
        """Do a bounded piece of work for the jobs with the earliest deadlines.

        Tens of milliseconds on a GPU, one clause of the embedded voice. Empty when idle. A job
        without anything to say finishes without audio.
        """
        ...

    def close(self) -> None:
        """Give memory and threads back."""
        ...


class EngineRunner(Protocol):
    """Runs an engine beside the event loop, in a thread or a process; belongs to the loop's thread.

    Failures stay apart: a job that fails, or an engine that breaks, costs no other utterance.
    """

    @property
    def ready(self) -> bool:
        """Whether the engine is loaded."""
        ...

    @property
    def busy(self) -> int:
        """How many jobs the engine works for; a cancelled one counts until it is let go of."""
        ...

    def wake(self) -> None:
        """Have the engine loaded, if it is not; returns at once and never raises."""
        ...

    async def loaded(self, voice: str | None = None) -> float:
        """Wait until the engine can speak; return its real-time factor as it is now.

        `voice` is the one to be spoken in, where who speaks depends on it.

        Raises:
            SpeechError: it cannot be loaded, and why.
        """
        ...

    def run(self, job: Job) -> AsyncGenerator[Pcm, None]:
        """Yield the job's sound as it is made; closing the generator cancels the job.

        Raises:
            SpeechError: the job failed.
        """
        ...
