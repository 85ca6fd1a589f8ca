"""The engine's process dies in every way there is, and the next job is spoken."""

import asyncio
import itertools
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.process.engines import Tones
from tests.process.house import (
    children,
    engine_pid,
    held,
    is_running,
    job,
    process,
    seconds,
    stays,
    until,
)
from wyoming_indextts.errors import EngineFailedError, WeightsMissingError
from wyoming_indextts.process.options import ProcessOptions
from wyoming_indextts.process.supervisor import ProcessRunner
from wyoming_indextts.speech.vitals import Toll

ALERT = ProcessOptions(step_timeout=0.6, load_timeout=5.0, shortest_back_off=0.01)


async def test_what_died_is_not_busy() -> None:
    async with asyncio.timeout(10), process(Tones(pace=0.01), ALERT) as runner:
        await kill_in_mid_sentence(runner, signal.SIGKILL)
        await until(lambda: runner.busy == 0)


async def kill_in_mid_sentence(runner: ProcessRunner, number: signal.Signals) -> float:
    """Send the signal once a job is heard; return the seconds until the job has failed."""
    pid = await engine_pid(runner)
    sound = runner.run(job(1, "x" * 100))
    await anext(sound)
    os.kill(pid, number)
    sent = time.monotonic()
    with pytest.raises(EngineFailedError):
        while True:
            await anext(sound)
    return time.monotonic() - sent


async def until_loaded(runner: ProcessRunner) -> None:
    """Ask for the engine until it is there."""
    async with asyncio.timeout(10):
        while runner.pid is None:
            with suppress(EngineFailedError):
                await runner.loaded()
            await asyncio.sleep(0.005)


async def test_killed_in_mid_sentence_it_fails_the_job_and_the_next_is_spoken() -> None:
    async with asyncio.timeout(10), process(Tones(pace=0.1)) as runner:
        assert await kill_in_mid_sentence(runner, signal.SIGKILL) < 0.5
        assert await seconds(runner, job(2, "four")) == pytest.approx(0.2)


async def test_hung_in_mid_sentence_it_is_killed_and_the_next_job_is_spoken() -> None:
    async with asyncio.timeout(10), process(Tones(pace=0.05), ALERT) as runner:
        hung = await engine_pid(runner)
        assert 0.4 < await kill_in_mid_sentence(runner, signal.SIGSTOP) < 2.0
        assert await seconds(runner, job(2, "four")) == pytest.approx(0.2)
        assert not is_running(hung)


async def test_hung_while_idle_it_is_replaced_before_anyone_asks() -> None:
    async with asyncio.timeout(10), process(limits=ALERT) as runner:
        hung = await engine_pid(runner)
        os.kill(hung, signal.SIGSTOP)
        await until(lambda: runner.pid not in (None, hung))
        assert await seconds(runner, job(1, "four")) == pytest.approx(0.2)


async def test_a_job_that_had_not_begun_is_spoken_by_the_next_process() -> None:
    async with asyncio.timeout(10), process(limits=ALERT) as runner:
        hung = await engine_pid(runner)
        os.kill(hung, signal.SIGSTOP)
        assert await seconds(runner, job(1, "four")) == pytest.approx(0.2)
        assert runner.pid != hung


@pytest.mark.parametrize("text", ["exit now", "boom"])
async def test_a_process_that_ends_in_mid_sentence_fails_the_job_alone(text: str) -> None:
    async with asyncio.timeout(10), process() as runner:
        with pytest.raises(EngineFailedError, match="has ended with code"):
            await seconds(runner, job(1, text))
        assert await seconds(runner, job(2, "four")) == pytest.approx(0.2)


async def test_a_bug_of_the_engine_is_logged_with_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with asyncio.timeout(10), process() as runner:
        with pytest.raises(EngineFailedError):
            await seconds(runner, job(1, "boom"))
    assert "RuntimeError: the engine broke" in caplog.text


@pytest.mark.parametrize("trouble", ["exit", "break"])
async def test_a_load_that_ends_fails_who_waits_and_the_next_job_is_spoken(
    tmp_path: Path, trouble: str
) -> None:
    file = tmp_path / "trouble"
    file.write_text(trouble)
    async with asyncio.timeout(10), process(Tones(trouble=file)) as runner:
        with pytest.raises(EngineFailedError):
            await seconds(runner, job(1, "four"))
        file.unlink()
        assert await seconds(runner, job(2, "four")) == pytest.approx(0.2)


async def test_killed_in_mid_load_it_is_loaded_for_the_next_job(tmp_path: Path) -> None:
    file, loads = tmp_path / "trouble", tmp_path / "loads"
    file.write_text("hang")
    before = set(children())
    async with asyncio.timeout(10), process(Tones(loads=loads, trouble=file)) as runner:
        waiting = asyncio.create_task(runner.loaded())
        await until(loads.exists)
        (child,) = set(children()) - before
        file.unlink()
        os.kill(child, signal.SIGKILL)
        with pytest.raises(EngineFailedError):
            await waiting
        assert await seconds(runner, job(1, "four")) == pytest.approx(0.2)


