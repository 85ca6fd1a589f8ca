"""An emotion for a while ends by the clock, by utterances, or by somebody's word."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.house import casting, pieces, speaking
from tests.tone import ToneEngine
from wyoming_indextts.errors import BadRequestError, EmotionNotFoundError
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.interlude import Interlude
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.speech.stage import Delivery

CALM = Delivery(emotion="calm", intensity=0.4)
HAPPY = Delivery(emotion="happy")


@asynccontextmanager
async def house() -> AsyncIterator[tuple[Casting, Interlude, Speaker]]:
    cast = casting()
    cast.stage.change(CALM)
    async with asyncio.timeout(10), speaking(ToneEngine(), cast=cast) as speaker:
        interlude = Interlude(cast.stage, speaker)
        yield cast, interlude, speaker
        interlude.close()


async def say(speaker: Speaker, text: str = "好。") -> None:
    async with speaker.speak(pieces(text), Request("test")) as sound:
        assert [pcm async for pcm in sound]


async def test_it_ends_by_the_clock() -> None:
    async with house() as (cast, interlude, _):
        interlude.begin(HAPPY, seconds=0.05)
        assert cast.stage.now == HAPPY and interlude.until
        while cast.stage.now != CALM:
            await asyncio.sleep(0.01)
        assert interlude.until is None


async def test_it_ends_after_so_many_utterances() -> None:
    async with house() as (cast, interlude, speaker):
        interlude.begin(HAPPY, utterances=2)
        await say(speaker)
        assert (cast.stage.now, interlude.left) == (HAPPY, 1)
        await say(speaker)
        assert (cast.stage.now, interlude.left) == (CALM, None)


async def test_an_utterance_that_was_under_way_is_not_counted() -> None:
    async with house() as (cast, interlude, speaker):
        async with speaker.speak(pieces("好。"), Request("test")):
            interlude.begin(HAPPY, utterances=1)
        assert cast.stage.now == HAPPY
        async with speaker.speak(pieces("好。"), Request("test")):
            assert cast.stage.now == HAPPY, "it lasts to the end of the utterance"
        assert cast.stage.now == CALM


async def test_what_else_was_changed_meanwhile_stays() -> None:
    async with house() as (cast, interlude, _):
        interlude.begin(HAPPY, utterances=1)
        cast.stage.change(Delivery(emotion="happy", speed=1.5, voice="bob"))
        assert interlude.left == 1
        interlude.end()
        assert cast.stage.now == Delivery(emotion="calm", intensity=0.4, speed=1.5, voice="bob")


@pytest.mark.parametrize(
    "change", [Delivery(emotion="sad"), Delivery(emotion="happy", intensity=0.5)]
)
async def test_who_changes_the_emotion_meanwhile_has_the_last_word(change: Delivery) -> None:
    async with house() as (cast, interlude, speaker):
        interlude.begin(HAPPY, seconds=60, utterances=1)
        cast.stage.change(change)
        assert (interlude.until, interlude.left) == (None, None)
        await say(speaker)
        interlude.end()
        assert cast.stage.now == change


async def test_a_second_one_brings_back_what_was_before_the_first() -> None:
    async with house() as (cast, interlude, _):
        interlude.begin(HAPPY, seconds=60)
        interlude.begin(Delivery(emotion="sad"), utterances=3)
        assert (interlude.until, interlude.left) == (None, 3)
        interlude.end()
        assert cast.stage.now == CALM


async def test_without_a_limit_it_stays() -> None:
    async with house() as (cast, interlude, speaker):
        interlude.begin(HAPPY, seconds=60)
        interlude.begin(Delivery(emotion="sad"))
        await say(speaker)
        interlude.end()
        assert cast.stage.now == Delivery(emotion="sad")


async def test_one_that_cannot_be_changes_nothing() -> None:
    async with house() as (cast, interlude, _):
        interlude.begin(HAPPY, utterances=3)
        with pytest.raises(EmotionNotFoundError):
            interlude.begin(Delivery(emotion="bored"), seconds=5)
        for seconds, utterances in ((0.0, None), (float("nan"), None), (1e9, None), (None, 0)):
            with pytest.raises(BadRequestError):
                interlude.begin(CALM, seconds=seconds, utterances=utterances)
        assert (cast.stage.now, interlude.left) == (HAPPY, 3)
        interlude.end()
        assert cast.stage.now == CALM
