"""Every syllable of Mandarin has Kokoro's spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin.contrib.tone_convert import to_tone3
from pypinyin.pinyin_dict import pinyin_dict

from wyoming_indextts.kokoro.pinyin import FINALS, INITIALS, TONES, symbols
from wyoming_indextts.kokoro.weights import read_vocabulary


@pytest.mark.parametrize(
    ("syllable", "spoken"),
    [
        ("ni3", "ni↓"),
        ("hao3", "xau↓"),
        ("zhong1", "ꭧʊ→ŋ"),
        ("guo2", "kwo↗"),
        ("shi4", "ʂɨ↘"),
        ("si4", "sɨ↘"),
        ("xi1", "ɕi→"),
        ("qu4", "ʨʰy↘"),
        ("lü4", "ly↘"),
        ("lv4", "ly↘"),
        ("nüe4", "nɥe↘"),
        ("xuan3", "ɕɥɛ↓n"),
        ("yuan2", "ɥɛ↗n"),
        ("wo3", "wo↓"),
        ("bo1", "pwo→"),
        ("you3", "jou↓"),
        ("liu4", "ljou↘"),
        ("wen2", "wə↗n"),
        ("kun4", "kʰwə↘n"),
        ("xiong2", "ɕjʊ↗ŋ"),
        ("er2", "ɚ↗"),
        ("de5", "tɤ"),
        ("de", "tɤ"),
        ("hng5", "xŋ"),
    ],
)
def test_the_tone_stands_before_a_final_n_and_otherwise_last(syllable: str, spoken: str) -> None:
    assert symbols(syllable) == spoken


def test_every_reading_in_the_dictionary_converts_within_the_vocabulary() -> None:
    readings = {reading for entry in pinyin_dict.values() for reading in entry.split(",")}
    syllables = {to_tone3(reading, neutral_tone_with_five=True) for reading in readings}
    assert len({syllable.rstrip("12345") for syllable in syllables}) > 420
    vocabulary = read_vocabulary()
    for syllable in syllables:
        assert set(symbols(syllable)) <= vocabulary.keys(), syllable


def test_no_two_syllables_sound_the_same() -> None:
    readings = {reading for entry in pinyin_dict.values() for reading in entry.split(",")}
    syllables = {to_tone3(reading, neutral_tone_with_five=True) for reading in readings}
    spelled: dict[str, set[str]] = {}
    for syllable in syllables:
        spelled.setdefault(symbols(syllable), set()).add(syllable)
    same = {frozenset(group) for group in spelled.values() if len(group) > 1}
    assert all(len(group) == 2 for group in same)
    assert {min(group, key=len).rstrip("12345") for group in same} <= {"n", "ng", "lo", "o"}


@given(st.sampled_from(sorted(INITIALS)), st.sampled_from(sorted(FINALS)), st.sampled_from("1234"))
def test_a_tone_is_written_once_or_the_syllable_is_refused(
    initial: str, final: str, tone: str
) -> None:
    try:
        spoken = symbols(initial + final + tone)
    except ValueError:
        return
    assert spoken.count(TONES[tone]) == 1


@pytest.mark.parametrize("text", ["", "hello1", "ni9", "3", "x", "zhx1", "ni33"])
def test_what_is_no_syllable_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Mandarin"):
        symbols(text)
