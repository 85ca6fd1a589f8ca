"""Both languages and the mix of them become one string of Kokoro's symbols."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wyoming_indextts.kokoro.pronunciation import Pronunciation
from wyoming_indextts.kokoro.weights import read_vocabulary
from wyoming_indextts.speech.script import Phrase

TEXTS = st.text(
    st.one_of(st.sampled_from("客厅的灯开了一不儿，。！？… abc'Taylor-12\n"), st.characters())
)


@pytest.fixture(scope="module")
def pronunciation(tmp_path_factory: pytest.TempPathFactory) -> Pronunciation:
    return Pronunciation(tmp_path_factory.mktemp("dictionaries"))


def test_english_keeps_its_words_and_marks(pronunciation: Pronunciation) -> None:
    assert pronunciation.symbols([Phrase("Good morning, house!")]) == "ɡˈʊd mˈɔɹnɪŋ, hˈWs!"


def test_chinese_marks_become_those_kokoro_knows(pronunciation: Pronunciation) -> None:
    assert pronunciation.symbols([Phrase("你好，“世界”！")]) == "ni↗xau↓, ʂɨ↘ʨje↘!"


def test_english_inside_chinese_is_said_in_english(pronunciation: Pronunciation) -> None:
    said = pronunciation.symbols([Phrase("打开 living room 的灯")])
    assert said == "ta↓kʰai→ lˈɪvɪŋ ɹˈum tɤ tə→ŋ"


def test_a_reading_is_said_in_its_place(pronunciation: Pronunciation) -> None:
    phrases = [Phrase("Turn on "), Phrase("单", ("shan4",)), Phrase("。")]
    assert pronunciation.symbols(phrases) == "tˈɜɹn ˌɔn ʂa↘n."


def test_a_script_that_kokoro_cannot_speak_is_left_out(pronunciation: Pronunciation) -> None:
    assert pronunciation.symbols([Phrase("Привет, 你好 مرحبا")]) == ", ni↗xau↓"
    assert pronunciation.symbols([Phrase("Привет")]) == ""


@given(st.lists(TEXTS.map(Phrase), max_size=3))
@example([Phrase("1000000000000000000")])
def test_any_text_can_be_said_or_is_silent(
    pronunciation: Pronunciation, phrases: list[Phrase]
) -> None:
    said = pronunciation.symbols(phrases)
    assert set(said) <= read_vocabulary().keys()
    assert said == said.strip()
