"""Whatever is written, something sayable comes out."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wyoming_indextts.speech.lexicon import Lexicon
from wyoming_indextts.speech.normalise import Normaliser
from wyoming_indextts.speech.script import SayAs, Sentence, Span

NORMALISER = Normaliser(Lexicon({}))
NORMALISER.load()

ANYTHING = st.text(st.characters())
"""Every code point there is, surrogates too."""

PIECES = """
0 1 2 3 4 5 6 7 8 9 ０ ５ ① ½ . : , - / ~ % ° ℃ $ € ¥ # @ & + = x ' 的 个 点 年 月 日 号 楼 室 度 ，
。 （ ） km/h µg/m³ PM AM Dr. May room v kWh 1st code 第 零下 电话 score
"""

WRITTEN = st.lists(st.sampled_from([" ", *PIECES.split()])).map("".join)
"""The notations the rules know, in any order."""

WORDS_AND_MARKS = re.compile(
    r"[A-Za-z㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff ,.!?;:，。！？；：、…—'-]*"
)


def said(text: str, say_as: SayAs | None = None) -> str:
    phrases = NORMALISER.normalise(Sentence((Span(text, say_as=say_as),)))
    return "".join(phrase.text for phrase in phrases)


@given(ANYTHING | WRITTEN)
@settings(max_examples=400)
def test_only_words_and_punctuation_are_left_of_any_text(text: str) -> None:
    assert WORDS_AND_MARKS.fullmatch(said(text))


@given(
    ANYTHING | WRITTEN,
    st.sampled_from(["characters", "telephone", "date", "time", "cardinal", "ordinal"]),
)
@settings(max_examples=200)
def test_the_same_holds_however_it_is_to_be_read(text: str, say_as: SayAs) -> None:
    assert WORDS_AND_MARKS.fullmatch(said(text, say_as))


@given(st.lists(st.sampled_from(["the", "door", "Hello", "don't", "Wi-Fi", "a"]), min_size=1))
def test_plain_english_words_stay_as_they_are(words: list[str]) -> None:
    assert said(" ".join(words)) == " ".join(words)


@given(st.lists(st.sampled_from(["客厅", "的灯", "打开", "，", "好"]), min_size=1).map("好".join))
def test_plain_chinese_words_stay_as_they_are(words: str) -> None:
    assert said(f"好{words}好") == f"好{words}好"


@pytest.mark.parametrize(
    "piece", ["1", " ", "a@", "1:2", "1/2", "A.", "((", "score ", "第1", "-1-"]
)
def test_a_long_text_is_read_too_and_in_time(piece: str) -> None:
    began = time.process_time()
    assert WORDS_AND_MARKS.fullmatch(said(f"好{piece * 2000}"))
    assert time.process_time() - began < 2.0
