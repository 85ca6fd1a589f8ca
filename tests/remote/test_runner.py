"""The far side as an engine: our real server over real sockets, lost and found again."""

import asyncio
import logging
import os
import signal
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager

import pytest

from tests.remote.far_side import TOKEN, far_side, free_port, options, program
from tests.remote.fingerprint import Fingerprint, sound, whole
from tests.tone import text_of
from wyoming_indextts.errors import (
    EngineFailedError,
    InterruptedSpeechError,
    SynthesisFailedError,
    UnauthorizedError,
    UnsupportedError,
)
from wyoming_indextts.remote.runner import RemoteRunner
from wyoming_indextts.speech.emotion import Emotion, Prosody
from wyoming_indextts.speech.engine import Job, Style
from wyoming_indextts.speech.script import Phrase
from wyoming_indextts.speech.wire import House

EXACT = Style(
    "alice",
    Emotion(
        (0.1, 0.2 / 3, 0.0, 0.0, 0.0, 0.0, 0.3, 1e-9), Prosody(1.1, 0.97, 1.3, 0.01, -0.7), 0.7
    ),
    speed=1.0 / 3.0,
    pause=1.7,
    gain=-2.3456789,
)
"""Numbers that no rounding leaves as they are."""


def job(number: int, text: str, style: Style = EXACT) -> Job:
    return Job(number, (Phrase(text), Phrase("重", ("chong2",))), style, time.monotonic())


@asynccontextmanager
async def gateway(url: str, **changed: object) -> AsyncGenerator[RemoteRunner, None]:
    async with (
        asyncio.timeout(20),
        RemoteRunner(options(url, **changed), lambda _: None) as runner,  # type: ignore[arg-type]
    ):
        yield runner


async def heard(runner: RemoteRunner, wanted: Job) -> bytes:
    return b"".join([pcm.data async for pcm in runner.run(wanted)])


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.005)


async def test_a_sentence_arrives_as_it_was_decided_and_its_sound_as_it_was_made() -> None:
    async with far_side() as far, gateway(far.url) as runner:
        await runner.loaded()
        wanted = job(7, "Hello there.")
        assert await heard(runner, wanted) == whole(wanted)
        (there,) = far.engine.jobs
        assert (there.phrases, there.style) == (wanted.phrases, wanted.style)
        assert abs(there.deadline - wanted.deadline) < 1.0


async def test_sound_is_passed_on_in_the_runs_it_is_made_in() -> None:
    async with far_side() as far, gateway(far.url) as runner:
        await runner.loaded()
        runs = [pcm.data async for pcm in runner.run(job(1, "ab"))]
        assert [len(run) for run in runs] == [3000, 3000, 3000]


async def test_several_sentences_are_spoken_at_once_and_each_gets_its_own_sound() -> None:
    async with far_side(Fingerprint(pace=0.002)) as far, gateway(far.url) as runner:
        await runner.loaded()
        wanted = [job(number, f"sentence number {number}") for number in range(4)]
        async with asyncio.TaskGroup() as tasks:
            made = [tasks.create_task(heard(runner, one)) for one in wanted]
            await until(lambda: runner.busy == 4)
        assert [one.result() for one in made] == [whole(one) for one in wanted]
        assert runner.busy == 0


async def test_leaving_a_sentence_cancels_it_at_the_far_side() -> None:
    engine = Fingerprint(pace=0.01)
    async with far_side(engine) as far, gateway(far.url) as runner:
        await runner.loaded()
        async with aclosing(runner.run(job(1, "x" * 1000))) as runs:
            await anext(runs)
        await until(lambda: len(engine.cancelled) == 1)
        await until(lambda: not far.speaker.live)
        assert await heard(runner, after := job(2, "after")) == whole(after)


async def test_what_the_far_side_cannot_say_fails_and_the_next_is_spoken() -> None:
    async with far_side(Fingerprint(fails_on="bad")) as far, gateway(far.url) as runner:
        await runner.loaded()
        with pytest.raises(SynthesisFailedError, match="the far side says"):
            await heard(runner, job(1, "bad"))
        assert await heard(runner, good := job(2, "good")) == whole(good)


async def test_a_stop_at_the_far_side_is_a_stop_here() -> None:
    async with far_side(Fingerprint(pace=0.01)) as far, gateway(far.url) as runner:
        await runner.loaded()
        with pytest.raises(InterruptedSpeechError):
            async for _ in runner.run(job(1, "x" * 1000)):
                far.speaker.interrupt()


async def test_a_voice_that_the_far_side_has_no_longer_may_be_spoken_by_another() -> None:
    async with far_side() as far, gateway(far.url) as runner:
        await runner.loaded()
        with pytest.raises(EngineFailedError, match="voice-not-found"):
            await heard(runner, job(1, "hello", Style("nobody")))


