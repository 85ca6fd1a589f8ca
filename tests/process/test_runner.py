"""An engine in a process of its own speaks as one in a thread does."""

import asyncio
import logging
import os
import signal
import time
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.house import casting, pieces
from tests.process.engines import Tones
from tests.process.house import (
    QUICK,
    children,
    engine_pid,
    held,
    job,
    process,
    seconds,
    stays,
    until,
)
from tests.tone import CHARACTER, RATE, tone
from wyoming_indextts.errors import ShutdownError, SynthesisFailedError
from wyoming_indextts.process.options import ProcessOptions
from wyoming_indextts.speech.lexicon import Lexicon
from wyoming_indextts.speech.normalise import Normaliser
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.speech.vitals import Lack


def environment_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/environ").read_text("utf-8").split("\0")


async def test_the_sound_crosses_the_pipe_bit_for_bit() -> None:
    async with asyncio.timeout(10), process() as runner:
        sound = [pcm async for pcm in runner.run(job(1, "four"))]
    assert sound == [tone(CHARACTER)] * 4


async def test_each_caller_gets_the_sound_of_his_own_job() -> None:
    async with asyncio.timeout(10), process() as runner:
        both = await asyncio.gather(
            seconds(runner, job(1, "four")), seconds(runner, job(2, "seven77"))
        )
    assert both == pytest.approx([0.2, 0.35])


async def test_the_engine_is_in_another_process_and_tells_how_fast_it_is() -> None:
    async with asyncio.timeout(10), process(Tones(pace=0.025)) as runner:
        assert runner.pid is None
        assert await runner.loaded() == pytest.approx(0.5)
        assert children() == [runner.pid]


async def test_its_process_has_variables_of_its_own_where_this_one_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SET_BY_THE_OWNER", "his")
    monkeypatch.delenv("SET_BY_NOBODY", raising=False)
    wanted = {"SET_BY_THE_OWNER": "ours", "SET_BY_NOBODY": "ours"}
    async with asyncio.timeout(10), process(limits=replace(QUICK, environment=wanted)) as runner:
        there = environment_of(await engine_pid(runner))
    assert {"SET_BY_THE_OWNER=his", "SET_BY_NOBODY=ours"} <= set(there)


async def test_how_fast_it_is_follows_the_engine() -> None:
    async with asyncio.timeout(10), process(Tones(pace=0.025)) as runner:
        assert await runner.loaded() == pytest.approx(0.5)
        await seconds(runner, job(1, "tired"))
        while await runner.loaded() != pytest.approx(1.0):
            await asyncio.sleep(0.005)


async def test_a_speaker_speaks_with_it() -> None:
    async with asyncio.timeout(10), process() as runner:
        speaker = Speaker(runner, casting(), Normaliser(Lexicon.parse("", "-")), rate=RATE)
        async with speaker.speak(pieces("Good ", "morning."), Request("test")) as sound:
            assert sum([pcm.seconds async for pcm in sound]) >= 13 * CHARACTER


async def test_a_job_that_fails_fails_alone() -> None:
    async with asyncio.timeout(10), process() as runner:
        pid = await engine_pid(runner)
        with pytest.raises(SynthesisFailedError, match="cannot be spoken"):
            await seconds(runner, job(1, "bad"))
        assert await seconds(runner, job(2, "good")) == pytest.approx(0.2)
        assert runner.pid == pid


async def test_leaving_a_job_cancels_it_inside_a_step() -> None:
    async with asyncio.timeout(10), process(Tones(pace=1.0)) as runner:
        async with aclosing(runner.run(job(1, "xx"))) as sound:
            await anext(sound)
        left = time.monotonic()  # the second step has begun, and would last a second
        with pytest.raises(SynthesisFailedError):
            await seconds(runner, job(2, "bad"))
        assert time.monotonic() - left < 0.5


async def test_the_engine_is_busy_until_it_has_let_go() -> None:
    """G1: the engine itself says when."""
    async with asyncio.timeout(10), process(Tones(pace=0.01)) as runner:
        await runner.loaded()
        assert runner.busy == 0
        async with aclosing(runner.run(job(1, "x" * 500))) as sound:
            await anext(sound)
            assert runner.busy == 1
        assert runner.busy == 1  # it has not heard of it yet
        await until(lambda: runner.busy == 0)
        await seconds(runner, job(2, "next"))
        assert runner.busy == 0


