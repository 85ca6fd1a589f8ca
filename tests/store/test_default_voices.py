"""The default voices are made once, by the embedded voice, and are nobody's.

What they sound like when the embedded voice makes them, tests/test_led.py hears.
"""

import asyncio
from pathlib import Path

import pytest

from tests.house import PRESETS, speaking
from tests.tone import ToneEngine
from wyoming_indextts.errors import SynthesisFailedError
from wyoming_indextts.kokoro.voices import VOICES
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.stage import Delivery, Stage
from wyoming_indextts.speech.voices import Voices
from wyoming_indextts.store.default_voices import make_default_voices
from wyoming_indextts.store.voices import read_voices, remove_voice


def cast() -> Casting:
    voices = Voices(VOICES, PRESETS, default=VOICES[0].name)
    loud = Delivery(voice="mei", emotion="angry", speed=2.0, volume=2.0)
    return Casting(voices, PRESETS, Stage(voices, PRESETS, loud))


async def made(folder: Path, engine: ToneEngine) -> list[str]:
    """Make the default voices with a tone; return who is there then."""
    async with asyncio.timeout(5), speaking(engine, cast=cast()) as speaker:
        await make_default_voices(folder, speaker)
    return [voice.name for voice in read_voices(folder).voices]


async def test_one_of_each_sex_is_made_whatever_is_on_the_stage(tmp_path: Path) -> None:
    engine = ToneEngine()
    assert await made(tmp_path, engine) == ["shan", "xin"]
    assert {job.style.voice for job in engine.jobs} == {"lan", "yun"}
    assert {(job.style.speed, job.style.gain) for job in engine.jobs} == {(1.0, 0.0)}
    assert not any(any(job.style.emotion.weights) for job in engine.jobs)
    male, female = read_voices(tmp_path).voices
    assert (female.record.sex, female.record.stand_in) == ("female", "lan")
    assert (male.record.sex, male.record.stand_in) == ("male", "yun")
    consent = female.record.consent
    assert (consent.by, consent.statement) == (
        "nobody", "A synthetic voice, made by the embedded voice lan.",
    )  # fmt: skip


async def test_a_default_voice_that_was_removed_is_not_made_again(tmp_path: Path) -> None:
    assert await made(tmp_path, ToneEngine()) == ["shan", "xin"]
    remove_voice(tmp_path, "xin")
    engine = ToneEngine()
    assert await made(tmp_path, engine) == ["shan"]
    assert not engine.jobs


async def test_what_could_not_be_made_is_made_the_next_time(tmp_path: Path) -> None:
    with pytest.raises(SynthesisFailedError):
        await made(tmp_path, ToneEngine(fails_on="morning"))
    assert not read_voices(tmp_path).voices
    assert await made(tmp_path, ToneEngine()) == ["shan", "xin"]
