"""What is written for the eye is taken out of plain text; what is for the ear is left."""

import tomllib
from pathlib import Path

import pytest

from tests.speech.reading import PRESETS, marked_up, spoken
from wyoming_indextts.speech.markup import Markup
from wyoming_indextts.speech.script import PLAIN, Manner, Pause, Span

SPOKEN_FORMS = [
    sentence["text"]
    for language in ("en", "zh")
    for sentence in tomllib.loads(
        Path(__file__).with_name(f"spoken_forms_{language}.toml").read_text("utf-8")
    )["sentence"]
]


@pytest.mark.parametrize("text", SPOKEN_FORMS)
def test_what_a_house_says_is_left_as_it_is(text: str) -> None:
    assert marked_up(text) == [Span(text)]


@pytest.mark.parametrize(
    "text",
    [
        "5 * 3 = 15 and 5*3 = 15 and 2**8",
        "-4.5°C to +3°C, 20-25℃, 10~15 min",
        "C# and F#, order #5, #kitchen",
        "a < b, x<y, I <3 you, 5 > 3",
        "AT&T, R&D, salt & pepper",
        "Is it 3:45? 7:45:10!",
        "1. Januar",
        "好的~ 20～25度",
        "half-way",
        "see (the note), 见（下文）",
        "example.com and http and www and ftp",
        "一、二、三",
        "what?! 真的？！",
    ],
)
def test_ordinary_signs_are_left_as_they_are(text: str) -> None:
    assert spoken(text) == text


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("**bold** and __bold__", "bold and bold"),
        ("*it* and _it_ and ***both***", "it and it and both"),
        ("这是**重点**内容", "这是重点内容"),
        ("**5**°C", "5°C"),
        ("~~gone~~ here", "gone here"),
        (r"\*not it\* \_nor\_ this", "*not it* _nor_ this"),
        (r"C:\Users", "C: Users"),
        ("**# bold** is no heading", "# bold is no heading"),
        ("mid--dash---long", "mid—dash—long"),
        ("# Head\n###### 小标题\n", "Head 小标题"),
        ("#5 is not a heading", "#5 is not a heading"),
        ("- milk\n* eggs\n+ bread\n  - rye", "milk eggs bread rye"),
        ("1. milk\n2) eggs", "1. milk 2) eggs"),
        ("- [ ] open\n- [x] done", "open done"),
        ("-5 outside\n- -5 inside", "-5 outside -5 inside"),
        ("> quoted\n>> twice", "quoted twice"),
        ("above\n---\n***\n___\nbelow\n=====\nend", "above below end"),
        ("Say `turn_on` or `light.kitchen_lamp`", "Say turn on or light.kitchen lamp"),
        ("Type `print({x: 1});` now", "Type now"),
        ("Type ``a + b`` now", "Type a + b now"),
        ("A stray ` mark", "A stray mark"),
        ("Look:\n```python\nx = [1]\n```\nDone", "Look: Done"),
        ("Look:\n~~~\n``` x\n~~~\nDone", "Look: Done"),
        ("Inline ```x = 1``` code", "Inline code"),
        ("Never closed:\n```\nx = 1\n", "Never closed:"),
        ("See [the page](https://a.b/c_(d)?e) now", "See the page now"),
        ("[a page](never closed\nnext", "a page next"),
        ("![a cat](cat.png) and ![](x.png)", "a cat and"),
        ("[![alt](img)](https://a.b)", "alt"),
        ("| Room | °C |\n|------|:--:|\n| Bath | -5 |\n", "Room, °C Bath, -5"),
        ("| [a](b) | **c** | https://d.e/f |", "a, c, d.e"),
        ("a|b", "a,b"),
        ("As shown[1], and[^2], and [3, 4] and【5†source】.", "As shown, and, and and."),
        ("snake_case in my_file_name.yaml", "snake case in my file name.yaml"),
        ("__init__", "init"),
    ],
)
def test_markdown_is_not_read(text: str, want: str) -> None:
    assert spoken(text) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("https://example.com", "example.com"),
        ("https://www.example.com/a/b?c=d&e=f#g.", "example.com."),
        ("http://homeassistant.local:8123/lovelace!", "homeassistant.local!"),
        ("https://user:secret@example.com/x", "example.com"),
        ("(www.example.com) or HTTP://EXAMPLE.COM?", "(example.com) or EXAMPLE.COM?"),
        ("<https://example.com/x> ok", "example.com ok"),
        ("请访问https://example.com/a，谢谢", "请访问example.com，谢谢"),
        ("http://[::1]:80/ and http://192.168.1.5/x", "and 192.168.1.5"),
        ("Is it https://example.com? Yes: https://a.b: c", "Is it example.com? Yes: a.b: c"),
    ],
)
def test_of_an_address_the_host_is_read(text: str, want: str) -> None:
    assert spoken(text) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("<b>bold</b> <i class='x'>it</i>", "bold it"),
        ("one<br>two<br/>three<p>four</p>", "one two three four"),
        ("<!-- note > --> text", "text"),
        ("<a href=x.html target=_blank>link</a>", "link"),
        ("Tom &amp; Jerry &#20320;&#x597d; 5&deg;C &copy;", "Tom & Jerry 你好 5°C"),
        ("a &lt; b &unknown; c", "a < b &unknown; c"),
        ("a <b and c", "a b and c"),
        ("unfinished <br", "unfinished"),
        ("unfinished <a href='x", "unfinished"),
    ],
)
def test_html_is_not_read(text: str, want: str) -> None:
    assert spoken(text) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Hello 👋🏽 you", "Hello you"),
        ("家👨‍👩‍👧‍👦好", "家好"),
        ("🇩🇪🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️ ☀️ ⭐ ✅", ""),
        ("1️⃣ one #️⃣ *️⃣ 2⃣ two 3", "one two 3"),
        ("• a ● b → c", "a b c"),
        ("Oh‼ Eh⁉", "Oh! Eh?"),
        ("a\u200bb\ufeffc\u202ed\u00ade", "abcde"),
        ("a\x00b\x1bc\x03d\x7fe", "abcde"),
        ("\ud83d x \udc4b", "x"),
        ("a\u00a0b\u3000c\td", "a b c d"),
    ],
)
def test_characters_that_nobody_can_say_are_dropped(text: str, want: str) -> None:
    assert spoken(text) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("<think>The user wants light. 2 < 3</think>The light is on.", "The light is on."),
        ("<think>\n想一想。\n</think>\n\n灯已经开了。", "灯已经开了。"),
        ("On. <thinking>hm</thinking> Off.", "On. Off."),
        ("a <script>let x = '</b>';</script> b", "a b"),
        ("<think/>Spoken. </think>Spoken too.", "Spoken. Spoken too."),
        ("Done. <think>and it was never ended", "Done."),
    ],
)
def test_what_a_language_model_only_thinks_is_not_spoken(text: str, want: str) -> None:
    assert spoken(text) == want


