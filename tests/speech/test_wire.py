"""What two servers tell each other: nothing is lost in it, and nothing in it is believed."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.house import PRESETS, voices
from wyoming_indextts.errors import BadDataError, TooLargeError
from wyoming_indextts.speech.emotion import Emotion, Prosody, emotion
from wyoming_indextts.speech.engine import Style
from wyoming_indextts.speech.script import Phrase
from wyoming_indextts.speech.wire import (
    House,
    Order,
    decoded,
    encoded,
    house_fields,
    house_of,
    order_fields,
    order_of,
    text_of,
)

HOUSE = House("1.2", 22_050, tuple(voices()), tuple(PRESETS), "alice", ("this", "that"))

ORDER = Order(1, (Phrase("你好"), Phrase("重", ("chong2",))), Style("lan"), 0.1)


def sent(kind: str, fields: dict[str, object]) -> dict[str, object]:
    """Return the fields as the other side gets them."""
    told, arrived = decoded(encoded(kind, **fields))
    assert told == kind
    return arrived


FACTORS = st.floats(0.5, 2.0)

FEELINGS = st.builds(
    lambda weights, intensity: emotion(tuple(weights), intensity=intensity),
    st.lists(st.floats(0.0, 1.0), min_size=8, max_size=8),
    st.floats(0.0, 1.0),
)

STYLES = st.builds(
    Style,
    st.just("lan"),
    st.builds(
        lambda feeling, prosody, from_text: Emotion(feeling.weights, prosody, from_text),
        FEELINGS,
        st.none()
        | st.builds(
            Prosody, FACTORS, FACTORS, st.floats(0.0, 3.0), st.floats(-2, 2), st.floats(-20, 10)
        ),
        st.none() | st.floats(0.0, 1.0),
    ),
    speed=st.floats(0.1, 8.0),
    pause=st.floats(0.0, 5.0),
    gain=st.floats(-96.0, 20.0),
)

PHRASES = st.lists(
    st.builds(Phrase, st.text(max_size=20), st.lists(st.text(max_size=6), max_size=3).map(tuple)),
    max_size=4,
).map(tuple)


@settings(max_examples=50)
@given(PHRASES, STYLES, st.floats(-1e6, 1e6))
def test_an_order_arrives_exactly_as_it_was(
    phrases: tuple[Phrase, ...], style: Style, due: float
) -> None:
    order = Order(7, phrases, style, due)
    assert order_of(sent("speak", order_fields(order)), 1000) == order


def test_a_house_arrives_exactly_as_it_was() -> None:
    assert house_of(sent("house", house_fields(HOUSE))) == HOUSE


def test_what_a_later_house_tells_besides_is_passed_over() -> None:
    later = sent("house", {**house_fields(HOUSE), "kitchen": True})
    assert house_of(later) == HOUSE


def changed(fields: dict[str, object], path: str, value: object) -> dict[str, object]:
    """Return a copy with one value in it that is another one; ... takes it away."""
    copy: Any = json.loads(json.dumps(fields))
    *places, last = path.split(".")
    inner = copy
    for place in places:
        inner = inner[int(place) if place.isdigit() else place]
    key = int(last) if last.isdigit() else last
    if value is ...:
        del inner[key]
    else:
        inner[key] = value
    return dict(copy)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("job", -1), ("job", 2**32), ("job", True), ("job", "1"), ("job", ...),
        ("phrases", "hello"), ("phrases.0", "hello"), ("phrases.0", ["a"]), ("phrases.0.0", 1),
        ("phrases.0.1", [1]), ("phrases", ...),
        ("style", None), ("style", []), ("style.voice", ""), ("style.voice", "a\nb"),
        ("style.voice", "a" * 201), ("style.speed", 0), ("style.speed", None), ("style.speed", "1"),
        ("style.pause", -0.1), ("style.gain", 1e9), ("style.speed", float("nan")),
        ("style.emotion", ...), ("style.emotion.weights", [0.1] * 7),
        ("style.emotion.weights", [0.1] * 9), ("style.emotion.weights.0", -0.1),
        ("style.emotion.weights", [0.2] * 8), ("style.emotion.from_text", 2),
        ("style.emotion.prosody", 3), ("style.emotion.prosody", {"speed": 1}),
        ("style.language", "zh"), ("style.emotion.seed", 1), ("volume", 1),
        ("due", None), ("due", float("inf")), ("due", 10**400), ("due", True),
    ],
)  # fmt: skip
def test_an_order_that_is_not_as_it_should_be_is_refused(path: str, value: object) -> None:
    fields = changed(order_fields(ORDER), path, value)
    with pytest.raises(BadDataError):
        order_of(fields, 1000)


@pytest.mark.parametrize("phrases", [["x" * 11, []], ["x", ["yyyyyyyyyy"]]])
def test_a_sentence_that_is_too_long_is_refused(phrases: object) -> None:
    with pytest.raises(TooLargeError):
        order_of(changed(order_fields(ORDER), "phrases", [phrases]), 10)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("version", 1), ("rate", 22_050.0), ("rate", 100), ("rate", 10**9), ("default", "carol"),
        ("voices", []), ("voices", [1]), ("voices", {}), ("voices.0.name", "../../etc"),
        ("voices.0.name", "A b"), ("voices.0.name", ...), ("voices.0.sex", "other"),
        ("voices.0.sex", []), ("voices.0.languages", []), ("voices.0.languages", [1]),
        ("voices.0.emotion", "jolly"), ("voices.0.emotion", []), ("voices.0.stand_in", 4),
        ("presets", []), ("presets.0.name", 1), ("presets.0.zh", ""), ("presets.0.speed", 9),
        ("presets.0.speed", 10**400),
        ("presets.0.weights", [2] * 8), ("presets.0.from_text", 1), ("presets.0.prosody", []),
        ("path", "x"), ("path", [1]), ("path", [""]), ("path", ["x"] * 17), ("path", ...),
    ],
)  # fmt: skip
def test_a_house_that_is_not_as_it_should_be_is_refused(path: str, value: object) -> None:
    with pytest.raises(BadDataError):
        house_of(changed(house_fields(HOUSE), path, value))


@given(st.text(max_size=40) | st.from_regex(r'\{"type": ?"[a-z]{0,8}".{0,20}\}', fullmatch=True))
def test_a_message_is_one_or_is_refused(content: str) -> None:
    with suppress(BadDataError):
        kind, _ = decoded(content)
        assert isinstance(kind, str)


def test_words_for_people_are_short_and_in_one_line() -> None:
    assert text_of({"text": "a\nb\x1b[0m" + "c" * 500}, "text") == "ab[0m" + "c" * 193
    assert text_of({"text": 5}, "text") == ""
