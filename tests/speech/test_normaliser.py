"""Sentences become phrases: spans keep their readings, and nothing unspeakable gets through."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from wyoming_indextts.speech.lexicon import Lexicon
from wyoming_indextts.speech.normalise import Normaliser, unspeakable
from wyoming_indextts.speech.script import Phrase, SayAs, Sentence, Span

NORMALISER = Normaliser(Lexicon({}))


def phrases(*spans: Span, normaliser: Normaliser = NORMALISER) -> tuple[Phrase, ...]:
    return normaliser.normalise(Sentence(spans))


def test_plain_spans_are_read_as_one_text() -> None:
    assert phrases(Span("It is 2"), Span("0-2"), Span("5 °C.")) == (
        Phrase("It is twenty to twenty-five degrees Celsius."),
    )


def test_a_span_with_pinyin_is_left_alone_between_its_neighbours() -> None:
    chongqing = Span("重庆", pinyin=("chong2", "qing4"))
    assert phrases(Span("今天"), chongqing, Span("，23℃。")) == (
        Phrase("今天"),
        Phrase("重庆", ("chong2", "qing4")),
        Phrase("，二十三摄氏度。"),
    )


@pytest.mark.parametrize("text", ["", " ", "?!", "。…", "😀", "\x00\u200b\ud800", "Привет"])
def test_a_sentence_without_anything_to_say_has_no_phrases(text: str) -> None:
    assert phrases(Span(text)) == ()


def test_what_no_engine_speaks_is_left_out_and_the_rest_is_said() -> None:
    text = "Hello, Привет 😀 wor\u200bld \ud800 5 カタカナ!"
    assert phrases(Span(text)) == (Phrase("Hello, world five!"),)


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ("Good morning, 早上好！23.5℃ café 😀 \ud800", ()),
        ("Привет мир, مرحبا", ("Arabic", "Cyrillic")),
        ("ひらがな カタカナ 한국어", ("Hangul", "Hiragana", "Katakana")),
    ],
)
def test_scripts_that_are_left_out_are_named(text: str, scripts: tuple[str, ...]) -> None:
    assert unspeakable(text) == scripts


@pytest.mark.parametrize(
    ("say_as", "text", "spoken"),
    [
        ("characters", "ab-12", "A B dash one two"),
        ("telephone", "110", "one one zero"),
        ("telephone", "+1 (415) 555", "plus one, four one five, five five five"),
        ("date", "11/8", "November eighth"),
        ("date", "20261108", "November eighth, twenty twenty-six"),
        ("date", "tomorrow", "tomorrow"),
        ("time", "7:45", "seven forty-five"),
        ("cardinal", "2026", "two thousand twenty-six"),
        ("cardinal", "-1,234", "minus one thousand two hundred thirty-four"),
        ("ordinal", "21", "twenty-first"),
        ("ordinal", "x", "x"),
    ],
)
def test_say_as_decides_how_an_english_span_is_read(say_as: SayAs, text: str, spoken: str) -> None:
    assert phrases(Span("Say "), Span(text, say_as=say_as), Span(" now.")) == (
        Phrase(f"Say {spoken} now."),
    )


@pytest.mark.parametrize(
    ("say_as", "text", "spoken"),
    [
        ("characters", "B12", "B 一二"),
        ("telephone", "110", "幺幺零"),
        ("date", "2026-11-08", "二零二六年十一月八日"),
        ("time", "2:05", "两点零五分"),
        ("cardinal", "-2026", "负两千零二十六"),
        ("ordinal", "2", "第二"),
    ],
)
def test_say_as_decides_how_a_chinese_span_is_read(say_as: SayAs, text: str, spoken: str) -> None:
    assert phrases(Span("请念"), Span(text, say_as=say_as), Span("吧。")) == (
        Phrase(f"请念{spoken}吧。"),
    )


def test_several_threads_may_read_at_once() -> None:
    texts = [f"客厅{degrees}.5℃，湿度{degrees}%。" for degrees in range(11, 99)]
    alone = [phrases(Span(text)) for text in texts]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda text: phrases(Span(text)), texts)) == alone


def test_the_lexicon_goes_before_everything_else() -> None:
    lexicon = Lexicon.parse(
        """
        Xiaomi = { zh = "小米", en = "shao mee" }
        B2 = "basement two"
        "重庆" = { pinyin = "chong2 qing4" }
        """,
        "lexicon.toml",
    )
    own = Normaliser(lexicon)
    assert phrases(Span("Xiaomi in B2: 5%"), normaliser=own) == (
        Phrase("shao mee in basement two: five percent"),
    )
    assert phrases(Span("Xiaomi在重庆5个"), normaliser=own) == (
        Phrase("小米在"),
        Phrase("重庆", ("chong2", "qing4")),
        Phrase("五个"),
    )
