"""Two engines as one: the lead speaks, and its stand-in wherever the lead cannot.

    voice            while the lead is ready    otherwise
    the lead's       lead                       stand-in
    the stand-in's   stand-in                   stand-in

Who speaks is decided for each sentence when it begins. A lead that is lost before a sentence
sounds hands it over; one that is lost in the middle fails it, for nobody could go on from there.
The lead is loaded when somebody wants it and it may be.
"""

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from wyoming_indextts.errors import BusyError, EngineFailedError, ModelLoadingError, SpeechError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.engine import EngineRunner, Job
from wyoming_indextts.speech.vitals import Vitals, vitals_of

log = logging.getLogger(__name__)

CANNOT_NOW: Final = (EngineFailedError, ModelLoadingError, BusyError)
"""What a lead fails with that does not speak of the sentence: another may speak it."""


def _loading() -> SpeechError:
    return ModelLoadingError("the model is being loaded; try again in a moment")


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Runs jobs on one of two runners, which are entered and left by whoever made them.

    `is_led` tells the lead's voices from the stand-in's own, which can speak for all. Without
    `fallback` it does not: while the lead loads, its voices are refused. With `patient` they wait
    for it. `may_load` says whether there is anything to load, `refusal` gives what they are refused
    with. Both speak at one rate.
    """

    lead: EngineRunner
    stand_in: EngineRunner
    is_led: Callable[[str], bool]
    fallback: bool = True
    patient: bool = False
    may_load: Callable[[], bool] = lambda: True
    refusal: Callable[[], SpeechError] = _loading

    @property
    def ready(self) -> bool:
        """Whether somebody can speak without being loaded first."""
        return self.lead.ready or self.stand_in.ready

    @property
    def busy(self) -> int:
        """How many jobs the two work for."""
        return self.lead.busy + self.stand_in.busy

    def vitals(self) -> Sequence[Vitals]:
        """Return how both are."""
        return [*vitals_of(self.lead), *vitals_of(self.stand_in)]

    def wake(self) -> None:
        """Have both loaded, if they are not."""
        self._wake_lead()
        self.stand_in.wake()

    async def loaded(self, voice: str | None = None) -> float:
        """Wait until a voice, or any, can be spoken; return the factor of who would speak it.

        A voice that `run` refuses now is not waited for.

        Raises:
            SpeechError: nobody can be loaded, and why.
        """
        wanted = voice is None or self.is_led(voice)
        if wanted and (self.lead.ready or await self._waited()):
            return await self.lead.loaded(voice)
        if voice is not None and wanted and not self.fallback:
            self._wake_lead()
            return 0.0
        self.wake()
        return await self.stand_in.loaded(voice)

    async def run(self, job: Job) -> AsyncGenerator[Pcm, None]:
        """Yield the job's sound as it is made; closing the generator cancels the job.

        Raises:
            ModelLoadingError, or what `refusal` gives: the lead loads, and nobody may speak for it.
            SpeechError: the job failed.
        """
        runs = self._led if self.is_led(job.style.voice) else self.stand_in.run
        async with aclosing(runs(job)) as sound:
            async for pcm in sound:
                yield pcm

    def _wake_lead(self) -> None:
        if self.may_load():
            self.lead.wake()

    async def _waited(self) -> bool:
        """Return whether the lead is ready after waiting for it, if that is to be done."""
        if not self.patient or not self.may_load():
            return False
        try:
            await self.lead.loaded()
        except SpeechError as error:
            log.warning("the embedded voice speaks: %s", error)
        return self.lead.ready

    async def _led(self, job: Job) -> AsyncGenerator[Pcm, None]:
        """Yield the sound of a job by the lead or, if it cannot, by the stand-in."""
        sounded = False
        if self.lead.ready or await self._waited():
            try:
                async with aclosing(self.lead.run(job)) as sound:
                    async for pcm in sound:
                        sounded = True
                        yield pcm
            except CANNOT_NOW as error:
                if sounded or not self.fallback:
                    raise
                log.warning("the embedded voice goes on: %s", error)
            else:
                return
        self._wake_lead()
        if not self.fallback:
            raise self.refusal()
        async with aclosing(self.stand_in.run(job)) as sound:
            async for pcm in sound:
                yield pcm
