"""The embedded voices: who they are, and what makes each sound as it does.

The bundled styles are Japanese speakers' (see `weights`); they speak Chinese and English too.
`gain` and `center` make them equal: `script/measure-voices` prints both for neutral speech.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np

from wyoming_indextts.kokoro.weights import Styles, find_styles, read_styles
from wyoming_indextts.speech.slug import slug_of
from wyoming_indextts.speech.voices import Voice

LANGUAGES: Final = ("zh-CN", "en-US")
"""Every voice speaks both."""

CENTERS: Final = {"female": 220.0, "male": 120.0}
"""Hz; F0 around which a voice that was not measured is taken to speak."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A bundled voice: the styles it is the mean of, its gain in dB and its F0 in Hz."""

    voice: Voice
    styles: tuple[str, ...]
    gain: float
    center: float
    accented: bool


@dataclass(frozen=True, slots=True)
class Timbre:
    """What the network is given to sound like a voice, and the gain in dB that evens it out.

    An `accented` one needs its Chinese written as `accent` does.
    """

    styles: Styles
    gain: float
    center: float
    accented: bool = False


def _recipe(
    name: str,
    description: str,
    sex: Literal["female", "male"],
    styles: tuple[str, ...],
    measured: tuple[float, float],
    *,
    accented: bool = True,
) -> Recipe:
    return Recipe(Voice(name, description, LANGUAGES, sex), styles, *measured, accented)


RECIPES: Final = (
    _recipe(
        "lan", "Lan 岚 · female, clear", "female", ("jf_gongitsune", "jf_nezumi"), (-1.3, 239.0)
    ),
    _recipe("mei", "Mei 梅 · female, lively", "female", ("jf_gongitsune",), (-1.6, 243.0)),
    _recipe("ning", "Ning 宁 · female, even", "female", ("jf_nezumi",), (-1.0, 233.0)),
    # jf_tebukuro alone: .15 toneless pinyin errors on six sentences, mixed with nezumi .05.
    _recipe(
        "tong",
        "Tong 童 · female, young",
        "female",
        ("jf_tebukuro", "jf_nezumi"),
        (-1.1, 289.0),
        accented=False,  # by ten sentences it is understood no better
    ),
    _recipe("yun", "Yun 云 · male, deep", "male", ("jm_kumo",), (-2.4, 90.0)),
)
"""The bundled voices, the default first; their names are for ever. (dB, Hz) as measured."""

VOICES: Final = tuple(recipe.voice for recipe in RECIPES)
"""The bundled voices as users see them."""


def known_voices(folder: Path | None) -> tuple[Voice, ...]:
    """Return the bundled voices and those in the user's folder of official Kokoro voices.

    Raises:
        WeightsMissingError, WeightsCorruptError: see `weights.find_styles`.
    """
    return (*VOICES, *(_voice(name) for name in _found(folder)))


def timbres(folder: Path | None) -> Mapping[str, Timbre]:
    """Return the timbre of each of `known_voices`, by the voice's name.

    Raises:
        WeightsMissingError, WeightsCorruptError: see `weights`.
    """
    bundled = read_styles()
    added = {
        slug_of(name): Timbre(styles, 0.0, CENTERS[_sex(name)])
        for name, styles in _found(folder).items()
    }
    return added | {
        recipe.voice.name: Timbre(
            np.mean([bundled[name] for name in recipe.styles], axis=0, dtype=np.float32),
            recipe.gain,
            recipe.center,
            recipe.accented,
        )
        for recipe in RECIPES
    }


def _found(folder: Path | None) -> Mapping[str, Styles]:
    """Return the user's voices by their official names; nobody takes a bundled voice's name."""
    taken = {voice.name for voice in VOICES}
    found = find_styles(folder) if folder else {}
    return {name: styles for name, styles in found.items() if slug_of(name) not in taken}


def _voice(name: str) -> Voice:
    """Return the voice that an official name such as af_heart stands for."""
    call = name.partition("_")[2] or name
    sex = _sex(name)
    return Voice(slug_of(name), f"{call.capitalize()} · {sex} ({name})", LANGUAGES, sex)


def _sex(name: str) -> Literal["female", "male"]:
    """Read the second letter of an official name: the first is the language, this is the sex."""
    return "male" if re.match(r"[a-z]m_", name) else "female"
