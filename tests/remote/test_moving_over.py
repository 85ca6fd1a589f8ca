"""An utterance whose far side comes and goes: somebody speaks each sentence, all at one rate."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from tests.house import casting
from tests.remote.far_side import Far, far_side, options
from tests.remote.fingerprint import RATE, Fingerprint, whole
from tests.remote.test_runner import until
from tests.tone import CHARACTER, ToneEngine, text_of
from wyoming_indextts.errors import EngineFailedError
from wyoming_indextts.remote.runner import RemoteRunner
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.ensemble import Ensemble
from wyoming_indextts.speech.lexicon import Lexicon
from wyoming_indextts.speech.normalise import Normaliser
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.runner import Runner
from wyoming_indextts.speech.speaker import Speaker


@dataclass
class House:
    """A gateway and its far side."""

    speaker: Speaker
    lead: RemoteRunner
    far: Far
    stand_in: ToneEngine


@asynccontextmanager
async def gateway(engine: Fingerprint) -> AsyncGenerator[House, None]:
    stand_in = ToneEngine(rate=RATE)
    async with (
        asyncio.timeout(20),
        far_side(engine) as far,
        RemoteRunner(options(far.url), lambda _: None) as lead,
        Runner(lambda: stand_in) as embedded,
    ):
        await lead.loaded()
        ensemble = Ensemble(lead, embedded, is_led=lambda _: True)
        normaliser = Normaliser(Lexicon.parse("", "lexicon.toml"))
        yield House(Speaker(ensemble, casting(), normaliser, rate=RATE), lead, far, stand_in)


class Text(AsyncIterator[str]):
    """Pieces of text that come when a test wants them to."""

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[str | None] = asyncio.Queue()

    def say(self, piece: str | None) -> None:
        self._pieces.put_nowait(piece)

    async def __anext__(self) -> str:
        if (piece := await self._pieces.get()) is None:
            raise StopAsyncIteration
        return piece


async def test_the_sentences_after_the_loss_are_spoken_here_and_after_the_return_there() -> None:
    async with gateway(Fingerprint()) as house:
        text, runs = Text(), list[Pcm]()

        async def listen() -> None:
            async with house.speaker.speak(text, Request("test", voice="alice")) as sound:
                async for pcm in sound:
                    runs.append(pcm)

        listening = asyncio.ensure_future(listen())
        text.say("One. ")
        text.say("T")
        await until(lambda: bool(runs) and not house.lead.busy)
        port = int(house.far.url.rpartition(":")[2])
        await house.far.down()
        await until(lambda: not house.lead.ready)
        text.say("wo. T")
        await until(lambda: house.stand_in.said == "Two.")
        async with far_side(port=port) as again:
            await until(lambda: house.lead.ready)
            text.say("hree.")
            text.say(None)
            await listening
            assert again.engine.said == "Three."
    assert {pcm.rate for pcm in runs} == {RATE}
    heard = b"".join(pcm.data for pcm in runs)
    assert heard.startswith(whole(house.far.engine.jobs[0]))
    assert heard.endswith(whole(again.engine.jobs[0]))
    assert house.far.engine.said == "One."


async def test_a_sentence_that_was_asked_for_and_has_not_sounded_moves_over() -> None:
    async with gateway(Fingerprint(pace=3600)) as house:
        text = Text()
        text.say("Hello.")
        text.say(None)
        seconds = 0.0
        async with house.speaker.speak(text, Request("test", voice="alice")) as sound:
            listening = asyncio.ensure_future(anext(sound))
            await until(lambda: bool(house.far.engine.jobs))
            await house.far.down()
            seconds += (await listening).seconds
            seconds += sum([pcm.seconds async for pcm in sound])
        assert seconds == pytest.approx(len("Hello.") * CHARACTER, abs=0.001)
        assert [text_of(job) for job in house.stand_in.jobs] == ["Hello."]


async def test_a_sentence_that_has_sounded_cannot_move_over() -> None:
    async with gateway(Fingerprint(pace=0.02)) as house:
        text = Text()
        text.say("x" * 300)
        text.say(None)
        with pytest.raises(EngineFailedError):
            async with house.speaker.speak(text, Request("test", voice="alice")) as sound:
                await anext(sound)
                await house.far.down()
                async for _ in sound:
                    pass
        assert not house.stand_in.jobs
