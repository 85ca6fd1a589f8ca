"""English: Kokoro's symbols, and an A that is a letter."""

import pytest

from wyoming_indextts.kokoro.english import English


@pytest.fixture(scope="module")
def english() -> English:
    return English()


@pytest.mark.parametrize("text", ["A C", "seven A M", "T V A"])
def test_a_spelled_a_is_the_letters_name(english: English, text: str) -> None:
    assert "ˈA" in english.symbols(text)


@pytest.mark.parametrize("text", ["A light is on.", "it is a lamp"])
def test_the_article_is_not_spelled(english: English, text: str) -> None:
    assert "ˈA" not in english.symbols(text).split()[0]


def test_text_without_words_has_no_symbols(english: English) -> None:
    assert english.symbols("") == ""


@pytest.mark.parametrize("digits", ["1" + 18 * "0", "1" + 6 * ",000", "9" * 40])
@pytest.mark.parametrize("around", ["{}", "-{}", "{}th", "${}.50", "{}.5", "{}'s"])
def test_a_number_without_a_name_is_read_digit_by_digit(
    english: English, digits: str, around: str
) -> None:
    words = english.symbols(around.format(digits)).split()
    digit = english.symbols(digits[-1])
    assert sum(digit in word for word in words) >= digits.count(digits[-1]) - 1
