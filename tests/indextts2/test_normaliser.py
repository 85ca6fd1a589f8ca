"""Normalisation: as the reference does it, save the transducers, which are wetext's."""

import json
import re
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_indextts.errors import WeightsCorruptError
from wyoming_indextts.indextts2.text.glossary import Glossary
from wyoming_indextts.indextts2.text.language import language_read
from wyoming_indextts.indextts2.text.normaliser import Normaliser
from wyoming_indextts.indextts2.text.pinyin import spelled
from wyoming_indextts.indextts2.text.tokenizer import spaced
from wyoming_indextts.indextts2.text.transducer import LONGEST, Transducer

GOLDEN: Final = json.loads((Path(__file__).parents[1] / "golden" / "text.json").read_text("utf-8"))
GLOSSARY: Final = Glossary.of(GOLDEN["glossary"], file="glossary.yaml")
WRITTEN: Final = Normaliser(lambda text, _: text, GLOSSARY)
"""Reads nothing: what is around the transducers."""


@pytest.fixture(scope="module")
def transducer() -> Transducer:
    return Transducer()


@pytest.fixture(scope="module")
def normaliser(transducer: Transducer) -> Normaliser:
    return Normaliser(transducer.read, Glossary.of({}, file=""))


@pytest.mark.parametrize(("text", "chinese"), GOLDEN["chinese"])
def test_the_language_is_chosen_as_the_reference_does(text: str, *, chinese: bool) -> None:
    assert language_read(text) == ("zh" if chinese else "en")


@pytest.mark.parametrize(("text", "normalised"), GOLDEN["normalised"])
def test_all_but_the_transducers_is_the_references(text: str, normalised: str) -> None:
    assert WRITTEN.normalise(text).upper() == normalised.upper()


@pytest.mark.parametrize(("typed", "spelling"), GOLDEN["spelled"])
def test_pinyin_is_spelled_as_the_reference_does(typed: str, spelling: str) -> None:
    assert spelled(typed) == spelling


@pytest.mark.parametrize(("text", "apart"), GOLDEN["spaced"])
def test_east_asian_characters_stand_apart_as_in_the_reference(text: str, apart: str) -> None:
    assert spaced(text) == apart


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("今天是2024年5月3日，温度23.5度。", "今天是二零二四年五月三日,温度二十三点五度."),
        ("It costs $5 and takes 10 minutes.", "It costs five dollars and takes ten minutes."),
        ("12:30开会，湿度50%！", "十二点三十分开会,湿度百分之五十!"),
        ("约翰·史密斯·李·王买了3个", "约翰-史密斯-李-王买了三个"),
        ("用F5-TTS说xuan4转2次", "用F五-TTS说XVAN4转二次"),
        ("It's 5 o'clock, isn't it?", "It is five o'clock, isn't it?"),
        ("the unit's 2 doors", "the unit's two doors"),
        ("5", "五"),
        ("小孩儿", "小孩儿"),
    ],
)
def test_numbers_become_words(normaliser: Normaliser, text: str, spoken: str) -> None:
    assert normaliser.normalise(text) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("银<行|xing2>3家", "银XING2三家"),
        ("<行|hang2>", "hang2"),
        ("run <SQL|sequel> 2 times", "run sequel two times"),
        ("<3|III>", "III"),
        ("<行|x> 3", "x 三"),
        ("<SQL|搜寻> is 3", "搜寻 is three"),
        ("<a|b><重|chong2 xin1>3", "bchong2 XIN1三"),
        ("a < 2 | 3 > b", "a < two vertical bar three > b"),
        ("<GPT|gpt-4>", "gpt-4"),
    ],
)
def test_an_annotation_is_said_as_it_says(normaliser: Normaliser, text: str, spoken: str) -> None:
    assert normaliser.normalise(text) == spoken


def test_names_are_kept_from_the_transducers() -> None:
    spaced_out = Normaliser(lambda text, _: re.sub("[·—-]", " ", text), GLOSSARY)
    assert spaced_out.normalise("约翰·史密斯-李—王·好") == "约翰-史密斯-李-王-好"
    assert spaced_out.normalise("好—") == "好 "


def test_the_glossary_leaves_annotations_alone() -> None:
    told = Normaliser(lambda text, _: text, Glossary.of({"w": "x", "a": "y"}, file=""))
    assert told.normalise("<SQL|sequel> w a") == "sequel x y"


def test_a_glossary_may_lack_a_language() -> None:
    told = Normaliser(lambda text, _: text, Glossary.of({"AI": {"zh": "人工智能"}}, file=""))
    assert told.normalise("AI好") == "人工智能好"
    assert told.normalise("AI is") == "AI is"


def test_no_glossary_is_an_empty_one(tmp_path: Path) -> None:
    assert Glossary.load(tmp_path / "glossary.yaml") == Glossary.of({}, file="")


@pytest.mark.parametrize(
    "broken",
    [
        b"[1, 2]",
        b"a: 1",
        b"a: [x]",
        b"1: x",
        b"a: {zh: 1}",
        b"a: {zh",
        b"\xff\xfe\x00",
        b"a:",
        b"'': x",
    ],
)
def test_a_broken_glossary_is_named(tmp_path: Path, broken: bytes) -> None:
    file = tmp_path / "glossary.yaml"
    file.write_bytes(broken)
    with pytest.raises(WeightsCorruptError, match=r"^glossary\.yaml: "):
        Glossary.load(file)


def test_more_than_26_things_are_kept_aside(normaliser: Normaliser) -> None:
    syllables = " ".join(f"ma{number % 5 + 1} <x|{number}>" for number in range(60))
    kept = normaliser.normalise(syllables)
    assert kept == " ".join(f"ma{number % 5 + 1} {number}" for number in range(60))


def test_what_a_transducer_has_no_path_for_is_read_around(transducer: Transducer) -> None:
    assert transducer.read("5€ for 3 km", "en") == "five€ for three kilometers"


def test_a_long_text_is_read_whole_and_in_time(transducer: Transducer) -> None:
    sentence = "It is 5 o'clock. "
    many = 2 * LONGEST // len(sentence)
    assert transducer.read(sentence * many, "en").split() == ["It", "is", "five", "o'clock."] * many
    assert transducer.read("好" * 3 * LONGEST, "zh").replace(" ", "") == "好" * 3 * LONGEST


@given(st.text())
def test_any_text_is_normalised(normaliser: Normaliser, text: str) -> None:
    assert isinstance(normaliser.normalise(text), str)
