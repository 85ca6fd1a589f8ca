"""Every bundled voice is understood in both languages, through the real socket, and is whole."""

from statistics import mean

import pytest

from tests.judge import measures
from tests.judge.listening import listening
from tests.judge.recogniser import Language
from tests.judge.verdict import SET_ERRORS, Judge
from wyoming_indextts.speech.engine import Engine
from wyoming_indextts.speech.voices import Voices

SENTENCES: dict[Language, tuple[str, ...]] = {
    "en": (
        "Good morning, the coffee is ready.",
        "The washing machine has finished, please take out the laundry.",
        "I have turned off all the lights and locked the front door.",
        "It will rain this afternoon, so take an umbrella with you.",
        "Your next meeting begins in half an hour.",
        "The bedroom is nineteen degrees now, shall I turn up the heating?",
    ),
    "zh": (
        "早上好，咖啡已经煮好了。",
        "洗衣机已经洗完了，请把衣服拿出来。",
        "楼下所有的灯都关了，大门也锁好了。",
        "今天下午会下雨，出门请记得带雨伞。",
        "您的下一个会议半小时以后开始。",
        "卧室现在十九度，需要把暖气调高一点吗？",
    ),
}
"""What a house says, in words, most of it in two clauses."""

PITCH = {"lan": 230, "mei": 230, "ning": 230, "tong": 230, "yun": 95}
"""Hz: F0 of each voice's English and Chinese, measured on the model as it is published, at its
24,000 samples a second.
"""

VOICES = tuple(PITCH)

LONGEST_PAUSE = 0.6
"""Seconds: no sentence above has a longer one by its punctuation."""


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("voice", VOICES)
async def test_a_voice_is_understood_and_whole(
    judge: Judge, engine: Engine, bundled: Voices, voice: str, language: Language
) -> None:
    verdicts = []
    async with listening(engine, bundled) as listener:
        for sentence in SENTENCES[language]:
            heard = await listener.hear(sentence, voice=voice)
            assert measures.longest_gap(heard.sound) < LONGEST_PAUSE, sentence
            verdict = judge.verdict(heard.sound, sentence, language, reference=heard.reference)
            verdicts.append(verdict)
    assert not [verdict for verdict in verdicts if verdict.faults]
    assert mean(verdict.errors for verdict in verdicts) <= SET_ERRORS, verdicts


def test_every_bundled_voice_is_judged(bundled: Voices) -> None:
    assert {voice.name for voice in bundled} == set(VOICES)


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
