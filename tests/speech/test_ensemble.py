"""The ensemble: a lead in a real process of its own, and a stand-in wherever it cannot speak."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.process.engines import TONES, Tones
from tests.tone import ToneEngine
from wyoming_indextts.errors import (
    BusyError,
    EngineFailedError,
    ModelLoadingError,
    SpeechError,
    SynthesisFailedError,
)
from wyoming_indextts.process.options import ProcessOptions
from wyoming_indextts.process.supervisor import ProcessRunner
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.engine import Job, Style
from wyoming_indextts.speech.ensemble import Ensemble
from wyoming_indextts.speech.runner import Runner
from wyoming_indextts.speech.script import Phrase
from wyoming_indextts.speech.stand_in import StandIns

ENROLLED = {"mum": "lan"}
"""The lead's voices, and who stands in."""


@dataclass
class Stage:
    """An ensemble, and what its stand-in was given."""

    ensemble: Ensemble
    lead: ProcessRunner
    stand_in: ToneEngine

    async def lead_is_ready(self) -> None:
        await self.lead.loaded()

    @property
    def relieved(self) -> list[tuple[str, str]]:
        """Voice and text of every sentence the stand-in spoke."""
        return [(job.style.voice, job.phrases[0].text) for job in self.stand_in.jobs]


@asynccontextmanager
async def stage(options: Tones, *, fallback: bool = True) -> AsyncGenerator[Stage, None]:
    tones = ToneEngine()
    limits = ProcessOptions(shortest_back_off=0.1)
    async with (
        asyncio.timeout(30),
        ProcessRunner(TONES, options, limits) as lead,
        Runner(lambda: tones) as stand_in,
    ):
        ensemble = Ensemble(
            lead, StandIns(stand_in, ENROLLED.get), ENROLLED.__contains__, fallback=fallback
        )
        yield Stage(ensemble, lead, tones)


def job(number: int, text: str, voice: str = "mum") -> Job:
    return Job(number, (Phrase(text),), Style(voice), 0.0)


async def seconds(ensemble: Ensemble, wanted: Job) -> float:
    return sum([pcm.seconds async for pcm in ensemble.run(wanted)])


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.01)


async def test_the_lead_speaks_its_voices_once_it_is_ready() -> None:
    async with stage(Tones()) as on:
        await on.lead_is_ready()
        assert await seconds(on.ensemble, job(1, "four")) == pytest.approx(0.2)
        assert on.relieved == []


async def test_the_stand_in_always_speaks_its_own_voices() -> None:
    async with stage(Tones()) as on:
        await on.lead_is_ready()
        await seconds(on.ensemble, job(1, "four", voice="yun"))
        assert on.relieved == [("yun", "four")]


async def test_while_the_lead_loads_another_voice_stands_in(tmp_path: Path) -> None:
    (tmp_path / "trouble").write_text("hang")
    async with stage(Tones(trouble=tmp_path / "trouble")) as on:
        assert await on.ensemble.loaded("mum") == 0.0
        assert on.ensemble.ready
        assert await seconds(on.ensemble, job(1, "four")) == pytest.approx(0.2)
        assert on.relieved == [("lan", "four")]


async def test_without_fallback_whoever_asks_while_it_loads_is_told(tmp_path: Path) -> None:
    (tmp_path / "trouble").write_text("hang")
    async with stage(Tones(trouble=tmp_path / "trouble"), fallback=False) as on:
        with pytest.raises(ModelLoadingError):
            await seconds(on.ensemble, job(1, "four"))


async def test_a_lead_whose_load_breaks_off_is_loaded_again_when_it_is_wanted(
    tmp_path: Path,
) -> None:
    trouble = tmp_path / "trouble"
    trouble.write_text("exit")
    async with stage(Tones(trouble=trouble)) as on:
        with pytest.raises(EngineFailedError):
            await on.lead_is_ready()
        assert await seconds(on.ensemble, job(1, "one")) == pytest.approx(0.15)
        trouble.unlink()
        on.ensemble.wake()
        await until(lambda: on.lead.ready)
        assert await seconds(on.ensemble, job(2, "again")) == pytest.approx(0.25)
        assert on.relieved == [("lan", "one")]


async def test_a_sentence_that_has_not_sounded_moves_over_when_the_lead_is_lost() -> None:
    async with stage(Tones()) as on:
        await on.lead_is_ready()
        assert await seconds(on.ensemble, job(1, "boom")) == pytest.approx(0.2)
        assert on.relieved == [("lan", "boom")]


async def test_a_sentence_that_has_sounded_fails_and_the_next_is_spoken() -> None:
    async with stage(Tones()) as on:
        await on.lead_is_ready()
        with pytest.raises(EngineFailedError):
            await seconds(on.ensemble, job(1, "exit now"))
        assert await seconds(on.ensemble, job(2, "next")) == pytest.approx(0.2)
        assert on.relieved in ([], [("lan", "next")])


async def test_a_sentence_nobody_can_say_is_not_tried_twice() -> None:
    async with stage(Tones()) as on:
        await on.lead_is_ready()
        with pytest.raises(SynthesisFailedError):
            await seconds(on.ensemble, job(1, "bad"))
        assert on.relieved == []


async def test_leaving_cancels_the_leads_job() -> None:
    async with stage(Tones(pace=0.05)) as on:
        await on.lead_is_ready()
        async with aclosing(on.ensemble.run(job(1, "x" * 2000))) as sound:
            await anext(sound)
        assert await seconds(on.ensemble, job(2, "next")) == pytest.approx(0.2)


async def test_it_is_busy_while_either_is() -> None:
    async with stage(Tones(pace=0.01)) as on:
        await on.lead_is_ready()
        cloned, own = on.ensemble.run(job(1, "x" * 500)), on.ensemble.run(job(2, "x" * 500, "lan"))
        async with aclosing(cloned), aclosing(own):
            await anext(cloned)
            assert on.ensemble.busy == 1
            on.stand_in.pace = 0.01
            await anext(own)
            assert on.ensemble.busy == 2
        while on.ensemble.busy:
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("error", [BusyError("full"), ModelLoadingError("loading")])
async def test_a_lead_that_cannot_just_now_is_spoken_for_as_well(error: SpeechError) -> None:
    async with stage(Tones()) as on:
        ensemble = replace(on.ensemble, lead=Unwilling(error))
        assert await seconds(ensemble, job(1, "four")) == pytest.approx(0.2)
        assert on.relieved == [("lan", "four")]
        alone = replace(ensemble, fallback=False)
        with pytest.raises(type(error)):
            await seconds(alone, job(2, "four"))


@dataclass
class Unwilling:
    """A lead that is there and says of every sentence that it cannot, now."""

    error: SpeechError
    ready = True
    busy = 0

    def wake(self) -> None:
        """Do nothing."""

    async def loaded(self, voice: str | None = None) -> float:  # noqa: ARG002 - or of any
        return 0.0

    async def run(self, job: Job) -> AsyncGenerator[Pcm, None]:
        for _ in job.phrases:
            raise self.error
        yield Pcm(b"", 24_000)
