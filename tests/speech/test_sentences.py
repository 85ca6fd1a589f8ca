"""Sentences leave as soon as they are certain, and are the same however the text arrives."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.speech.reading import lines
from wyoming_indextts.speech.script import Manner, Pause, Sentence, Span
from wyoming_indextts.speech.sentences import LONGEST, Sentences

HAPPY = Manner(emotion="happy")


def cut(*items: str | Span | Pause) -> list[Sentence | Pause]:
    sentences = Sentences()
    made = [
        sentence
        for item in items
        for sentence in sentences.feed(Span(item) if isinstance(item, str) else item)
    ]
    return made + sentences.flush()


def texts(*items: str | Span | Pause) -> list[str | float]:
    return [item.seconds if isinstance(item, Pause) else item.text for item in cut(*items)]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("你好。今天好吗？好！是；不", ["你好。", "今天好吗？", "好！", "是；", "不"]),
        ("Hello there. How? Fine! Yes; no", ["Hello there.", "How?", "Fine!", "Yes;", "no"]),
        ("one\ntwo\n\n three", ["one", "two", "three"]),
        ("温度23.5℃。湿度45%", ["温度23.5℃。", "湿度45%"]),
        ("你好.今天", ["你好.", "今天"]),
        ("打开Kitchen light.好的", ["打开Kitchen light.好的"]),
        ("Home Assistant已启动。It is 5. Good", ["Home Assistant已启动。", "It is 5.", "Good"]),
    ],
)
def test_marks_that_end_a_sentence(text: str, want: list[str]) -> None:
    assert texts(text) == want


@pytest.mark.parametrize(
    "text",
    [
        "Pi is 3.14 or so",
        "Version 2026.11.0 is out",
        "See example.com or a.b.c now",
        "192.168.1.10 is offline",
        "Dr. Smith, Mrs. Jones vs. Mr. X",
        "At St. Paul's, approx. 5 km",
        "Near, i.e. here, e.g. there",
        "At 7:45 a.m. the alarm rings",
        "It is 8 p.m. now",
        "No. 5 is alive",
        "Milk, eggs, etc. are there",
        "Milk etc., too",
        "J. R. R. Tolkien of the U.S. Army",
        "Wait... what",
        "嗯……好的",
        "Well… maybe",
        "1. Open the door",
        "He said 'no.'-ish things",
    ],
)
def test_a_stop_that_ends_nothing(text: str) -> None:
    assert texts(text) == [text]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("It is 8 a.m. The alarm", ["It is 8 a.m.", "The alarm"]),
        ("Milk etc. 你好", ["Milk etc.", "你好"]),
        ("No. I won't", ["No.", "I won't"]),
        ("No.  5 is here", ["No. 5 is here"]),
        ("Wait... What", ["Wait...", "What"]),
        ("嗯…… 好的", ["嗯……", "好的"]),
        ("It is 25°C. Or 77F. Then", ["It is 25°C.", "Or 77F.", "Then"]),
        ("So do I. You", ["So do I.", "You"]),
        ('He said "Hi." She left', ['He said "Hi."', "She left"]),
        ("(He left.) She", ["(He left.)", "She"]),
        ("He said “Hi.”  She", ["He said “Hi.”", "She"]),
    ],
)
def test_a_stop_that_ends_a_sentence(text: str, want: list[str]) -> None:
    assert texts(text) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("真的？！！好", ["真的？", "好"]),
        ("Stop!!! Now", ["Stop!", "Now"]),
        ("“你好。”他说", ["“你好。", "他说"]),
        ('"Really?" she "asked"', ['"Really?', 'she "asked"']),
        ('Yes! "No!" ok', ["Yes!", '"No!', "ok"]),
        ("（好。）再见", ["（好。", "再见"]),
        ("好。，是", ["好。", "是"]),
        ("热！ -5度", ["热！", "-5度"]),
        ("Hello ! ok", ["Hello!", "ok"]),
    ],
)
def test_what_is_left_of_a_sentence_does_not_begin_the_next(text: str, want: list[str]) -> None:
    assert texts(text) == want


@pytest.mark.parametrize("text", ["", " ", "...", "!?", "。。。", "“”", "- — ,", "\n\n", "()*/"])
def test_a_text_without_anything_to_say_has_no_sentences(text: str) -> None:
    assert texts(text) == []


@pytest.mark.parametrize("text", ["5", "%", "€", "°", "好", "é", "т"])
def test_a_letter_digit_or_readable_sign_is_enough_to_say(text: str) -> None:
    assert texts(text) == [text]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        (
            "今天是个大晴天呢，最高二十五度，真好。明天会下很大的雨，请带伞。",
            ["今天是个大晴天呢，", "最高二十五度，真好。", "明天会下很大的雨，请带伞。"],
        ),
        (
            "Well, the weather is really quite nice, so we went out, too. And so did they, all of",
            [
                "Well, the weather is really quite nice,",
                "so we went out, too.",
                "And so did they, all of",
            ],
        ),
        (
            "Here is everything that I found: nothing",
            ["Here is everything that I found:", "nothing"],
        ),
        ("Here is everything that I found:nothing", ["Here is everything that I found:nothing"]),
        ("今天客厅的用电量是1，234度", ["今天客厅的用电量是1，234度"]),
        (
            "The solar panels produced some 1,234 kWh by 7:45 today",
            ["The solar panels produced some 1,234 kWh by 7:45 today"],
        ),
        ("他慢慢地走到门口——然后", ["他慢慢地走到门口—", "然后"]),
        ("你好，今天天气真的非常好", ["你好，今天天气真的非常好"]),
    ],
)
def test_the_first_sentence_may_leave_by_its_first_long_clause(text: str, want: list[str]) -> None:
    assert texts(text) == want


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("你好。", "今天"),
        ("Hello there. ", "How"),
        ("Really?", " Yes"),
        ("Stop!", " Now"),
        ("今天天气非常的好，", "我们"),
        ("今天真是个大晴天：", "我们"),
        ("The weather is really nice today, so ", "we"),
        ("one\n", "two"),
    ],
)
def test_the_first_sentence_leaves_before_any_of_the_second_has_come(
    first: str, second: str
) -> None:
    sentences = Sentences()
    assert len(sentences.feed(Span(first))) == 1
    assert sentences.feed(Span(second)) == []


def test_a_change_of_manner_ends_the_sentence() -> None:
    assert cut("你好", Span("嗨", HAPPY), Span("!嗨", HAPPY), "再见") == [
        Sentence((Span("你好"),)),
        Sentence((Span("嗨!", HAPPY),)),
        Sentence((Span("嗨", HAPPY),)),
        Sentence((Span("再见"),)),
    ]


def test_a_pause_ends_the_sentence_and_stays_in_its_place() -> None:
    assert texts("One ", Pause(0.5), " two.", Pause(1.0), Pause(1.0)) == [
        "One",
        0.5,
        "two.",
        1.0,
        1.0,
    ]


def test_a_quote_after_a_change_of_manner_opens() -> None:
    assert texts("Yes!", Span('"No"', HAPPY)) == ["Yes!", '"No"']


def test_spans_with_readings_stay_whole_inside_the_sentence() -> None:
    date = Span("1.2. 2026。", say_as="date")
    city = Span("重庆", pinyin=("chong2", "qing4"))
    assert cut("On ", date, " in ", city, city, "好。") == [
        Sentence((Span("On "), date, Span(" in "), city, city, Span("好。")))
    ]


def test_a_span_with_a_reading_decides_about_the_stop_before_it() -> None:
    assert texts("No. ", Span("5", say_as="cardinal")) == ["No. 5"]
    assert texts("No. ", Span("重庆", pinyin=("chong2", "qing4"))) == ["No.", "重庆"]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        (
            "x" * 150 + ", " + "y" * 40 + " " + "z" * 40,
            ["x" * 150 + ",", "y" * 40 + " " + "z" * 40],
        ),
        ("汉" * 100 + "、" + "字" * 150, ["汉" * 100 + "、", "字" * 150]),
        ("x" * 150 + " " + "y" * 100, ["x" * 150, "y" * 100]),
        ("汉" * 150 + " " + "字" * 100, ["汉" * 150, "字" * 100]),
        ("汉" * 195 + "1,234.5 kWh", ["汉" * 195, "1,234.5 kWh"]),
        ("汉" * 197 + "1,234.5", ["汉" * 197, "1,234.5"]),
        ("x" * 450, ["x" * 200, "x" * 200, "x" * 50]),
        ("汉" * 450, ["汉" * 200, "汉" * 200, "汉" * 50]),
        ("x" * 199 + ".", ["x" * 199 + "."]),
    ],
)
def test_a_sentence_that_is_too_long_is_cut_at_the_best_place(text: str, want: list[str]) -> None:
    assert texts("Hi. ", text)[1:] == want


def test_a_long_sentence_is_never_cut_inside_a_reading() -> None:
    number = Span("1" * 90, say_as="characters")
    assert texts("Hi. ", number, number, number) == ["Hi.", "1" * 180, "1" * 90]
    giant = Span("1" * 500, say_as="characters")
    assert texts("Hi. ", giant, "汉") == ["Hi.", "1" * 500, "汉"]


@pytest.mark.parametrize(
    ("pieces", "want"),
    [
        (
            ["The", " temperature", " is", " 23", ".", "5", "°C", ".", " The", " time", " is"],
            ["The temperature is 23.5°C.", "The time is"],
        ),
        (
            ["It", "'s", " 7", ":", "45", " a", ".m", ".", " and", " Dr", ".", " Smith", " is in."],
            ["It's 7:45 a.m. and Dr. Smith is in."],
        ),
        (["Hel", "lo the", "re", ".", " ", " ", "Bye", "."], ["Hello there.", "Bye."]),
        (["客厅", "23", ".", "5", "℃", "。", "卧", "室", "e", ".", "g", ". 20℃"],
         ["客厅23.5℃。", "卧室e.g. 20℃"]),
        (["Version ", "2026", ".", "11", ".", "0", " is out", ".", " Update", "?"],
         ["Version 2026.11.0 is out.", "Update?"]),
    ],
)  # fmt: skip
def test_the_tokens_of_a_language_model_are_put_together(
    pieces: list[str], want: list[str]
) -> None:
    assert lines(*pieces) == want


FRAGMENTS = st.sampled_from(
    [
        *"。！？；!?;\n，,:：—、.…\"'”“」（）() -5a汉%",
        *(
            "...",
            "……",
            ". ",
            ", ",
            "Dr. ",
            "a.m. ",
            "No. ",
            "U.S. ",
            "e.g.",
            "3.14",
            "1,234",
            "7:45",
        ),
        *("Hello there", "你好", "今天天气很好", "x" * 70, "汉" * 60, "long word " * 9, "etc. "),
    ]
)
SPANS = st.one_of(
    FRAGMENTS.map(Span),
    st.text(st.characters(exclude_categories=["C", "Z"]), max_size=12).map(Span),
    st.builds(Span, FRAGMENTS, st.just(HAPPY)),
    st.just(Span("重庆", pinyin=("chong2", "qing4"))),
    st.just(Span("1.2. 2026。", say_as="date")),
    st.builds(Pause, st.just(0.5)),
)


@given(st.lists(SPANS, max_size=25), st.lists(st.floats(0, 1), max_size=3))
def test_however_the_spans_are_cut_the_sentences_are_the_same(
    items: list[Span | Pause], places: list[float]
) -> None:
    pieces: list[Span | Pause] = []
    for item in items:
        if isinstance(item, Pause) or item.pinyin or item.say_as:
            pieces.append(item)
            continue
        at = [0, *sorted(int(place * len(item.text)) for place in places), len(item.text)]
        pieces += [Span(item.text[a:b], item.manner) for a, b in itertools.pairwise(at)]
    assert cut(*pieces) == cut(*items)


@given(st.lists(SPANS, max_size=25))
def test_every_sentence_can_be_said_and_none_is_too_long(items: list[Span | Pause]) -> None:
    for sentence in cut(*items):
        if isinstance(sentence, Sentence):
            assert sentence.text == sentence.text.strip()
            assert len({span.manner for span in sentence.spans}) == 1
            assert len(sentence.text) <= LONGEST


@given(st.lists(FRAGMENTS, max_size=25).map("".join))
def test_no_letter_is_lost(text: str) -> None:
    kept = "".join(sentence.text for sentence in cut(text) if isinstance(sentence, Sentence))
    assert [c for c in kept if c.isalnum()] == [c for c in text if c.isalnum()]
