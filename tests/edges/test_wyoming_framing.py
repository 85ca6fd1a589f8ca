"""Framing: any cut of the same bytes gives the same events, and no bytes do any harm."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wyoming.event import Event

from tests.edges.wyoming_house import frame
from wyoming_indextts.edges.wyoming.framing import Framing
from wyoming_indextts.edges.wyoming.options import WyomingOptions
from wyoming_indextts.edges.wyoming.writer import encode
from wyoming_indextts.errors import SpeechError

SMALL = WyomingOptions(header_bytes=200, data_bytes=100, payload_bytes=100)

DATA = st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(), max_size=3)
EVENTS = st.builds(Event, st.text(max_size=10), DATA, st.none() | st.binary(max_size=300))
JUNK = st.binary(max_size=60) | st.sampled_from(
    [
        b"{}\n",
        b'{"type": 1, "data_length": 3}\nabc',
        frame("ping", [1]),
        frame("ping", data_length=-1),
        frame("a", {}, b"x" * 200, payload_length=101),
    ]
)


def parse(pieces: list[bytes], options: WyomingOptions | None = None) -> list[Event | str]:
    """Return what comes out; an error as its code, one that loses the stream with a !."""
    framing = Framing(options or WyomingOptions())
    out: list[Event | str] = []
    try:
        for piece in pieces:
            for item in framing.feed(piece):
                out.append(item.code if isinstance(item, SpeechError) else item)
    except SpeechError as lost:
        out.append(f"{lost.code}!")
    return out


def cut(whole: bytes, places: list[int]) -> list[bytes]:
    ends = sorted(place % (len(whole) + 1) for place in places)
    return [whole[start:end] for start, end in zip([0, *ends], [*ends, len(whole)], strict=True)]


@given(st.lists(EVENTS, max_size=4), st.lists(st.integers(min_value=0), max_size=8))
def test_what_the_writer_writes_is_read_back_however_it_is_cut(
    events: list[Event], places: list[int]
) -> None:
    whole = b"".join(map(encode, events))
    assert parse(cut(whole, places)) == [Event(event.type, event.data) for event in events]


@given(st.lists(EVENTS.map(encode) | JUNK, max_size=6), st.lists(st.integers(0), max_size=12))
def test_any_cut_of_any_bytes_gives_the_same_events_and_the_same_error(
    pieces: list[bytes], places: list[int]
) -> None:
    whole = b"".join(pieces)
    assert parse(cut(whole, places), SMALL) == parse([whole], SMALL)


def test_every_byte_by_itself_gives_the_same_events() -> None:
    whole = frame("ping", {"text": "早"}, b"\n\n{") + b'{"type": "describe"}\n' + frame("x", [])
    assert parse([bytes([byte]) for byte in whole]) == [
        Event("ping", {"text": "早"}),
        Event("describe", {}),
        "bad-data",
    ]


def test_data_in_the_header_is_accepted_and_the_body_goes_before_it() -> None:
    """B6."""
    assert parse([b'{"type": "ping", "data": {"text": "a"}}\n']) == [Event("ping", {"text": "a"})]
    both = frame("ping", {"text": "b"}, data={"text": "a", "more": 1})
    assert parse([both]) == [Event("ping", {"text": "b", "more": 1})]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"hello\n", "bad-header!"),
        (b"\n", "bad-header!"),
        (b"GET / HTTP/1.1\r\n", "bad-header!"),
        (b"\x16\x03\x01\x02\x00\x01\n", "bad-header!"),
        (b"\xff\xfe\n", "bad-header!"),
        (b'{"type": "\xff"}\n', "bad-header!"),
        ('{"type": "describe"}\n'.encode("utf-16"), "bad-header!"),
        (b'\xef\xbb\xbf{"type": "describe"}\n', "bad-header!"),
        (b"[1]\n", "bad-header!"),
        (b'"describe"\n', "bad-header!"),
        (b"null\n", "bad-header!"),
        (b"NaN\n", "bad-header!"),
        (b"[" * 100_000 + b"\n", "bad-header!"),
        (b'{"a":' * 20_000 + b"\n", "bad-header!"),
        (b'{"type": "ping", "data_length": ' + b"9" * 5000 + b"}\n", "bad-header!"),
        (b'{"data": {}}\n', "bad-header"),
        (b'{"type": null}\n', "bad-header"),
        (b'{"type": 5}\n', "bad-header"),
        (b'{"type": ["describe"]}\n', "bad-header"),
        (b'{"type": {}, "data_length": 2}\n{}', "bad-header"),
        (b"x" * (128 * 1024), "too-large!"),
        (b" " * (128 * 1024) + b'{"type": "describe"}\n', "too-large!"),
        (frame("ping", data_length=-1), "bad-length!"),
        (frame("ping", data_length="5"), "bad-length!"),
        (frame("ping", data_length=1.0), "bad-length!"),
        (frame("ping", data_length=True), "bad-length!"),
        (frame("ping", data_length=[]), "bad-length!"),
        (frame("ping", data_length=float("nan")), "bad-length!"),
        (frame("ping", data_length=float("inf")), "bad-length!"),
        (frame("ping", payload_length=-5), "bad-length!"),
        (frame("ping", payload_length="5"), "bad-length!"),
        (frame("ping", payload_length=2.5), "bad-length!"),
        (frame("ping", payload_length=False), "bad-length!"),
        (frame("ping", payload_length={}), "bad-length!"),
        (frame("ping", payload_length=float("-inf")), "bad-length!"),
        (frame("ping", data_length=1024 * 1024 + 1), "too-large!"),
        (frame("ping", data_length=2**70), "too-large!"),
        (frame("ping", payload_length=1024 * 1024 + 1), "too-large!"),
        (frame("ping", payload_length=16 * 2**30), "too-large!"),
        (b'{"type": "ping", "data": [1]}\n', "bad-data"),
        (b'{"type": "ping", "data": "text"}\n', "bad-data"),
        (frame("ping", [1, 2]), "bad-data"),
        (frame("ping", "text"), "bad-data"),
        (frame("ping", 5), "bad-data"),
        (b'{"type": "ping", "data_length": 4}\nnull', "bad-data"),
        (b'{"type": "ping", "data_length": 5}\n{"a":', "bad-data"),
        (b'{"type": "ping", "data_length": 2}\n\xff\xfe', "bad-data"),
        (b'{"type": "ping", "data_length": 9}\n{"a": "\xc3"', "bad-data"),
        (b'{"type": "ping", "data_length": 5000}\n' + b"[" * 5000, "bad-data"),
    ],
)
def test_a_broken_frame_has_one_code_and_loses_the_stream_only_if_it_must(
    sent: bytes, code: str
) -> None:
    """E1, E2, E3, E7: a ! marks the stream as lost; elsewhere the next event is read."""
    after = [] if code.endswith("!") else [Event("describe", {})]
    assert parse([sent + frame("describe")]) == [code, *after]


def test_events_before_a_broken_frame_still_count() -> None:
    sent = frame("describe") + frame("x", [1], b"payload") + frame("ping") + b"oops\n"
    assert parse([sent]) == [Event("describe", {}), "bad-data", Event("ping", {}), "bad-header!"]


def test_lengths_of_null_and_zero_are_no_lengths() -> None:
    sent = b'{"type": "a", "data": null, "data_length": null, "payload_length": 0}\n'
    assert parse([sent]) == [Event("a", {})]


def test_what_is_at_a_limit_is_accepted() -> None:
    line = b'{"type": "describe"}'
    assert parse([line + b" " * (199 - len(line)) + b"\n"], SMALL) == [Event("describe", {})]
    body = json.dumps({"text": "x" * 88})
    assert len(body) == 100
    assert parse([frame("a", json.loads(body), bytes(100))], SMALL) == [
        Event("a", {"text": "x" * 88})
    ]


@pytest.mark.parametrize("begun", [b"{", b'{"type": "a", "data_length": 2}\n{', frame("a")[:-1]])
def test_half_an_event_is_midway(begun: bytes) -> None:
    framing = Framing(WyomingOptions())
    assert not framing.midway
    assert list(framing.feed(begun)) == []
    assert framing.midway


def test_between_events_is_not_midway() -> None:
    framing = Framing(WyomingOptions())
    assert len(list(framing.feed(frame("a", {}, b"x") * 2))) == 2
    assert not framing.midway


def test_what_is_written_is_ascii_whatever_was_said() -> None:
    """F1, for text that is not even Unicode."""
    written = encode(Event("pong", {"text": "\ud800早🙂"}))
    header, body = written.split(b"\n")
    assert written.isascii()
    assert json.loads(header)["data_length"] == len(body)
    assert json.loads(body) == {"text": "\ud800早🙂"}