async def test_log_records_reach_the_server(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="wyoming_indextts")  # others only warn, as in `serve`
    async with asyncio.timeout(10), process() as runner:
        await runner.loaded()
    records = [record for record in caplog.record_tuples if record[0] == "wyoming_indextts.tones"]
    assert records == [
        ("wyoming_indextts.tones", logging.INFO, "a tone engine loads"),
        ("wyoming_indextts.tones", logging.INFO, "a tone engine closes"),
    ]


async def test_an_idle_engine_gives_its_memory_back_and_comes_again(tmp_path: Path) -> None:
    limits = ProcessOptions(step_timeout=0.8, idle_unload=0.3)
    async with asyncio.timeout(20), process(Tones(loads=tmp_path / "loads"), limits) as runner:
        assert await seconds(runner, job(1, "four")) == pytest.approx(0.2)
        await until(lambda: not children())
        await stays(lambda: not children(), 0.3)
        assert await seconds(runner, job(2, "four")) == pytest.approx(0.2)
        await until(lambda: not children())
        assert await runner.loaded() == 0.0
    assert len((tmp_path / "loads").read_text().splitlines()) == 3


async def test_what_an_engine_says_of_its_machine_is_known_while_it_sleeps_too(
    tmp_path: Path,
) -> None:
    limits = ProcessOptions(step_timeout=0.8, idle_unload=0.3)
    options = Tones(loads=tmp_path / "loads", lack=Lack("too slow", "太慢"))
    async with asyncio.timeout(20), process(options, limits) as runner:
        await runner.loaded()
        assert [engine.lack for engine in runner.vitals()] == [options.lack]
        await until(lambda: not runner.ready)
        assert [engine.lack for engine in runner.vitals()] == [options.lack]


async def test_an_idle_engine_may_leave_a_process_behind_that_is_prepared(tmp_path: Path) -> None:
    """It has loaded nothing, and a request that finds it, or finds it killed, is spoken."""
    limits = ProcessOptions(step_timeout=0.8, idle_unload=0.3, prepared=True)
    loads = tmp_path / "loads"
    async with asyncio.timeout(20), process(Tones(loads=loads), limits) as runner:
        first = await engine_pid(runner)
        await until(lambda: runner.pid is None and children() not in ([], [first]))
        (kept,) = children()
        assert not runner.ready
        await stays(lambda: children() == [kept], 0.3)
        assert len(loads.read_text().splitlines()) == 1
        assert await seconds(runner, job(1, "four")) == pytest.approx(0.2)
        assert runner.pid == kept
        await until(lambda: runner.pid is None and children() not in ([], [kept]))
        os.kill(children()[0], signal.SIGKILL)
        await until(lambda: not children())
        assert await seconds(runner, job(2, "four")) == pytest.approx(0.2)
    assert len(loads.read_text().splitlines()) == 3


async def test_a_request_at_the_moment_of_unloading_is_not_lost(tmp_path: Path) -> None:
    """Jobs come in step with the unloading, now a little before and now a little after it."""
    limits = ProcessOptions(step_timeout=0.4, idle_unload=0.05, prepared=True)
    async with asyncio.timeout(30), process(Tones(loads=tmp_path / "loads"), limits) as runner:
        for number in range(12):
            assert await seconds(runner, job(number, "four")) == pytest.approx(0.2)
            await asyncio.sleep(0.02 * (number % 6))
    assert len((tmp_path / "loads").read_text().splitlines()) > 1


async def test_an_engine_that_makes_no_sound_yet_is_neither_idle_nor_hung() -> None:
    limits = ProcessOptions(step_timeout=0.6, idle_unload=0.1)
    async with asyncio.timeout(10), process(limits=limits) as runner:
        speaking = asyncio.create_task(seconds(runner, job(1, "think")))
        pid = await engine_pid(runner)
        assert await speaking == pytest.approx(0.25)
        assert runner.pid == pid