async def test_killed_in_mid_load_it_is_loaded_again_though_nobody_asks(tmp_path: Path) -> None:
    file, loads = tmp_path / "trouble", tmp_path / "loads"
    file.write_text("hang")
    before = set(children())
    async with asyncio.timeout(10), process(Tones(loads=loads, trouble=file)) as runner:
        await until(loads.exists)
        (child,) = set(children()) - before
        file.unlink()
        os.kill(child, signal.SIGKILL)
        await until(lambda: runner.ready)


async def test_a_load_that_hangs_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "trouble"
    file.write_text("hang")
    limits = ProcessOptions(load_timeout=1.0, shortest_back_off=0.01)
    async with asyncio.timeout(10), process(Tones(trouble=file), limits) as runner:
        with pytest.raises(EngineFailedError, match="not loaded within 1 s"):
            await seconds(runner, job(1, "four"))
        file.unlink()
        assert await seconds(runner, job(2, "four")) == pytest.approx(0.2)


async def test_a_load_that_says_why_it_fails_is_not_tried_in_a_hot_loop(tmp_path: Path) -> None:
    file, loads = tmp_path / "trouble", tmp_path / "loads"
    file.write_text("raise")
    limits = ProcessOptions(shortest_back_off=1.0)
    async with asyncio.timeout(20), process(Tones(loads=loads, trouble=file), limits) as runner:
        with pytest.raises(WeightsMissingError, match="wyoming-indextts download"):
            await runner.loaded()
        for number in range(100):
            with pytest.raises(WeightsMissingError, match="wyoming-indextts download"):
                await seconds(runner, job(number, "four"))
        await stays(lambda: len(loads.read_text().splitlines()) == 1, 1.5)
        file.unlink()
        assert await seconds(runner, job(1000, "four")) == pytest.approx(0.2)


async def test_a_second_load_that_dies_keeps_nobody_waiting(tmp_path: Path) -> None:
    file = tmp_path / "trouble"
    file.write_text("exit")
    limits = ProcessOptions(shortest_back_off=0.8)
    async with asyncio.timeout(10), process(Tones(trouble=file), limits) as runner:
        for number in range(2):
            with pytest.raises(EngineFailedError):
                await seconds(runner, job(number, "four"))
        asked = time.monotonic()
        with pytest.raises(EngineFailedError):
            await seconds(runner, job(3, "four"))
        assert time.monotonic() - asked < 0.1  # the back-off lasts for 1.6 s


async def test_losses_in_a_row_wait_longer_and_longer(tmp_path: Path) -> None:
    loads = tmp_path / "loads"
    limits = ProcessOptions(shortest_back_off=0.2, longest_back_off=0.8)
    async with asyncio.timeout(20), process(Tones(loads=loads), limits) as runner:
        for number in range(5):
            with pytest.raises(EngineFailedError):
                await seconds(runner, job(number, "boom"))
    times = [float(line) for line in loads.read_text().splitlines()]
    gaps = [second - first for first, second in itertools.pairwise(times)]
    for gap, wait in zip(gaps, (0.2, 0.4, 0.8, 0.8), strict=True):
        assert wait <= gap < wait + 0.6


async def test_a_good_job_makes_the_wait_short_again(tmp_path: Path) -> None:
    loads = tmp_path / "loads"
    limits = ProcessOptions(shortest_back_off=0.3)
    async with asyncio.timeout(20), process(Tones(loads=loads), limits) as runner:
        for number in range(3):
            with pytest.raises(EngineFailedError):
                await seconds(runner, job(2 * number, "boom"))
            assert await seconds(runner, job(2 * number + 1, "good")) == pytest.approx(0.2)
    times = [float(line) for line in loads.read_text().splitlines()]
    gaps = [second - first for first, second in itertools.pairwise(times)]
    assert gaps[2] < 1.2  # the third wait of a row


async def test_a_hundred_kills_leave_nothing_behind() -> None:
    before, tasks = held(), len(asyncio.all_tasks())
    others = set(children())
    async with asyncio.timeout(60), process(Tones(pace=0.001)) as runner:
        for _ in range(50):
            await kill_in_mid_sentence(runner, signal.SIGKILL)
            await until(lambda: set(children()) > others)
            for successor in set(children()) - others:  # which is about to load
                os.kill(successor, signal.SIGKILL)
            await until_loaded(runner)
        assert await seconds(runner, job(2, "four")) == pytest.approx(0.2)
    await until(lambda: held() == before)
    assert len(asyncio.all_tasks()) == tasks


async def test_it_tells_how_its_process_is() -> None:
    async with asyncio.timeout(10), process(Tones(pace=0.01), ALERT) as runner:
        await until_loaded(runner)
        await seconds(runner, job(1, "four"))
        await until(lambda: bool(runner.vitals()[0].toll.counts))
        (vitals,) = runner.vitals()
        assert (vitals.name, vitals.ready, vitals.losses) == ("the engine", True, 0)
        assert vitals.memory > 2**20
        assert vitals.toll == Toll({"characters": 4})
        await kill_in_mid_sentence(runner, signal.SIGKILL)
        (vitals,) = runner.vitals()
        assert (vitals.ready, vitals.memory, vitals.toll) == (False, 0, Toll())
        await until_loaded(runner)
        assert runner.vitals()[0].losses == 1