HAPPY = Manner(emotion="happy")


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("[happy]a", [Span("a", HAPPY)]),
        ("【高兴】a", [Span("a", HAPPY)]),
        ("a[ HAPPY ]b", [Span("a"), Span("b", HAPPY)]),
        ("[happy:0.6]a", [Span("a", Manner(emotion="happy", intensity=0.6))]),
        ("[高兴：60%]a", [Span("a", Manner(emotion="happy", intensity=0.6))]),
        ("[happy 60%]a", [Span("a", Manner(emotion="happy", intensity=0.6))]),
        ("[happy 250%]a", [Span("a", Manner(emotion="happy", intensity=1.0))]),
        ("[happy]a[/happy]b", [Span("a", HAPPY), Span("b")]),
        ("[happy]a[/]b", [Span("a", HAPPY), Span("b")]),
        ("[happy]a[sad]b", [Span("a", HAPPY), Span("b", Manner(emotion="sad"))]),
        ("[happy]a[中性]b", [Span("a", HAPPY), Span("b", Manner(emotion="neutral"))]),
        ("[生动讲解]a", [Span("a", Manner(emotion="lively"))]),
        ("a[pause 500ms]b", [Span("a"), Pause(0.5), Span("b")]),
        ("a[pause: 1.5s]b", [Span("a"), Pause(1.5), Span("b")]),
        ("a[pause]b", [Span("a"), Pause(0.75), Span("b")]),
        ("[pause 99s]", [Pause(10.0)]),
    ],
)
def test_an_inline_tag_changes_what_follows(text: str, want: list[Span | Pause]) -> None:
    assert marked_up(text) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("[joyful] a", "joyful a"),
        ("[happy birthday] a", "happy birthday a"),
        ("[happy:x] a", "happy:x a"),
        ("[/joyful] a", "/joyful a"),
        ("[pause soon] a", "pause soon a"),
        ("【通知】停水", "通知停水"),
        ("foo[bar]baz", "foo bar baz"),
        ("[never closed. " + "word " * 20, "never closed. " + "word " * 19 + "word"),
    ],
)
def test_other_brackets_are_text(text: str, want: str) -> None:
    assert spoken(text) == want
    assert [item.manner for item in marked_up(text) if isinstance(item, Span)] == [PLAIN]


@pytest.mark.parametrize(
    "piece",
    ["你好。", "Hello there. ", "Really?", "Stop!", "好的！", "[happy]Stop!", "**Stop!", "- Go;"],
)
def test_nothing_of_a_certain_sentence_is_held_back(piece: str) -> None:
    items = Markup(PRESETS).feed(piece)
    assert "".join(item.text for item in items if isinstance(item, Span)).endswith(piece[-2:])


@pytest.mark.parametrize(
    ("pieces", "want"),
    [
        (["[hap", "py]", "Hi"], [Span("Hi", HAPPY)]),
        (["【高", "兴】嗨"], [Span("嗨", HAPPY)]),
        (["*", "*bo", "ld*", "*"], [Span("bold")]),
        (["a1", "\ufe0f", "\u20e3b"], [Span("ab")]),
        (["ht", "tp", "s:", "//a", ".b", "/c ok"], [Span("a.b ok")]),
        (["<", "b", ">a</", "b>"], [Span("a")]),
        (["&am", "p;"], [Span("&")]),
        (["`", "``x", "``", "`y"], [Span("y")]),
    ],
)
def test_a_mark_may_arrive_in_pieces(pieces: list[str], want: list[Span | Pause]) -> None:
    assert marked_up(*pieces) == want


def test_a_sign_that_is_never_closed_holds_little_back_for_a_while() -> None:
    markup = Markup(PRESETS)
    assert markup.feed("a <b c='") == [Span("a ")]
    assert markup.feed("word " * 150) == []
    assert markup.feed("word " * 100) != []


def test_a_text_of_nothing_but_marks_has_no_spans() -> None:
    assert marked_up("") == marked_up("**") == marked_up("<b></b>[happy]") == []


def test_plain_text_has_no_manner() -> None:
    assert marked_up("Hello") == [Span("Hello", PLAIN)]