async def test_a_killed_far_side_is_found_again_when_it_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    port = free_port()
    async with gateway(f"ws://127.0.0.1:{port}") as runner:
        with pytest.raises(EngineFailedError, match="connection refused"):
            await runner.loaded()
        async with program(port, pace=0.05) as process:
            await until(lambda: runner.ready)
            with pytest.raises(EngineFailedError, match="the far side is lost"):
                async for _ in runner.run(job(1, "x" * 1000)):
                    process.kill()
            assert not runner.ready
            with pytest.raises(EngineFailedError, match="not there"):
                await heard(runner, job(2, "hello"))
        async with program(port):
            await until(lambda: runner.ready)
            assert await heard(runner, wanted := job(3, "back")) == whole(wanted)
    said = [line for line in caplog.messages if "the far side at" in line]
    assert ["is there" in line for line in said[:4]] == [False, True, False, True]
    assert "connection refused" in said[0]
    assert len(said) <= 5, said  # the second program is killed too


async def test_a_far_side_that_stands_still_is_not_waited_for_and_may_go_on() -> None:
    port = free_port()
    url = f"ws://127.0.0.1:{port}"
    async with program(port, pace=0.05) as process, gateway(url, silence=1.0) as runner:
        await runner.loaded()
        os.kill(process.pid, signal.SIGSTOP)
        with pytest.raises(EngineFailedError, match="nothing is heard"):
            await heard(runner, job(1, "hello"))
        assert not runner.ready
        os.kill(process.pid, signal.SIGCONT)
        await until(lambda: runner.ready)
        assert await heard(runner, wanted := job(2, "again")) == whole(wanted)


async def test_a_sentence_that_sounds_outlives_a_short_silence() -> None:
    port = free_port()
    url = f"ws://127.0.0.1:{port}"
    async with program(port, pace=0.02) as process, gateway(url, silence=1.0) as runner:
        await runner.loaded()
        wanted = job(1, "a sentence that is long enough")
        async with aclosing(runner.run(wanted)) as runs:
            first = await anext(runs)
            os.kill(process.pid, signal.SIGSTOP)
            await until(lambda: not runner.ready)
            os.kill(process.pid, signal.SIGCONT)
            rest = b"".join([pcm.data async for pcm in runs])
        assert first.data + rest == whole(wanted)


async def test_a_far_side_that_goes_down_in_order_lets_others_speak() -> None:
    async with far_side(Fingerprint(pace=0.02)) as far, gateway(far.url) as runner:
        await runner.loaded()
        going = asyncio.ensure_future(far.down())
        with pytest.raises(EngineFailedError):
            await heard(runner, job(1, "x" * 1000))
        await going
        await until(lambda: not runner.ready)


async def test_what_is_offered_is_told_when_it_comes_and_when_it_changes() -> None:
    told = list[House]()
    async with far_side() as far, RemoteRunner(options(far.url), told.append):
        async with asyncio.timeout(10):
            await until(lambda: len(told) == 1)
            assert [voice.name for voice in told[0].voices] == ["alice", "bob"]
            assert told[0].default == "alice"
            assert list(told[0].presets) == list(far.cast.presets)
            far.cast.voices.replace([next(iter(far.cast.voices))])
            await until(lambda: len(told) == 2)
            assert [voice.name for voice in told[1].voices] == ["alice"]


async def test_a_wrong_token_is_said_once_and_tried_seldom(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with far_side() as far:
        runner = RemoteRunner(options(far.url, "wrong", longest_back_off=0.05), lambda _: None)
        async with asyncio.timeout(10), runner:
            for _ in range(3):
                with pytest.raises(UnauthorizedError, match="does not take our token"):
                    await runner.loaded()
                await asyncio.sleep(0.06)
    assert [line for line in caplog.messages if "token" in line] == [
        f"the far side at {far.url}/ws is not there: it does not take our token"
    ]
    assert "wrong" not in caplog.text and TOKEN not in caplog.text


async def test_a_far_side_that_has_its_speech_made_here_is_left_alone() -> None:
    async with far_side(path=("theirs", "ours")) as far:
        async with gateway(far.url, identity="ours") as runner:
            with pytest.raises(UnsupportedError, match="nobody would ever speak"):
                await runner.loaded()
            assert not runner.ready
        async with gateway(far.url, identity="another") as runner:
            await runner.loaded()


async def test_how_fast_the_far_side_is_comes_with_its_sentences() -> None:
    async with far_side(Fingerprint(pace=0.005)) as far, gateway(far.url) as runner:
        await runner.loaded()
        await heard(runner, job(1, "hello"))
        assert await runner.loaded("alice") == pytest.approx(0.1)


def test_the_engine_that_tests_listen_to_tells_one_style_from_another() -> None:
    one = job(1, "same")
    other = job(2, "same", Style("alice"))
    assert text_of(one) == text_of(other)
    assert sound(one, 1) != sound(other, 1) != sound(other, 2)
