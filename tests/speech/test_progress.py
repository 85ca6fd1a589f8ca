"""Listeners of a speaker hear how each utterance comes along, and of exactly one end."""

import asyncio

import pytest

from tests.house import pieces, speaking
from tests.tone import CHARACTER, ToneEngine
from wyoming_indextts.errors import InterruptedSpeechError, SpeechError, SynthesisFailedError
from wyoming_indextts.speech.progress import Progress
from wyoming_indextts.speech.request import Request

ANY = Request("test")


async def test_an_utterance_is_asked_for_started_and_finished() -> None:
    told = list[Progress]()
    async with asyncio.timeout(10), speaking(ToneEngine()) as speaker:
        leave = speaker.listen(told.append)
        async with speaker.speak(pieces("你好。"), ANY) as sound:
            assert [pcm async for pcm in sound]
        leave()
        async with speaker.speak(pieces("你好。"), ANY) as sound:
            assert [pcm async for pcm in sound]
    assert [one.state for one in told] == ["asked", "started", "finished"]
    asked, started, finished = told
    assert {one.source for one in told} == {"test"}
    assert asked.waited <= started.waited <= finished.waited
    assert started.sound == 0 and finished.sound == pytest.approx(3 * CHARACTER)


async def test_leaving_early_is_an_interruption() -> None:
    told = list[Progress]()
    async with asyncio.timeout(10), speaking(ToneEngine()) as speaker:
        speaker.listen(told.append)
        async with speaker.speak(pieces("你好。"), ANY) as sound:
            await anext(sound)
    assert [one.state for one in told] == ["asked", "started", "interrupted"]
    assert told[-1].code is None


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (InterruptedSpeechError("enough"), "interrupted"),
        (SynthesisFailedError("broken"), "failed"),
    ],
)
async def test_an_error_is_told_with_its_code(reason: SpeechError, state: str) -> None:
    told = list[Progress]()
    async with asyncio.timeout(10), speaking(ToneEngine(pace=0.01)) as speaker:
        speaker.listen(told.append)
        with pytest.raises(type(reason)):
            async with speaker.speak(pieces("你好。" * 100), ANY) as sound:
                await anext(sound)
                assert speaker.interrupt(utterance=told[0].utterance, reason=reason) == 1
                async for _ in sound:
                    pass
    assert [(one.state, one.code) for one in told[1:]] == [("started", None), (state, reason.code)]
