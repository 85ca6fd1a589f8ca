"""Good speech to hold other sounds against: the engine asked directly, with nothing in between."""

from dataclasses import dataclass
from typing import Final

from tests.judge.listening import join
from tests.judge.recogniser import Language
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.engine import Audio, Engine, Failed, Finished, Job, Style
from wyoming_indextts.speech.script import Phrase

WORDS: Final[dict[Language, str]] = {
    "en": "The washing machine has finished, please take out the laundry.",
    "zh": "洗衣机已经洗完了，请把衣服拿出来。",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A sentence and the sound of it, spoken twice."""

    language: Language
    words: str
    sound: Pcm
    said_again: Pcm


def sample(engine: Engine, voice: str, language: Language) -> Sample:
    """Have an engine speak the sentence of that language."""
    words = WORDS[language]
    sound, again = (say(engine, words, Style(voice)) for _ in range(2))
    return Sample(language, words, sound, again)


def say(engine: Engine, words: str, style: Style) -> Pcm:
    """Return a sentence, written in words, as an idle engine speaks it."""
    engine.begin(Job(1, (Phrase(words),), style, deadline=0.0))
    runs: list[Pcm] = []
    while True:
        for item in engine.step():
            match item:
                case Audio(_, pcm):
                    runs.append(pcm)
                case Finished():
                    return join(*runs)
                case Failed(_, error):
                    raise error
