"""Every emotion is heard: it moves from neutral as its row says, and no two sound alike.

Five sentences in two languages, each preset, three voices that differ most. What is compared is
the same sentence in two emotions, so that a difference counts by how constant it is.
"""

import time
from collections.abc import Mapping
from itertools import combinations
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.house import PRESETS
from tests.kokoro.hearing import listen, rows
from wyoming_indextts.kokoro.engine import KokoroEngine
from wyoming_indextts.kokoro.prosody import blend
from wyoming_indextts.kokoro.voices import RECIPES, Recipe
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.emotion import Preset, emotion
from wyoming_indextts.speech.engine import Audio, Job, Style
from wyoming_indextts.speech.script import Phrase

SENTENCES: Final = (
    "灯已经开了。",
    "明天会下雨。",
    "快递到了。",
    "The light is on.",
    "The door is open.",
)
"""Of a second each: no two emotions need longer ones to be told apart."""

VOICES: Final = {
    recipe.voice.name: recipe for recipe in RECIPES if recipe.voice.name in {"lan", "tong", "yun"}
}

TOLD: Final = tuple(preset for preset in PRESETS if not preset.from_text)
"""The presets that say what they are."""

Spoken = Mapping[str, NDArray[np.float64]]
"""By preset: pitch, range, log of pace and level, one row for each sentence."""

CONSTANT: Final = 2.0
"""Standard deviations of the differences by which their mean must differ from none."""

pytestmark = pytest.mark.timeout(900)  # sixty sentences a voice, on however slow a machine


def style(recipe: Recipe, preset: Preset) -> Style:
    return Style(
        recipe.voice.name,
        emotion(preset.weights, prosody=preset.prosody),
        preset.speed,
        preset.pause,
        preset.loudness,
    )


def say(engine: KokoroEngine, text: str, how: Style) -> Pcm:
    engine.begin(Job(1, (Phrase(text),), how, time.monotonic()))
    sound = b""
    while produced := engine.step():
        sound += b"".join(item.pcm.data for item in produced if isinstance(item, Audio))
    return Pcm(sound, engine.rate)


@pytest.fixture(scope="module", params=VOICES)
def recipe(request: pytest.FixtureRequest) -> Recipe:
    return VOICES[str(request.param)]


@pytest.fixture(scope="module")
def spoken(engine: KokoroEngine, recipe: Recipe) -> Spoken:
    return {
        preset.name: rows(
            [
                listen(say(engine, text, style(recipe, preset)), center=recipe.center)
                for text in SENTENCES
            ]
        )
        for preset in TOLD
    }


def test_no_two_emotions_sound_alike(spoken: Spoken) -> None:
    alike: list[str] = []
    for one, other in combinations(spoken, 2):
        differences = spoken[one] - spoken[other]
        spread = np.maximum(differences.std(axis=0, ddof=1), 1e-9)
        constancy = np.abs(differences.mean(axis=0)) / spread
        if (constancy > CONSTANT).sum() < 2:
            alike.append(f"{one} and {other}: {constancy.round(1)}")
    assert not alike


@pytest.mark.parametrize("preset", TOLD, ids=lambda preset: preset.name)
def test_it_moves_from_neutral_as_its_row_says(spoken: Spoken, preset: Preset) -> None:
    moved = (spoken[preset.name] - spoken["neutral"]).mean(axis=0)
    row = blend(emotion(preset.weights, prosody=preset.prosody))
    told = [12 * np.log2(row.shift), row.range - 1, np.log(row.speed), row.gain]
    noticed = [0.8, 0.35, 0.04, 1.0]
    for said, heard, least in zip(told, moved, noticed, strict=True):
        if abs(said) >= least:
            assert np.sign(heard) == np.sign(said), (told, moved)


def test_neutral_is_as_loud_in_every_voice_and_as_high_as_its_recipe_says(
    spoken: Spoken, recipe: Recipe
) -> None:
    pitch, _, _, level = spoken["neutral"].mean(axis=0)
    assert level == pytest.approx(-20.0, abs=0.7)
    assert pitch == pytest.approx(12 * np.log2(recipe.center), abs=0.7)
