"""The conversation's rules, one by one, without a socket."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wyoming.event import Event

from wyoming_indextts.edges.wyoming.dialogue import (
    Begin,
    Command,
    Describe,
    Dialogue,
    End,
    Fail,
    Pong,
    Say,
    TakeBack,
)
from wyoming_indextts.errors import BadDataError
from wyoming_indextts.speech.request import Request

PLAIN = Request("wyoming")

Sent = tuple[str, dict[str, Any]]


def short(command: Command) -> object:
    """Errors have no equality: their code stands for them."""
    return f"Fail {command.error.code}" if isinstance(command, Fail) else command


def after(*events: Sent, dialogue: Dialogue | None = None) -> list[object]:
    """Return the commands that the events give."""
    dialogue = dialogue or Dialogue(100)
    return [
        short(command) for kind, data in events for command in dialogue.receive(Event(kind, data))
    ]


START: Sent = ("synthesize-start", {})
STOP: Sent = ("synthesize-stop", {})
BEGUN = Begin(PLAIN, streamed=True)


def chunk(text: object) -> Sent:
    return "synthesize-chunk", {"text": text}


def whole(text: object, **fields: object) -> Sent:
    return "synthesize", {"text": text, **fields}


def asked(**fields: object) -> Request:
    """Return the request of a whole text with these fields."""
    begin = after(whole("Hi", **fields))[0]
    assert isinstance(begin, Begin)
    return begin.request


def test_a_whole_text_begins_says_and_ends() -> None:
    assert after(whole("Hi")) == [Begin(PLAIN, streamed=False), Say("Hi"), End()]


def test_a_stream_is_said_as_it_comes_and_the_copy_of_it_is_ignored() -> None:
    """C2."""
    events = START, chunk("a"), chunk("b"), whole("ab"), STOP
    assert after(*events) == [BEGUN, Say("a"), Say("b"), End()]


def test_describe_and_ping_are_answered_anywhere() -> None:
    describe: Sent = "describe", {}
    ping: Sent = "ping", {"text": "x"}
    assert after(describe, START, ping, chunk("a"), describe) == [
        Describe(),
        BEGUN,
        Pong("x"),
        Say("a"),
        Describe(),
    ]


@pytest.mark.parametrize("text", [None, 5, ["a"]])
def test_a_ping_without_text_is_answered_without_text(text: object) -> None:
    assert after(("ping", {"text": text})) == [Pong(None)]


def test_a_second_start_takes_the_first_stream_back() -> None:
    """C9."""
    assert after(START, chunk("a"), START, chunk("b"), STOP) == [
        BEGUN,
        Say("a"),
        TakeBack(),
        BEGUN,
        Say("b"),
        End(),
    ]


@pytest.mark.parametrize("event", [chunk("a"), STOP, ("select-program", {"name": 5}), ("x", {})])
def test_what_means_nothing_here_is_skipped(event: Sent) -> None:
    """B20, C10, E5."""
    assert after(event) == []


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"text": None},
        {"text": 5},
        {"text": ["Hi"]},
        {"text": {"a": 1}},
        {"text": "Hi", "voice": "alice"},
        {"text": "Hi", "voice": 5},
        {"text": "Hi", "voice": ["alice"]},
        {"text": "Hi", "voice": {"name": 5}},
        {"text": "Hi", "voice": {"name": ["alice"]}},
        {"text": "Hi", "voice": {"name": "alice", "speaker": 5}},
        {"text": "Hi", "voice": {"name": "alice", "speaker": {}}},
    ],
)
def test_a_field_of_the_wrong_type_is_a_bad_request(fields: dict[str, object]) -> None:
    """E6."""
    assert after(("synthesize", fields)) == [
        Begin(PLAIN, streamed=False),
        "Fail bad-request",
    ]


@pytest.mark.parametrize("voice", [None, {}, {"language": "zh-CN"}, {"language": 5}, {"name": ""}])
def test_no_voice_has_many_forms(voice: object) -> None:
    """B9, B10."""
    assert asked(voice=voice) == PLAIN


def test_voice_and_speaker_are_voice_and_emotion() -> None:
    """B9."""
    assert asked(voice={"name": "alice", "speaker": None}).voice == "alice"
    assert asked(voice={"name": "alice", "speaker": "高兴"}).emotion == "高兴"
    assert asked(voice={"speaker": "sad"}).emotion == "sad"


def test_a_context_may_carry_emotion_intensity_and_speed() -> None:
    request = asked(context={"emotion": "happy", "intensity": 0.5, "speed": 2})
    assert request == Request("wyoming", emotion="happy", intensity=0.5, speed=2.0)
    weights = asked(context={"emotion": [0, 0, 1, 0, 0, 0, 0, 0.5]}).weights
    assert weights == (0, 0, 1, 0, 0, 0, 0, 0.5)


def test_the_contexts_emotion_goes_before_the_speaker() -> None:
    assert asked(voice={"speaker": "sad"}, context={"emotion": "happy"}).emotion == "happy"


@pytest.mark.parametrize(
    "context",
    [
        5,
        "happy",
        [1, {"a": None}],
        {"emotion": 5, "intensity": "loud", "speed": None},
        {"emotion": [1, 2], "intensity": True, "speed": [1]},
        {"emotion": [1, 2, 3, 4, 5, 6, 7, "8"], "intensity": float("nan"), "speed": 10**400},
        {"conversation_id": "x", "emotion": ""},
    ],
)
def test_a_context_of_any_other_shape_is_somebody_elses(context: object) -> None:
    """B19."""
    assert asked(context=context) == PLAIN


@pytest.mark.parametrize("text_format", ["text", "markdown", 5, None, ["ssml"]])
def test_only_ssml_is_ssml(text_format: object) -> None:
    """B18, B19."""
    assert asked(text_format="ssml").ssml
    assert not asked(text_format=text_format, unknown={"a": 1}).ssml


def test_lone_surrogates_are_no_characters() -> None:
    """B16."""
    assert after(whole("a\ud800b\udfff🙂")) == [
        Begin(PLAIN, streamed=False),
        Say("ab🙂"),
        End(),
    ]


def test_a_text_over_the_limit_is_refused_and_one_at_it_is_not() -> None:
    """B17."""
    assert after(whole("x" * 101)) == [Begin(PLAIN, streamed=False), "Fail too-large"]
    assert after(whole("x" * 100))[1] == Say("x" * 100)


def test_a_stream_over_the_limit_fails_once_and_its_copy_is_not_spoken() -> None:
    """B17."""
    half = "x" * 60
    events = START, chunk(half), chunk(half), chunk(half), whole(half * 3), STOP
    assert after(*events) == [BEGUN, Say(half), "Fail too-large"]


def test_a_chunk_that_is_no_text_fails_its_stream() -> None:
    """E6."""
    events = START, chunk("a"), chunk(None), chunk("b"), STOP, whole("Hi")
    assert after(*events) == [
        BEGUN,
        Say("a"),
        "Fail bad-request",
        Begin(PLAIN, streamed=False),
        Say("Hi"),
        End(),
    ]


def test_a_start_that_asks_nonsense_is_answered_once() -> None:
    """C12."""
    events = ("synthesize-start", {"voice": 5}), chunk("a"), whole("a"), STOP
    assert after(*events) == [BEGUN, "Fail bad-request"]


def test_an_event_that_could_not_be_read_fails_the_open_stream() -> None:
    """E7."""
    dialogue = Dialogue(100)
    after(START, chunk("a"), dialogue=dialogue)
    assert [short(c) for c in dialogue.refuse(BadDataError("x"))] == ["Fail bad-data"]
    assert after(chunk("b"), STOP, dialogue=dialogue) == []


def test_an_event_that_could_not_be_read_elsewhere_is_answered_in_its_turn() -> None:
    """E7."""
    refused = [short(c) for c in Dialogue(100).refuse(BadDataError("x"))]
    assert refused == [Begin(PLAIN, streamed=False), "Fail bad-data"]


def failed_after(*texts: str) -> Dialogue:
    """Return a dialogue whose open stream was answered with an error."""
    dialogue = Dialogue(100)
    after(START, *map(chunk, texts), dialogue=dialogue)
    dialogue.stream_failed()
    return dialogue


def test_what_a_client_still_sends_of_a_failed_stream_goes_nowhere() -> None:
    dialogue = failed_after("a")
    assert after(chunk("b"), whole("ab"), STOP, dialogue=dialogue) == []
    assert len(after(whole("ab"), dialogue=dialogue)) == 3


def test_a_client_that_never_stops_a_failed_stream_and_asks_again_is_answered() -> None:
    dialogue = failed_after("Hi")
    assert after(whole("Hi"), dialogue=dialogue) == []
    said = [Begin(PLAIN, streamed=False), Say("Hi"), End()]
    assert after(whole("Hi"), dialogue=dialogue) == said


def test_after_a_failed_stream_another_text_is_spoken_at_once() -> None:
    """B12, C8, C12."""
    said = [Begin(PLAIN, streamed=False), Say("Hi"), End()]
    assert after(whole("Hi"), dialogue=failed_after()) == said
    assert after(whole("Hi"), chunk("c"), STOP, dialogue=failed_after("a")) == said
    assert after(START, chunk("c"), dialogue=failed_after("a")) == [BEGUN, Say("c")]


KINDS = ["describe", "ping", "synthesize", "synthesize-start", "synthesize-chunk"]
TEXTS = st.text("ab\ud800早", max_size=60)
ANYTHING = st.one_of(
    st.none(),
    st.integers(),
    TEXTS,
    st.lists(TEXTS | st.floats(), max_size=9),
    st.dictionaries(st.sampled_from(["name", "speaker", "emotion"]), st.none() | TEXTS),
)
FIELDS = st.dictionaries(st.sampled_from(["text", "voice", "context", "text_format"]), ANYTHING)
EVENTS = st.tuples(st.sampled_from([*KINDS, "synthesize-stop", "played"]), FIELDS)


@given(st.lists(EVENTS, max_size=15))
def test_whatever_comes_the_commands_make_sense(events: list[Sent]) -> None:
    """Every utterance begins, is said while it is open, and is closed at most once."""
    dialogue = Dialogue(100)
    open_characters: int | None = None
    for event in events:
        for command in after(event, dialogue=dialogue):
            match command:
                case Begin():
                    assert open_characters is None
                    open_characters = 0
                case Say(text):
                    assert open_characters is not None
                    open_characters += len(text)
                    assert open_characters <= 100
                case Describe() | Pong():
                    pass
                case _:
                    assert open_characters is not None
                    open_characters = None
