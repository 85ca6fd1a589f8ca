"""Loudness and F0 of each bundled voice in neutral speech, beside what its recipe says.

A recipe's gain is right when the voice is then at `TARGET`, its center when it is the mean F0.
"""

import tempfile
from pathlib import Path
from statistics import fmean
from typing import Final

from tests.kokoro.hearing import Heard, listen
from wyoming_indextts.kokoro.engine import KokoroEngine, load
from wyoming_indextts.kokoro.options import KokoroOptions
from wyoming_indextts.kokoro.voices import RECIPES, Recipe
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.engine import Audio, Job, Style
from wyoming_indextts.speech.script import Phrase

TARGET: Final = -20.0
"""RMS of the speech in dB of full scale; leaves 4 dB of gain to the loudest emotion."""

SENTENCES: Final = (
    "客厅的灯已经打开了。",
    "明天可能会下小雨。",
    "快递已经送到门口，请尽快去拿。",
    "今天的最高气温是二十六度。",
    "The living room light is on.",
    "Someone is at the front door.",
    "The washing machine has finished.",
    "Your meeting starts in ten minutes, please get ready.",
)


def main() -> None:
    """Print a line for each voice."""
    with tempfile.TemporaryDirectory() as cache:
        engine = load(KokoroOptions(Path(cache)))
        for recipe in RECIPES:
            heard = [_heard(engine, recipe, text) for text in SENTENCES]
            gain = recipe.gain + TARGET - fmean(one.level for one in heard)
            center = 2 ** (fmean(one.pitch for one in heard) / 12)
            print(  # noqa: T201 - what it is for
                f"{recipe.voice.name:6} gain {gain:5.1f} dB (is {recipe.gain:5.1f})"
                f"   center {center:5.0f} Hz (is {recipe.center:5.0f})"
            )
        engine.close()


def _heard(engine: KokoroEngine, recipe: Recipe, text: str) -> Heard:
    engine.begin(Job(1, (Phrase(text),), Style(recipe.voice.name), 0.0))
    sound = b""
    while produced := engine.step():
        sound += b"".join(item.pcm.data for item in produced if isinstance(item, Audio))
    return listen(Pcm(sound, engine.rate), center=recipe.center)


if __name__ == "__main__":
    main()
