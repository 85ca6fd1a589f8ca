"""What a house says comes out as a good announcer would say it: 80 sentences a language."""

import tomllib
from pathlib import Path

import pytest

from wyoming_indextts.speech.lexicon import Lexicon
from wyoming_indextts.speech.normalise import Normaliser
from wyoming_indextts.speech.script import Sentence, Span

NORMALISER = Normaliser(Lexicon({}))


def spoken_forms(language: str) -> list[tuple[str, str]]:
    path = Path(__file__).parent / f"spoken_forms_{language}.toml"
    entries = tomllib.loads(path.read_text("utf-8"))["sentence"]
    return [(entry["text"], entry["spoken"]) for entry in entries]


ENGLISH = spoken_forms("en")
CHINESE = spoken_forms("zh")


@pytest.mark.parametrize(("text", "spoken"), ENGLISH + CHINESE)
def test_a_sentence_is_said_as_an_announcer_would(text: str, spoken: str) -> None:
    phrases = NORMALISER.normalise(Sentence((Span(text),)))
    assert " ".join("".join(phrase.text for phrase in phrases).split()) == spoken


def test_there_are_eighty_sentences_in_each_language() -> None:
    assert len(dict(ENGLISH)) == len(dict(CHINESE)) == 80
