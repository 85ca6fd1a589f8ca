"""However a text is cut on its way in, what comes out is the same."""

import itertools

from hypothesis import example, given
from hypothesis import strategies as st

from tests.speech.reading import marked_up, sentences, spoken

FRAGMENTS = st.sampled_from(
    [
        *'<>&;[]【】()!?。！，,.…"“”*_~`|#-+=:\\/ \n\raZ5你',
        *("<speak>", "</speak>", "<?xml ?>", "<break time='500ms'/>", "<p>", "</p>", "<br>", "<b "),
        *('<prosody rate="slow" volume="+6dB">', "</prosody>", "<emphasis>", "</emphasis>", "</"),
        *("<express-as style='happy' styledegree='0.5'>", "</express-as>", "<voice name='lan'>"),
        *("<say-as interpret-as='date'>", "</say-as>", "<sub alias='x y'>", "</sub>", "a='b' "),
        *("<phoneme alphabet='pinyin' ph='ma1'>", "</phoneme>", "<desc>", "</desc>", "x" * 110),
        *("<think>", "</think>", "<think", "</scr", "</script>"),
        *("<!--", "-->", "<![CDATA[", "]]>", "&amp;", "&#20320;", "&#x1F600;", "&lt;", "<b c='"),
        *(
            "[happy]",
            "[/happy]",
            "[高兴:0.5]",
            "【悲伤】",
            "[pause 1s]",
            "[1]",
            "[x](http://a.b/c)",
        ),
        *("http://u:p@www.ex.com:80/a.b?c=d", "https://", "www.", "ht", "![", "](", "```", "~~~"),
        *(
            "\n- ",
            "\n1. ",
            "\n# ",
            "\n> ",
            "\n---\n",
            "\n| a | b |\n",
            "|---|",
            "- [x] ",
            "**",
            "__",
        ),
        *("👨‍👩‍👧", "1\ufe0f\u20e3", "\ufe0f", "\u20e3", "\ud83d", "\u200b", "\x03", "🇩🇪"),
        *(
            "3.14",
            "1,234",
            "7:45",
            "-4.5°C",
            "Dr. ",
            "a.m. ",
            "No. ",
            "U.S. ",
            ". ",
            "...",
            "snake_case",
        ),
        *("Hello there", "今天天气很好", "y " * 120, "word " * 210, "汉" * 70),
    ]
)
PLACES = st.lists(st.floats(0, 1), max_size=4)
TEXTS = st.lists(FRAGMENTS, max_size=20).map("".join)


@given(TEXTS, st.booleans(), PLACES)
@example(text="a <b c='" + "word " * 300 + "'>d", ssml=True, places=[0.5])
@example(text="<!--" + "-" * 1200 + "-->", ssml=False, places=[0.5])
@example(text="*" * 1500 + "a", ssml=False, places=[0.5])
def test_the_cut_does_not_matter(text: str, ssml: bool, places: list[float]) -> None:  # noqa: FBT001 - hypothesis gives it
    at = [0, *sorted(int(place * len(text)) for place in places), len(text)]
    few = [text[a:b] for a, b in itertools.pairwise(at)]
    assert marked_up(*few, ssml=ssml) == marked_up(text, ssml=ssml)
    assert marked_up(*text, ssml=ssml) == marked_up(text, ssml=ssml)
    assert sentences(*few, ssml=ssml) == sentences(text, ssml=ssml)
    assert sentences(*text, ssml=ssml) == sentences(text, ssml=ssml)


@given(st.text(max_size=60), st.booleans())
def test_the_cut_does_not_matter_for_any_characters(text: str, ssml: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    assert sentences(*text, ssml=ssml) == sentences(text, ssml=ssml)


@given(st.text("aeiou你好。！？，0123 '", max_size=60))
def test_plain_text_comes_out_as_it_went_in(text: str) -> None:
    assert spoken(text) == " ".join(text.split())
