"""Text to segments of ids: the whole way, on a vocabulary of our own."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.indextts2.vocabulary import train
from wyoming_indextts.errors import WeightsCorruptError, WeightsMissingError
from wyoming_indextts.indextts2.text import Text
from wyoming_indextts.indextts2.text.tokenizer import Tokenizer


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("vocabulary") / "bpe.model"
    train(file)
    return file


@pytest.fixture(scope="module")
def text(vocabulary: Path) -> Text:
    return Text.load(vocabulary)


@pytest.fixture(scope="module")
def tokenizer(vocabulary: Path) -> Tokenizer:
    return Tokenizer.load(vocabulary)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Hello, world.", "HELLO, WORLD."),
        ("it's 5 o'clock", "IT IS FIVE O'CLOCK"),
        ("今天的温度是23度，湿度50%。", "今 天 的 温 度 是 二 十 三 度 , 湿 度 百 分 之 五 十 ."),
        ("<你|xing2>好 ju4", "XING2 好 JV4"),
        ("世界。World!", "世 界 .WORLD!"),
        ("好", "好"),
    ],
)
def test_a_text_becomes_the_pieces_of_its_words(
    text: Text, tokenizer: Tokenizer, written: str, words: str
) -> None:
    assert text.tokenize(written) == [tokenizer.ids(tokenizer.encode(words))]


def test_a_single_character_is_taken_as_it_stands(text: Text, tokenizer: Tokenizer) -> None:
    assert text.tokenize(" 5\n") == [tokenizer.ids(tokenizer.encode("5"))]
    assert text.tokenize("5 5") == [tokenizer.ids(tokenizer.encode("五 五"))]
    assert text.tokenize("a") != text.tokenize("A")


def test_what_the_vocabulary_lacks_is_the_unknown_piece(tokenizer: Tokenizer) -> None:
    assert tokenizer.ids(tokenizer.encode("☃")) == tokenizer.ids(["▁", "☃"])
    assert tokenizer.ids(["☃"]) == [2]


def test_nothing_is_no_segment(text: Text) -> None:
    assert text.tokenize("") == text.tokenize(" \n\t ") == []


def test_a_text_longer_than_the_models_positions_becomes_many_segments(text: Text) -> None:
    segments = text.tokenize("今天的温度是23度，" * 400)
    assert len(segments) > 20
    assert max(map(len, segments)) <= 120
    segments = text.tokenize("x" * 3000)
    assert sum(map(len, segments)) >= 3000 / 4


def test_a_smaller_model_gets_smaller_segments(vocabulary: Path) -> None:
    small = Text.load(vocabulary, longest=7)
    assert max(map(len, small.tokenize("这是一个很长的句子没有标点符号"))) == 7


def test_the_glossary_beside_the_vocabulary_is_read(tmp_path: Path, text: Text) -> None:
    train(tmp_path / "bpe.model")
    (tmp_path / "glossary.yaml").write_text("NAS: home cloud\n", "utf-8")
    told = Text.load(tmp_path / "bpe.model")
    assert told.tokenize("the nas is on") == text.tokenize("the home cloud is on")


def test_a_missing_vocabulary_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        WeightsMissingError, match=r"^bpe\.model is not there; .*download indextts2"
    ):
        Text.load(tmp_path / "bpe.model")


@pytest.mark.parametrize("keep", [0, 100, -1])
def test_a_truncated_vocabulary_is_named(tmp_path: Path, vocabulary: Path, keep: int) -> None:
    broken = tmp_path / "bpe.model"
    broken.write_bytes(vocabulary.read_bytes()[:keep])
    with pytest.raises(WeightsCorruptError, match=r"^bpe\.model: .*download indextts2"):
        Text.load(broken)


def test_every_id_is_one_of_the_vocabularys(text: Text) -> None:
    assert text.size > 100
    ids = [each for segment in text.tokenize("Hello 你好 ☃ 23") for each in segment]
    assert all(0 <= each < text.size for each in ids)


SURROGATES = st.characters(categories=["Cs"])
NOTATIONS = st.sampled_from(
    (
        "<a|b>",
        "<n_a>",
        "<H>",
        "xing2",
        "约翰·史",
        "F5-TTS",
        "it's",
        "23",
        "$5",
        "50%",
        "12:30",
        ".'",
        "，",
    )
)
ANY_TEXT = st.lists(st.text(max_size=9) | NOTATIONS | SURROGATES, max_size=30).map("".join)


@given(written=ANY_TEXT)
def test_any_text_becomes_segments_of_bounded_length(text: Text, written: str) -> None:
    assert all(1 <= len(segment) <= 120 for segment in text.tokenize(written))
