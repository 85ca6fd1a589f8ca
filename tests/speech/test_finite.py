"""What is a number, of all that JSON can say."""

import json

import pytest

from wyoming_indextts.speech.finite import finite


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1.0),
        ("-0.5", -0.5),
        ("1e3", 1000.0),
        ("1" + 400 * "0", None),
        ("1e999", None),
        ("NaN", None),
        ("-Infinity", None),
        ("true", None),
        ('"1"', None),
        ("null", None),
        ("[1]", None),
    ],
)
def test_a_number_is_one_that_a_float_can_hold(text: str, number: float | None) -> None:
    assert finite(json.loads(text)) == number
