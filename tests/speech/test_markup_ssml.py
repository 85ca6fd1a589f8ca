"""SSML becomes manners, pauses and readings; broken SSML is never read aloud."""

import pytest

from tests.speech.reading import PRESETS, lines, marked_up, spoken
from wyoming_indextts.speech.markup import Markup
from wyoming_indextts.speech.script import PLAIN, Manner, Pause, Span


def ssml(*pieces: str) -> list[Span | Pause]:
    return marked_up(*pieces, ssml=True)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ('<break time="500ms"/>', 0.5),
        ("<break time='1.5s'></break>", 1.5),
        ("<break time=“250ms”/>", 0.25),
        ("<break time=2s/>", 2.0),
        ('<break time="3600s"/>', 10.0),
        ("<break/>", 0.75),
        ('<break time="soon"/>', 0.75),
        ('<break strength="x-weak"/>', 0.25),
        ('<break strength="x-strong"/>', 1.25),
    ],
)
def test_a_break_is_silence(text: str, want: float) -> None:
    assert ssml(f"a{text}b") == [Span("a"), Pause(want), Span("b")]


def test_a_break_of_no_strength_or_length_is_none() -> None:
    assert ssml('a<break strength="none"/><break time="0s"/>b') == [Span("ab")]


@pytest.mark.parametrize(
    ("tag", "want"),
    [
        ('prosody rate="slow"', Manner(rate=0.8)),
        ('prosody rate="x-fast"', Manner(rate=1.6)),
        ('prosody rate="120%"', Manner(rate=1.2)),
        ('prosody rate="1.2"', Manner(rate=1.2)),
        ('prosody rate="+20%"', Manner(rate=1.2)),
        ('prosody rate="-20%"', Manner(rate=0.8)),
        ('prosody rate="99"', Manner(rate=2.0)),
        ('prosody rate="0"', Manner(rate=0.5)),
        ('prosody volume="+6dB"', Manner(volume=6.0)),
        ('prosody volume="-3.5dB"', Manner(volume=-3.5)),
        ('prosody volume="silent"', Manner(volume=-96.0)),
        ('prosody volume="soft" rate="fast"', Manner(volume=-6.0, rate=1.25)),
        ('prosody volume="+99dB"', Manner(volume=12.0)),
        ('emphasis level="strong"', Manner(rate=0.85, volume=3.0)),
        ("emphasis", Manner(rate=0.92, volume=1.5)),
        ('emphasis level="reduced"', Manner(rate=1.08, volume=-2.0)),
        ('express-as style="happy"', Manner(emotion="happy")),
        ('mstts:express-as style="高兴" styledegree="0.5"', Manner(emotion="happy", intensity=0.5)),
        ('express-as style="happy" styledegree="2"', Manner(emotion="happy", intensity=1.0)),
        ('voice name="lan"', Manner(voice="lan")),
    ],
)
def test_an_element_changes_the_manner_of_what_it_holds(tag: str, want: Manner) -> None:
    end = tag.split(maxsplit=1)[0]
    assert ssml(f"a<{tag}>b</{end}>c") == [Span("a"), Span("b", want), Span("c")]


@pytest.mark.parametrize(
    "tag",
    [
        'prosody rate="odd" volume="odd"',
        'prosody pitch="high"',
        'emphasis level="none"',
        'emphasis level="odd"',
        'express-as style="joyful"',
        "express-as",
        "voice",
        'lang xml:lang="zh-CN"',
        "unknown",
        'audio src="x.mp3"',
    ],
)
def test_what_is_not_known_has_no_effect_and_its_text_is_spoken(tag: str) -> None:
    end = tag.split(maxsplit=1)[0]
    assert ssml(f"a<{tag}>b</{end}>c<{tag}/>d") == [Span("abcd")]


def test_elements_inside_one_another_add_up() -> None:
    text = (
        '<prosody rate="1.2"><voice name="lan">a<prosody rate="1.5" volume="loud">b</prosody>'
        "c</voice></prosody>d"
    )
    assert ssml(text) == [
        Span("a", Manner(voice="lan", rate=1.2)),
        Span("b", Manner(voice="lan", rate=1.2 * 1.5, volume=4.0)),
        Span("c", Manner(voice="lan", rate=1.2)),
        Span("d"),
    ]


