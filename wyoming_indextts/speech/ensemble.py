"""Two engines as one: the lead speaks, and its stand-in wherever the lead cannot.

    voice            while the lead is ready    otherwise
    enrolled         lead                       stand-in, in the voice that stands in for it
    the stand-in's   stand-in                   stand-in

Who speaks is decided for each sentence when it begins. A lead that is lost before a sentence
sounds hands it over; one that is lost in the middle fails it, for nobody could go on from there.
The lead is loaded as soon as it is there to be loaded, and again whenever somebody wants it.
"""

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

from wyoming_indextts.errors import EngineFailedError, ModelLoadingError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.engine import EngineRunner, Job

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Runs jobs on one of two runners, which are entered and left by whoever made them.

    `stand_in_for` gives the stand-in's voice that speaks for a voice of the lead's, and None for
    the stand-in's own voices. Without `fallback` the lead's voices wait for nobody: while it
    loads they are refused. Both runners speak at the same rate.
    """

    lead: EngineRunner
    stand_in: EngineRunner
    stand_in_for: Callable[[str], str | None]
    fallback: bool = True

    @property
    def ready(self) -> bool:
        """Whether somebody can speak without being loaded first."""
        return self.lead.ready or self.stand_in.ready

    def wake(self) -> None:
        """Have both loaded, if they are not."""
        self.lead.wake()
        self.stand_in.wake()

    async def loaded(self, voice: str | None = None) -> float:
        """Wait until a voice, or any, can be spoken; return the factor of who would speak it.

        Raises:
            SpeechError: nobody can be loaded, and why.
        """
        leads = voice is None or self.stand_in_for(voice) is not None
        if leads and self.lead.ready:
            return await self.lead.loaded(voice)
        self.lead.wake()
        return await self.stand_in.loaded(voice)

    async def run(self, job: Job) -> AsyncGenerator[Pcm, None]:
        """Yield the job's sound as it is made; closing the generator cancels the job.

        Raises:
            ModelLoadingError: the lead loads, and nobody may speak for it.
            SpeechError: the job failed.
        """
        voice = self.stand_in_for(job.style.voice)
        if voice is None:
            runs = self.stand_in.run(job)
        else:
            runs = self._led(job, replace(job, style=replace(job.style, voice=voice)))
        async with aclosing(runs) as sound:
            async for pcm in sound:
                yield pcm

    async def _led(self, job: Job, relieved: Job) -> AsyncGenerator[Pcm, None]:
        """Yield the sound of `job` by the lead or, if it cannot, of `relieved` by the stand-in."""
        sounded = False
        if self.lead.ready:
            try:
                async with aclosing(self.lead.run(job)) as sound:
                    async for pcm in sound:
                        sounded = True
                        yield pcm
            except EngineFailedError as error:
                if sounded or not self.fallback:
                    raise
                log.warning("the embedded voice goes on: %s", error)
            else:
                return
        self.lead.wake()
        if not self.fallback:
            raise ModelLoadingError("the model is being loaded; try again in a moment")
        async with aclosing(self.stand_in.run(relieved)) as sound:
            async for pcm in sound:
                yield pcm
