"""An enrolled voice that its model cannot speak is spoken by an embedded one."""

import asyncio

import pytest

from tests.house import casting, pieces, voices
from tests.tone import RATE, ToneEngine
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.lexicon import Lexicon
from wyoming_indextts.speech.normalise import Normaliser
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.runner import Runner
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.speech.stand_in import StandIns, stand_in
from wyoming_indextts.speech.voices import Sex, Voice

EMBEDDED = list(voices())
"""Alice, who is female, and Bob."""

MUM = Voice("mum", "Mum", ("en-US",), "female", stand_in="bob")


@pytest.mark.parametrize(
    ("wanted", "sex", "who"),
    [
        ("bob", "female", "bob"),
        (None, "female", "alice"),
        (None, "male", "bob"),
        ("carol", "male", "bob"),
    ],
)
def test_the_wanted_voice_stands_in_or_one_of_the_sex(
    wanted: str | None, sex: Sex, who: str
) -> None:
    assert stand_in(wanted, sex, EMBEDDED) == who


def test_where_nobody_has_the_sex_anybody_stands_in() -> None:
    assert stand_in(None, "male", EMBEDDED[:1]) == "alice"


async def spoken(cast: Casting, engine: ToneEngine, request: Request) -> float:
    """Return how many seconds were spoken by an engine that has stand-ins."""
    async with asyncio.timeout(5), Runner(lambda: engine) as runner:
        normaliser = Normaliser(Lexicon.parse("", "lexicon.toml"))
        stand_ins = StandIns(runner, cast.voices.stand_in_for)
        speaker = Speaker(stand_ins, cast, normaliser, rate=RATE)
        async with speaker.speak(pieces("Good morning."), request) as frames:
            return sum([pcm.seconds async for pcm in frames])


async def test_an_enrolled_voice_is_spoken_by_its_stand_in_in_the_same_emotion() -> None:
    cast, engine = casting(), ToneEngine()
    cast.voices.replace([*EMBEDDED, MUM])
    assert await spoken(cast, engine, Request("test", voice="mum-happy")) > 0.5
    (job,) = engine.jobs
    assert job.style.voice == "bob"
    assert job.style.emotion.weights[0] == pytest.approx(0.8)


async def test_an_embedded_voice_speaks_for_itself() -> None:
    cast, engine = casting(), ToneEngine()
    cast.voices.replace([*EMBEDDED, MUM])
    await spoken(cast, engine, Request("test", voice="alice"))
    assert [job.style.voice for job in engine.jobs] == ["alice"]
