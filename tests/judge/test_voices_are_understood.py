"""Every bundled voice is understood in both languages, through the real socket, and is whole.

The default voice is judged by more sentences than these in test_spoken_forms_are_heard.py.
"""

from statistics import mean

import pytest

from tests.judge import measures
from tests.judge.listening import listening
from tests.judge.recogniser import Language
from tests.judge.test_spoken_forms_are_heard import DEFAULT, LONGEST_PAUSE
from tests.judge.verdict import PITCH, SET_ERRORS, Fault, Judge
from wyoming_indextts.speech.engine import Engine
from wyoming_indextts.speech.voices import Voices

SENTENCES: dict[Language, tuple[str, ...]] = {
    "en": (
        "Your next meeting begins in half an hour.",
        "Good morning, the coffee is ready.",
        "The washing machine has finished, please take out the laundry.",
        "I have turned off all the lights and locked the front door.",
        "It will rain this afternoon, so take an umbrella with you.",
        "The bedroom is nineteen degrees now, shall I turn up the heating?",
    ),
    "zh": (
        "您的下一个会议半小时以后开始。",
        "早上好，咖啡已经煮好了。",
        "洗衣机已经洗完了，请把衣服拿出来。",
        "楼下所有的灯都关了，大门也锁好了。",
        "今天下午会下雨，出门请记得带雨伞。",
        "卧室现在十九度，需要把暖气调高一点吗？",
    ),
}
"""What a house says, in words, most of it in two clauses; the first in one."""

PUBLISHED: dict[str, dict[Language, float]] = {
    "lan": {"en": 234, "zh": 233},
    "mei": {"en": 233, "zh": 235},
    "ning": {"en": 227, "zh": 235},
    "tong": {"en": 280, "zh": 278},
    "yun": {"en": 92, "zh": 89},
}
"""Hz: F0 of the first sentence when the network speaks it as it is published, in 8-bit integers,
taken at its 24,000 samples a second; measured apart from the engine.
"""

OTHERS = tuple(voice for voice in PUBLISHED if voice != DEFAULT)


def published(voice: str, language: Language) -> object:
    """Return what equals every pitch that is near enough to the published one."""
    return pytest.approx(PUBLISHED[voice][language], rel=PITCH)


@pytest.mark.timeout(300)  # twelve seconds a sentence on two cores that others use too
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("voice", OTHERS)
async def test_a_voice_is_understood_and_whole(
    judge: Judge, engine: Engine, bundled: Voices, voice: str, language: Language
) -> None:
    async with listening(engine, bundled) as listener:
        heard = [await listener.hear(sentence, voice=voice) for sentence in SENTENCES[language]]
    verdicts = [
        judge.verdict(said.sound, sentence, language, reference=said.reference)
        for said, sentence in zip(heard, SENTENCES[language], strict=True)
    ]
    # Whisper base mishears one short sentence or another; the words are the whole set's.
    assert not [verdict for verdict in verdicts if verdict.faults - {Fault.WORDS}]
    assert mean(verdict.errors for verdict in verdicts) <= SET_ERRORS, verdicts
    assert max(measures.longest_gap(said.sound) for said in heard) < LONGEST_PAUSE
    assert measures.pitch(heard[0].sound) == published(voice, language)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_default_voice_is_as_high_as_it_was_published(
    engine: Engine, bundled: Voices, language: Language
) -> None:
    async with listening(engine, bundled) as listener:
        heard = await listener.hear(SENTENCES[language][0])
    assert measures.pitch(heard.sound) == published(DEFAULT, language)


def test_every_bundled_voice_is_judged(bundled: Voices) -> None:
    assert {voice.name for voice in bundled} == PUBLISHED.keys()
    assert bundled.default.name == DEFAULT


async def test_streamed_text_is_heard_bit_for_bit_as_the_engine_said_it(
    judge: Judge, engine: Engine, bundled: Voices
) -> None:
    text = "The front door is open. Shall I close it for you?"
    async with listening(engine, bundled) as listener:
        heard = await listener.hear_streamed([text[i : i + 3] for i in range(0, len(text), 3)])
    assert heard.sound == heard.reference
    verdict = judge.verdict(heard.sound, text, "en", reference=heard.reference)
    assert not verdict.faults, verdict
    assert verdict.errors <= SET_ERRORS
