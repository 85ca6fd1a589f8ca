"""A speaker is silent longer after a sentence than after a comma."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_indextts.speech.pauses import CLOSING, SECONDS, pause_after


def test_the_longer_the_break_the_longer_the_silence() -> None:
    texts = ["你好", "你好、", "你好，", "你好；", "你好。", "你好……", "你好。\n"]
    pauses = [pause_after(text) for text in texts]
    assert pauses == sorted(set(pauses))
    assert pauses[0] == 0.0


@pytest.mark.parametrize(("chinese", "english"), ["，,", "。.", "！!", "？?", "；;", "：:"])
def test_both_languages_pause_alike(chinese: str, english: str) -> None:
    assert pause_after(f"好{chinese}") == pause_after(f"well{english}") > 0.0


def test_three_dots_are_an_ellipsis() -> None:
    assert pause_after("well...") == pause_after("嗯……") == SECONDS["…"]


def test_a_quote_or_bracket_after_the_mark_changes_nothing() -> None:
    assert pause_after("他说：“走吧。”") == pause_after("走吧。")
    assert pause_after('He said "Go."  ') == pause_after("Go.")


@given(st.text(), st.sampled_from(sorted(SECONDS)), st.text(CLOSING))
def test_only_the_last_mark_counts(before: str, mark: str, after: str) -> None:
    assert pause_after(f"{before}a{mark}{after}") == SECONDS[mark]


@given(st.text())
def test_any_text_has_a_pause_of_less_than_a_second(text: str) -> None:
    assert 0.0 <= pause_after(text) < 1.0