async def test_an_engine_that_nobody_asks_is_not_hung() -> None:
    limits = ProcessOptions(step_timeout=0.6)
    async with asyncio.timeout(10), process(limits=limits) as runner:
        pid = await engine_pid(runner)
        await stays(lambda: runner.pid == pid, 1.2)


async def test_an_engine_that_has_grown_is_replaced_when_it_is_idle() -> None:
    limits = ProcessOptions(step_timeout=1.6, memory_limit=90)
    async with asyncio.timeout(20), process(limits=limits) as runner:
        small = await engine_pid(runner)
        assert await seconds(runner, job(1, "small")) == pytest.approx(0.25)
        await stays(lambda: runner.pid == small, 0.6)  # several looks at its memory
        assert await seconds(runner, job(2, "memory")) == pytest.approx(0.3)
        await until(lambda: runner.pid not in (None, small))
        assert await seconds(runner, job(3, "four")) == pytest.approx(0.2)


async def test_an_engine_is_never_replaced_before_it_has_spoken() -> None:
    limits = ProcessOptions(step_timeout=1.6, memory_limit=1)
    async with asyncio.timeout(10), process(limits=limits) as runner:
        pid = await engine_pid(runner)
        assert await seconds(runner, job(1, "four")) == pytest.approx(0.2)
        await until(lambda: runner.pid not in (None, pid))
        second = runner.pid
        await stays(lambda: runner.pid == second, 0.6)


async def test_leaving_the_block_ends_it_in_the_middle_of_a_job() -> None:
    before = held()
    async with process(Tones(pace=0.5)) as runner:
        sound = runner.run(job(1, "x" * 100))
        await anext(sound)
        leaving = time.monotonic()
    assert time.monotonic() - leaving < 0.45
    with pytest.raises(ShutdownError):
        await anext(sound)
    await until(lambda: held() == before)


async def test_an_engine_that_will_not_close_is_killed() -> None:
    before = held()
    limits = ProcessOptions(close_timeout=0.3)
    async with process(Tones(stubborn=True), limits) as runner:
        assert await seconds(runner, job(1, "four")) == pytest.approx(0.2)
        leaving = time.monotonic()
    assert 0.3 <= time.monotonic() - leaving < 1.5
    await until(lambda: held() == before)


async def test_leaving_the_block_ends_a_load(tmp_path: Path) -> None:
    before = held()
    trouble = tmp_path / "trouble"
    trouble.write_text("hang")
    loads = tmp_path / "loads"
    async with process(Tones(loads=loads, trouble=trouble)) as runner:
        waiting = asyncio.create_task(runner.loaded())
        await until(loads.exists)
        leaving = time.monotonic()
    assert time.monotonic() - leaving < 1.0
    with pytest.raises(ShutdownError):
        await waiting
    await until(lambda: held() == before)


async def test_the_block_s_own_error_comes_out_as_it_is() -> None:
    with pytest.raises(KeyError):
        async with process() as runner:
            await runner.loaded()
            raise KeyError


async def test_a_job_left_before_the_engine_is_loaded_is_never_spoken() -> None:
    async with asyncio.timeout(10), process(Tones(pace=0.02)) as runner:
        early = asyncio.create_task(seconds(runner, job(1, "x" * 200)))
        await asyncio.sleep(0)
        early.cancel()
        started = time.monotonic()
        assert await seconds(runner, job(2, "four")) == pytest.approx(0.2)
    assert time.monotonic() - started < 4


async def test_many_jobs_at_once_all_come_out() -> None:
    async with asyncio.timeout(20), process() as runner, asyncio.TaskGroup() as tasks:
        spoken = [tasks.create_task(seconds(runner, job(n, "x" * n))) for n in range(1, 60)]
    assert [task.result() for task in spoken] == pytest.approx([n * 0.05 for n in range(1, 60)])


async def test_a_listener_who_leaves_early_disturbs_nobody() -> None:
    async with asyncio.timeout(10), process(Tones(pace=0.005)) as runner:
        other = asyncio.create_task(seconds(runner, job(2, "x" * 40)))
        async with aclosing(runner.run(job(1, "x" * 40))) as sound:
            await anext(sound)
        assert await other == pytest.approx(2.0)