def test_an_inline_tag_goes_before_ssml() -> None:
    text = '<express-as style="sad">a[happy]b[/]c</express-as>'
    sad, happy = Manner(emotion="sad"), Manner(emotion="happy")
    assert ssml(text) == [Span("a", sad), Span("b", happy), Span("c", sad)]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ('<sub alias="World Wide Web">WWW</sub> x', "World Wide Web x"),
        ('<sub alias="Tom &amp; Jerry">T<b>J</b></sub>', "Tom & Jerry"),
        ('<sub alias="x"/>y', "xy"),
        ("<sub>WWW</sub>", "WWW"),
        ('<audio src="x.mp3"><desc>a bell</desc>Ring!</audio>', "Ring!"),
        ("<metadata>by <sub alias='x'>me</sub><break/></metadata>Hi", "Hi"),
        ("a &lt; b &#38; &#x4f60;", "a < b & 你"),
        ("<!-- no --><![CDATA[a <b> & ]]> c]]<?pi no?><!DOCTYPE speak>", "a & c"),
        ("one\n  two\n", "one two"),
        ("**bold** https://www.example.com/x 😀", "bold example.com"),
    ],
)
def test_what_is_spoken_of_other_elements(text: str, want: str) -> None:
    assert spoken(text, ssml=True) == want


@pytest.mark.parametrize(
    ("asked", "want"),
    [
        ("characters", "characters"),
        ("spell-out", "characters"),
        ("telephone", "telephone"),
        ("date", "date"),
        ("time", "time"),
        ("number", "cardinal"),
        ("cardinal", "cardinal"),
        ("ordinal", "ordinal"),
        ("fraction", None),
    ],
)
def test_say_as_tells_how_to_read(asked: str, want: str | None) -> None:
    (span,) = ssml(f'<say-as interpret-as="{asked}"> 12 </say-as>')
    assert isinstance(span, Span)
    assert (span.text.strip(), span.say_as) == ("12", want)


def test_a_reading_stays_whole_whatever_is_in_it() -> None:
    holds = ["a_b", "*c* &am", "p; https:", "//d", "<![CDATA[]e]]>"]
    (span,) = ssml("<say-as interpret-as='characters'>", *holds, "</say-as>")
    assert span == Span("a_b*c* & https://d]e", say_as="characters")


def test_pinyin_is_the_reading_of_its_text() -> None:
    text = '去<phoneme alphabet="x-pinyin" ph="chong2 qing4">重庆</phoneme>吃'
    assert ssml(text) == [Span("去"), Span("重庆", pinyin=("chong2", "qing4")), Span("吃")]


@pytest.mark.parametrize(
    "attributes",
    ['alphabet="ipa" ph="ʈʂʰʊŋ"', 'alphabet="pinyin" ph="chong"', 'alphabet="pinyin"', 'ph="x1"'],
)
def test_text_without_a_pinyin_reading_is_spoken_as_it_is(attributes: str) -> None:
    assert ssml(f"<phoneme {attributes}>重庆</phoneme>") == [Span("重庆")]


def test_neighbours_with_one_reading_stay_two() -> None:
    ma = '<phoneme alphabet="pinyin" ph="ma1">妈</phoneme>'
    assert ssml(ma + ma) == [Span("妈", pinyin=("ma1",))] * 2


def test_a_reading_that_is_far_too_long_is_text() -> None:
    assert ssml(f"<say-as interpret-as='date'>{'1' * 500}</say-as>") == [Span("1" * 500)]


def test_a_reading_that_is_never_closed_is_not_lost() -> None:
    assert ssml("<say-as interpret-as='date'>2026") == [Span("2026", say_as="date")]


