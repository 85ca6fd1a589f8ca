"""Segments: cut as the reference cuts, no piece lost, none said twice, none too long."""

import json
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_indextts.indextts2.text.segments import cut

GOLDEN: Final = Path(__file__).parents[1] / "golden" / "text.json"


def test_pieces_drawn_at_random_are_cut_as_the_reference_cuts_them() -> None:
    cuts = json.loads(GOLDEN.read_text("utf-8"))["cuts"]
    assert len(cuts) > 100
    for each in cuts:
        segments = cut(each["pieces"].split(), longest=each["longest"])
        assert [len(segment) for segment in segments] == each["lengths"], each


@pytest.mark.parametrize(
    ("pieces", "longest", "segments"),
    [
        ("a b c . d e f .", 4, ["abc.", "def."]),
        ("a b c . d e f .", 8, ["abc.def."]),
        ("a . b c d e", 4, ["a.bc", "de"]),
        ("a , b c d e", 4, ["a,", "bcde"]),
        ("a b - c d e", 4, ["ab-", "cde"]),
        ("a b c d e f g", 4, ["abcd", "efg"]),
        ("a b c d e f g h i j k l m", 4, ["abcd", "e", "fghi", "jklm"]),
    ],
)
def test_examples(pieces: str, longest: int, segments: list[str]) -> None:
    assert ["".join(segment) for segment in cut(pieces.split(), longest=longest)] == segments


def test_a_quote_belongs_to_the_stop_before_it_and_is_said_once() -> None:
    assert cut(list("abc.'def."), longest=5) == [list("abc.'"), list("def.")]
    assert cut(list("abc,'def."), longest=5) == [list("abc,"), list("'def.")]


def test_a_quote_without_room_begins_the_next_segment() -> None:
    assert cut(list("abc.'def"), longest=4) == [list("abc."), list("'def")]


PIECES = st.lists(
    st.sampled_from(("a", "▁b", "你", ",", "▁,", "-", ".", "▁.", "?", "▁...", "'", "▁'"))
)


@given(pieces=PIECES, longest=st.integers(1, 9))
def test_no_piece_is_lost_and_no_segment_is_too_long(pieces: list[str], longest: int) -> None:
    segments = cut(pieces, longest=longest)
    assert [piece for segment in segments for piece in segment] == pieces
    assert all(1 <= len(segment) <= longest for segment in segments)
