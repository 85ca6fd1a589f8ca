"""Chinese as it is written for the bundled voices."""

import pytest

from wyoming_indextts.kokoro.accent import opened
from wyoming_indextts.kokoro.english import English
from wyoming_indextts.kokoro.pinyin import symbols


@pytest.mark.parametrize(
    ("syllable", "written"),
    [("hao3", "xaau↓"), ("shang4", "ʂaa↘ŋ"), ("ao2", "aau↗"), ("ang1", "aa→ŋ")],
)
def test_the_open_vowel_of_ao_and_ang_has_two_symbols(syllable: str, written: str) -> None:
    assert opened(symbols(syllable)) == written


@pytest.mark.parametrize(
    "syllable", ["xiao3", "liang4", "wang3", "shuang1", "hai3", "ta1", "fan4", "hou4"]
)
def test_other_syllables_stay_as_they_are(syllable: str) -> None:
    assert opened(symbols(syllable)) == symbols(syllable)


def test_english_stays_as_it_is() -> None:
    said = English().symbols("How about now? Our house is around the corner, on and on.")
    assert opened(said) == said
