"""Home-automation sentences, with their digits and units, are heard in the words they stand for.

Which words is written by hand in `tests/speech/spoken_forms_*.toml`. The default voice says them,
and so is judged here; the others are in test_voices_are_understood.py.
"""

import tomllib
from pathlib import Path
from statistics import mean

import pytest

from tests.judge import measures
from tests.judge.listening import listening
from tests.judge.recogniser import Language
from tests.judge.verdict import SET_ERRORS, Fault, Judge
from wyoming_indextts.speech.engine import Engine
from wyoming_indextts.speech.voices import Voices

FORMS = Path(__file__).parents[1] / "speech"

AT_LEAST = 20
"""Sentences judged in each language."""

DEFAULT = "lan"

LONGEST_PAUSE = 0.7
"""Seconds: no sentence of these rooms has a longer one by its punctuation, nor by its meaning."""


def judged(language: Language) -> dict[str, str]:
    """Return the spoken form of each sentence that is to be judged."""
    table = tomllib.loads((FORMS / f"spoken_forms_{language}.toml").read_text("utf-8"))
    return {entry["text"]: entry["spoken"] for entry in table["sentence"] if entry.get("judged")}


@pytest.mark.timeout(300)  # three seconds a sentence on two busy cores
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_spoken_forms_are_heard(
    judge: Judge, engine: Engine, bundled: Voices, language: Language
) -> None:
    forms = judged(language)
    assert len(forms) >= AT_LEAST
    verdicts = []
    async with listening(engine, bundled) as listener:
        for text, spoken in forms.items():
            heard = await listener.hear(text)
            assert measures.longest_gap(heard.sound) < LONGEST_PAUSE, text
            verdict = judge.verdict(heard.sound, spoken, language, reference=heard.reference)
            verdicts.append(verdict)
    assert not [verdict for verdict in verdicts if verdict.faults - {Fault.WORDS}]
    assert mean(verdict.errors for verdict in verdicts) <= SET_ERRORS, verdicts
