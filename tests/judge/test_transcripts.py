"""The judge counts wrong words, and only those."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.judge.numerals import chinese, english
from tests.judge.recogniser import Language, simplified
from tests.judge.transcripts import error_rate

SAME: list[tuple[Language, str, str]] = [
    ("en", "It is twenty-one point five degrees Celsius.", "It is 21.5°C"),
    ("en", "It is twenty-one degrees.", "it is 21 degrees"),
    ("en", "minus four point five degrees", "-4.5 degrees."),
    ("en", "twenty to twenty-five degrees Celsius", "20-25 °C"),
    ("en", "it's seven forty-five", "It's 7:45"),
    ("en", "it's nine thirty", "It's 9.30."),
    ("en", "the alarm is set for seven o'clock", "The alarm is set for 7:00."),
    ("en", "Alarm set for six thirty A M tomorrow.", "Alarm set for 6:30 a.m. tomorrow."),
    ("en", "at seven oh five", "at 7:05"),
    ("en", "Room one oh one, call nine one one!", "Room 101, call 911"),
    ("en", "five five five, one two three four", "555-1234"),
    ("en", "one thousand two hundred thirty-four", "1,234"),
    ("en", "twelve hundred", "1200"),
    ("en", "one hundred and five", "105"),
    ("en", "November twenty-third, twenty twenty-six", "November 23rd, 2026"),
    ("en", "version two point one point one", "version 2.1.1"),
    ("en", "fifty percent", "50%"),
    ("en", "the Wi-Fi is up", "the wifi is up"),
    ("en", "the U S B hub", "the USB hub"),
    ("zh", "客厅温度是二十三点五摄氏度。", "客厅温度是23.5℃"),
    ("zh", "零下四点五度", "-4.5度"),
    ("zh", "七点四十五分", "7:45"),
    ("zh", "七点四十五分", "7.45分"),
    ("zh", "六点半", "6:30"),
    ("zh", "七点", "7:00"),
    ("zh", "八点零五分", "8:05"),
    ("zh", "百分之五十", "50%"),
    ("zh", "两个灯", "2个灯"),
    ("zh", "二号门", "2号门"),
    ("zh", "拨打幺幺九", "拨打119"),
    ("zh", "二零二六年十一月二十三日", "2026年11月23日"),
    ("zh", "一万零四百三十二步", "10432步"),
    ("zh", "一千零一十三百帕", "1013百帕"),
    ("zh", "打开Living Room的灯", "打开 living room 的燈"),
    ("zh", "把灯关掉", "吧等关调"),
]

EDITED: list[tuple[Language, str, str, float]] = [
    ("en", "the light is on", "the light is off", 1 / 4),
    ("en", "the light is on", "the light on", 1 / 4),
    ("en", "the light is on", "the light is not on", 1 / 4),
    ("en", "it's seven forty-five", "It's 7:40", 1 / 4),
    ("en", "twenty-one degrees", "22 degrees", 1 / 3),
    ("en", "minus four degrees", "4 degrees", 1 / 3),
    ("en", "yes", "no and no and no", 1.0),
    ("en", "the light is on", "", 1.0),
    ("zh", "把灯打开", "把门打开", 1 / 4),
    ("zh", "零下四度", "4度", 2 / 4),
    ("zh", "二十三点五度", "25度", 2 / 6),
    ("zh", "把灯打开", "", 1.0),
]


@pytest.mark.parametrize(("language", "expected", "heard"), SAME)
def test_another_way_to_write_it_is_no_error(language: Language, expected: str, heard: str) -> None:
    assert error_rate(expected, heard, language) == 0


@pytest.mark.parametrize(("language", "expected", "heard", "errors"), EDITED)
def test_every_wrong_word_counts(
    language: Language, expected: str, heard: str, errors: float
) -> None:
    assert error_rate(expected, heard, language) == pytest.approx(errors)


@pytest.mark.parametrize("expected", ["21 degrees", "", "..."])
def test_what_should_be_said_is_given_in_words(expected: str) -> None:
    with pytest.raises(ValueError, match=r"words|nothing"):
        error_rate(expected, "21 degrees", "en")


def test_traditional_characters_are_read_as_simplified_ones() -> None:
    assert simplified("銀行的燈還開著") == "银行的灯还开着"


WORDS = st.lists(
    st.sampled_from(["the", "light", "door", "is", "on", "off"]), min_size=1, max_size=12
)


@given(WORDS, WORDS)
def test_error_is_none_for_the_same_words_and_never_over_one(
    said: list[str], heard: list[str]
) -> None:
    assert error_rate(" ".join(said), " ".join(said), "en") == 0
    errors = error_rate(" ".join(said), " ".join(heard), "en")
    assert (errors == 0) == (said == heard)
    assert errors <= 1


@given(WORDS, st.data())
def test_one_lost_word_is_one_error(said: list[str], data: st.DataObject) -> None:
    lost = data.draw(st.integers(0, len(said) - 1))
    heard = said[:lost] + said[lost + 1 :]
    assert error_rate(" ".join(said), " ".join(heard), "en") == pytest.approx(1 / len(said))


NUMBERS = st.integers(0, 999_999)


@given(NUMBERS, NUMBERS)
def test_no_reading_belongs_to_two_numbers(one: int, other: int) -> None:
    for readings in (english, chinese):
        assert readings(str(one))
        assert one == other or not readings(str(one)) & readings(str(other))
