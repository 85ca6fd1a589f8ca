"""The user's own readings: what a file may say, and where its words are found."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_indextts.speech.lexicon import Lexicon, LexiconError
from wyoming_indextts.speech.script import Manner, Span

LEXICON = Lexicon.parse(
    """
    NAS = "nass"
    "NAS Pro" = { say = "nass professional" }
    Xiaomi = { zh = "小米", en = { say = "shao mee" } }
    "C++" = "C plus plus"
    "单于" = { pinyin = "chan2 yu2" }
    "曾" = { zh = { pinyin = "zeng1" } }
    """,
    "lexicon.toml",
)


def english(text: str) -> str:
    return "".join(span.text for span in LEXICON.apply(Span(text), "en"))


def test_a_word_is_replaced_whatever_its_case() -> None:
    assert english("The NAS and the nas.") == "The nass and the nass."


def test_a_latin_word_is_replaced_only_whole() -> None:
    assert english("NASA, ENAS, NAS2") == "NASA, ENAS, NAS2"
    assert english("打开NAS吧") == "打开nass吧"
    assert english("C++ and C") == "C plus plus and C"


def test_the_longest_word_wins() -> None:
    assert english("my NAS Pro") == "my nass professional"


def test_a_reading_may_depend_on_the_language_around_it() -> None:
    assert LEXICON.apply(Span("Xiaomi"), "zh") == (Span("小米"),)
    assert LEXICON.apply(Span("Xiaomi"), "en") == (Span("shao mee"),)
    assert LEXICON.apply(Span("曾"), "en") == (Span("曾"),)


def test_pinyin_goes_with_its_characters_and_keeps_the_manner() -> None:
    loud = Manner(volume=3.0)
    assert LEXICON.apply(Span("看单于！", loud), "zh") == (
        Span("看", loud),
        Span("单于", loud, pinyin=("chan2", "yu2")),
        Span("！", loud),
    )


@pytest.mark.parametrize(
    "span", [Span("NAS", say_as="characters"), Span("单于", pinyin=("dan1", "yu2"))]
)
def test_a_span_that_says_how_it_is_read_is_left_alone(span: Span) -> None:
    assert LEXICON.apply(span, "zh") == (span,)


@given(st.text(st.characters()))
def test_a_text_without_known_words_is_the_same_span(text: str) -> None:
    assert Lexicon({}).apply(Span(text), "en") == (Span(text),)


@given(st.lists(st.sampled_from(["NAS", "nas pro", "Xiaomi", "单于", "曾", " ", "a", "，"])))
def test_what_is_between_the_words_stays_and_only_words_have_pinyin(pieces: list[str]) -> None:
    spans = LEXICON.apply(Span("".join(pieces)), "zh")
    assert sum("，" in span.text for span in spans) <= pieces.count("，")
    assert "".join(span.text for span in spans).count("，") == pieces.count("，")
    assert all(span.text in {"单于", "曾"} for span in spans if span.pinyin)
    assert sum(bool(span.pinyin) for span in spans) == pieces.count("单于") + pieces.count("曾")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a = 1\nb = = 2", "line 2"),
        ("a = 1", "'a' needs a reading"),
        ('a = ""', "'a' needs a reading"),
        ('a = { said = "b" }', "'a' needs a reading"),
        ('a = { say = "b", pinyin = "b1" }', "'a' needs a reading"),
        ('a = { en = "b", say = "c" }', "'a' has both a language and 'say'"),
        ("a = { en = 5 }", "'a' needs a reading"),
        ('[section]\na = "b"', "'section' needs a reading"),
        ('" " = "b"', "a word is empty"),
        ('Nas = "b"\nNAS = "c"', "'NAS' is there twice"),
        ('"小米" = { pinyin = "xiao3" }', "'小米' has 2 characters but 1 syllables"),
        ('"小米" = { pinyin = "xiao3 mi" }', "'小米' has 'mi', which is no pinyin"),
        ('"小m" = { pinyin = "xiao3 mi3" }', "'小m' has pinyin, but is not written in Chinese"),
    ],
)
def test_a_mistake_is_told_with_file_and_word(text: str, complaint: str) -> None:
    with pytest.raises(LexiconError, match=f"^my.toml: .*{re.escape(complaint)}"):
        Lexicon.parse(text, "my.toml")


def test_the_file_that_comes_with_the_program_and_its_examples_are_right() -> None:
    text = (Path(__file__).parents[2] / "config" / "lexicon.toml").read_text("utf-8")
    assert tomllib.loads(text) == {}
    examples = re.sub(r"(?m)^# (?=\S+.* = |\S+ = )", "", text.partition("Examples")[2])
    assert "uncle Zeng" in str(tomllib.loads(f"# {examples}"))
    Lexicon.parse(f"# {examples}", "lexicon.toml")