def test_paragraphs_and_sentences_end_sentences() -> None:
    assert lines("<speak><p>one</p><p><s>two</s> <s>three</s></p> four</speak>") == [
        "one",
        "two",
        "three",
        "four",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<speak>a</speak>",
        "  \n<speak version='1.1'>a</speak>",
        "<SPEAK>a</SPEAK>",
        "<?xml version='1.0'?><speak>a</speak>",
        "\ufeff<speak\n>a</speak>",
    ],
)
@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_text_that_begins_with_speak_is_ssml(text: str, size: int) -> None:
    whole = text.replace(">a<", "><break/>a<")
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    assert [item for item in marked_up(*pieces) if item != Span("\n")] == [Pause(0.75), Span("a\n")]


@pytest.mark.parametrize("text", ["<speaker>a<break/>b", "x <speak>a<break/>b", "<b>a<break/>b"])
def test_other_texts_are_not_ssml(text: str) -> None:
    assert not any(isinstance(item, Pause) for item in marked_up(text))


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("<prosody rate='slow'>open", "open"),
        ("</prosody>stray</p></speak>", "stray"),
        ("<prosody rate='slow'>a<emphasis>b</prosody>c</emphasis>d", "abcd"),
        ("a < b and 1 <2", "a < b and 1 <2"),
        ("a & b &amp c", "a & b &amp c"),
        ("one<break time='5", "one"),
        ("one<bre", "one"),
        ("one</pros", "one"),
        ("one <break time='500ms' two words", "one two words"),
        ("<prosody rate='slow' <break/>one", "one"),
        ("<prosody rate='slow>one</prosody>", "one"),
        ("<break time='1s'strength='weak'/>one", "one"),
        ("<break time=500 ms/>one", "one"),
        ("<emphasis level=>one</emphasis >", "one"),
        ("<>one</>", "one"),
        ("<![CDATA[one", "one"),
        ("one <!-- two", "one"),
    ],
)
def test_broken_ssml_is_not_read_and_loses_no_text(text: str, want: str) -> None:
    assert spoken(text, ssml=True) == want


DOCUMENT = (
    '<speak version="1.1" xml:lang="zh-CN">你好，<break time="500ms"/><prosody rate="slow" '
    'volume="+6dB">慢慢<emphasis level="strong">说</emphasis></prosody><say-as interpret-as="date">'
    "12</say-as><!-- 别读 --></speak>"
)


@pytest.mark.parametrize("end", range(len(DOCUMENT)))
def test_a_document_that_breaks_off_anywhere_is_not_read_aloud(end: int) -> None:
    assert "你好，慢慢说12".startswith(spoken(DOCUMENT[:end], ssml=True))


@pytest.mark.parametrize("at", [at for at, char in enumerate(DOCUMENT) if char == ">"])
def test_a_document_without_one_of_its_brackets_keeps_its_text(at: int) -> None:
    said = spoken(DOCUMENT[:at] + DOCUMENT[at + 1 :], ssml=True)
    assert said.startswith("你好，慢慢说12")
    assert not {"speak", "prosody", "break", "rate", "say-as"} & set(said.split())


def test_a_tag_of_a_thousand_characters_is_one_and_a_longer_one_is_dropped_as_it_is_read() -> None:
    assert spoken(f"<b c='{'x' * 980}'>a", ssml=True) == "a"
    assert spoken(f"<b c='y' {'x ' * 600}>a", ssml=True).startswith("x x x")


def test_elements_deeper_than_32_have_no_effect_and_all_of_them_close() -> None:
    deep = "<voice name='a'>" * 40 + "<prosody rate='slow'>b</prosody>" + "</voice>" * 40 + "c"
    assert ssml(deep) == [Span("b", Manner(voice="a")), Span("c", PLAIN)]
    slow = "<prosody rate='slow'>" + "<emphasis level='none'>" * 31
    assert ssml(f"{slow}<prosody rate='fast'>a</prosody>b") == [Span("ab", Manner(rate=0.8))]


def test_text_leaves_before_the_next_tag_is_complete() -> None:
    markup = Markup(PRESETS, ssml=True)
    assert markup.feed("你好。<bre") == [Span("你好。")]
    assert markup.feed("ak/>再") == [Pause(0.75), Span("再")]
