"""Who speaks for an enrolled voice while its own model cannot: an embedded voice.

Only the voice is another one; text, emotion and pace are those of the job.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.engine import EngineRunner, Job
from wyoming_indextts.speech.vitals import Vitals, vitals_of
from wyoming_indextts.speech.voices import Sex, Voice


def stand_in(wanted: str | None, sex: Sex, embedded: Sequence[Voice]) -> str:
    """Return the name of the embedded voice that is wanted, or of the first one of that sex.

    One that is not there any more is not wanted; a sex that nobody has is anybody's.
    """
    if any(voice.name == wanted for voice in embedded):
        return str(wanted)
    alike = (voice for voice in embedded if voice.sex == sex)
    return next(alike, embedded[0]).name


@dataclass(frozen=True, slots=True)
class StandIns:
    """Runs every job in an embedded voice, on a runner that knows no others.

    `stand_in_for` gives the one that speaks for an enrolled voice, and None for all others.
    """

    runner: EngineRunner
    stand_in_for: Callable[[str], str | None]

    @property
    def ready(self) -> bool:
        """Whether the engine is loaded."""
        return self.runner.ready

    @property
    def busy(self) -> int:
        """How many jobs the runner's engine works for."""
        return self.runner.busy

    def vitals(self) -> Sequence[Vitals]:
        """Return how the runner's engine is."""
        return vitals_of(self.runner)

    def wake(self) -> None:
        """Have the engine loaded, if it is not."""
        self.runner.wake()

    async def loaded(self, voice: str | None = None) -> float:
        """Wait until the engine can speak; return its real-time factor as it is now.

        Raises:
            SpeechError: it cannot be loaded, and why.
        """
        return await self.runner.loaded(voice)

    async def run(self, job: Job) -> AsyncGenerator[Pcm, None]:
        """Yield the job's sound as it is made; closing the generator cancels the job.

        Raises:
            SpeechError: the job failed.
        """
        voice = self.stand_in_for(job.style.voice) or job.style.voice
        spoken = replace(job, style=replace(job.style, voice=voice))
        async with aclosing(self.runner.run(spoken)) as sound:
            async for pcm in sound:
                yield pcm
