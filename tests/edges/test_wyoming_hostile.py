"""Section E of the contract: what no client should send, and what comes of it: an error."""

import asyncio
import json
import logging
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from wyoming.info import Describe

from tests.edges.wyoming_house import Raw, frame, serving
from wyoming_indextts.edges.wyoming.options import WyomingOptions

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def _no_complaint_in_the_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing here may leave more than a line of debugging."""
    caplog.set_level(logging.DEBUG)
    yield
    said = caplog.get_records("call")
    assert [r.message for r in said if r.exc_info or r.levelno >= logging.WARNING] == []


LOST = {
    "not JSON": (b"hello\n", "bad-header"),
    "an empty line": (b"\n", "bad-header"),
    "HTTP": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "bad-header"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\n", "bad-header"),
    "a list": (b"[1]\n", "bad-header"),
    "not UTF-8": (b'{"type": "\xff"}\n', "bad-header"),
    "nested too deep": (b"[" * 100_000 + b"\n", "bad-header"),
    "a number too long": (b'{"type": "a", "b": ' + b"9" * 5000 + b"}\n", "bad-header"),
    "no newline": (b"x" * (128 * 1024), "too-large"),
    "no newline, and more": (b"x" * (2 * MIB), "too-large"),
    "negative data": (frame("ping", data_length=-1), "bad-length"),
    "data as a string": (frame("ping", data_length="5"), "bad-length"),
    "data as a float": (frame("ping", data_length=1.5), "bad-length"),
    "data as a bool": (frame("ping", data_length=True), "bad-length"),
    "data as NaN": (frame("ping", data_length=float("nan")), "bad-length"),
    "data too large": (frame("ping", data_length=MIB + 1), "too-large"),
    "negative payload": (frame("ping", payload_length=-1), "bad-length"),
    "payload as a string": (frame("ping", payload_length="5"), "bad-length"),
    "payload as a list": (frame("ping", payload_length=[5]), "bad-length"),
    "payload as Infinity": (frame("ping", payload_length=float("inf")), "bad-length"),
    "payload of 16 GiB": (frame("ping", payload_length=2**34) + bytes(MIB), "too-large"),
}


@pytest.mark.parametrize(("sent", "code"), LOST.values(), ids=LOST.keys())
async def test_a_stream_that_is_lost_ends_with_an_error_and_a_close(sent: bytes, code: str) -> None:
    """E1, E2, E3."""
    async with serving() as house:
        async with Raw(house) as raw, asyncio.timeout(1.5):
            await raw.send(sent)
            assert await raw.error() == code
            assert await raw.next_type() is None
        await house.emptied()


SKIPPED = {
    "no type": (b'{"data": {}}\n', "bad-header"),
    "type null": (b'{"type": null}\n', "bad-header"),
    "type a number, with data": (frame("x", {"a": 1}, type=5), "bad-header"),
    "header data a list": (b'{"type": "ping", "data": [1]}\n', "bad-data"),
    "data a list": (frame("synthesize", ["text"]), "bad-data"),
    "data a string": (frame("synthesize", "text"), "bad-data"),
    "data null": (frame("describe", data_length=4) + b"null", "bad-data"),
    "data not JSON": (frame("synthesize", data_length=5) + b'{"a":', "bad-data"),
    "data not UTF-8": (frame("ping", data_length=2) + b"\xff\xfe", "bad-data"),
    "data nested too deep": (frame("ping", data_length=9000) + b"[" * 9000, "bad-data"),
    "text missing": (frame("synthesize", {}), "bad-request"),
    "text null": (frame("synthesize", {"text": None}), "bad-request"),
    "text a number": (frame("synthesize", {"text": 5}), "bad-request"),
    "text a list": (frame("synthesize", {"text": ["a"]}), "bad-request"),
    "voice a string": (frame("synthesize", {"text": "a", "voice": "alice"}), "bad-request"),
    "voice a number": (frame("synthesize", {"text": "a", "voice": 5}), "bad-request"),
    "voice name a number": (
        frame("synthesize", {"text": "a", "voice": {"name": 5}}),
        "bad-request",
    ),
    "speaker a list": (frame("synthesize", {"text": "a", "voice": {"speaker": []}}), "bad-request"),
}


@pytest.mark.parametrize(("sent", "code"), SKIPPED.values(), ids=SKIPPED.keys())
async def test_an_event_that_is_wrong_costs_nothing_but_itself(sent: bytes, code: str) -> None:
    """E6, E7, and E1 where the header's lengths can be read."""
    async with serving() as house, Raw(house) as raw:
        await raw.send(sent)
        assert await raw.error() == code
        await raw.send(frame("synthesize", {"text": "Hello."}))
        assert (await raw.until("audio-stop", "error"))[-1] == "audio-stop"


@pytest.mark.parametrize(
    "unknown",
    [
        frame("transcribe", {"name": "x"}, b"payload"),
        frame("audio-chunk", {"rate": 16000, "width": 2, "channels": 1}, bytes(MIB)),
        frame("", {}),
        frame("synthesize-stopped"),
        frame("x" * 50_000),
        frame("error", {"text": "你好"}),
        frame("info", {"tts": [None]}),
        frame("pong", {"text": "x"}),
    ],
)
async def test_events_of_others_are_skipped(unknown: bytes) -> None:
    """E5."""
    async with serving() as house, Raw(house) as raw:
        await raw.send(unknown * 3 + frame("ping", {"text": "still here"}))
        assert await raw.next_type() == "pong"


def resident() -> int:
    """Return the memory of this process, client and server, in bytes."""
    status = Path("/proc/self/status").read_text("ascii")
    return 1024 * int(status.partition("VmRSS:")[2].split()[0])


async def test_nearly_four_hundred_mib_of_payload_are_not_kept() -> None:
    """E4: whether they are announced in one piece, which ends the stream, or in many."""
    async with serving() as house:
        before, most = resident(), 0
        async with Raw(house) as raw:
            await raw.send(frame("x", payload_length=2**34))
            for _ in range(256):
                await raw.send(bytes(MIB))
                most = max(most, resident())
        async with Raw(house) as raw:
            for _ in range(128):
                await raw.send(frame("x", {}, bytes(MIB)))
                most = max(most, resident())
            await raw.send(frame("ping"))
            assert await raw.next_type() == "pong"
    assert most - before < 32 * MIB


@pytest.mark.parametrize(
    "begun",
    [
        b"{",
        frame("synthesize", {"text": "Hello."})[:-1],
        frame("x", {}, bytes(100))[:-1],
        frame("ping") + b'{"type"',
    ],
)
async def test_half_an_event_and_then_silence_is_hung_up_on(begun: bytes) -> None:
    """E8."""
    async with serving(options=WyomingOptions(event_timeout=0.2)) as house:
        async with Raw(house) as raw, asyncio.timeout(1):
            await raw.send(begun)
            assert (await raw.until("error"))[-1] == "error"
            assert await raw.next_type() is None
        await house.emptied()


async def test_an_event_that_comes_byte_by_byte_is_hung_up_on_too() -> None:
    """E8: the wait is for the whole event, not for the next byte."""
    async with serving(options=WyomingOptions(event_timeout=0.3)) as house:
        async with Raw(house) as raw, asyncio.timeout(2):
            telling = asyncio.create_task(raw.error())
            while not telling.done():
                await raw.send(b" ")
                await asyncio.sleep(0.02)
            assert await telling == "timeout"


async def test_silence_between_events_is_no_offence() -> None:
    """E8."""
    async with serving(options=WyomingOptions(event_timeout=0.1)) as house, Raw(house) as raw:
        for _ in range(2):
            await raw.send(frame("ping"))
            assert await raw.next_type() == "pong"
            await asyncio.sleep(0.3)
        assert house.server.connections == 1


async def test_five_hundred_describes_in_one_write_are_all_answered() -> None:
    """E10."""
    async with serving() as house, Raw(house) as raw, asyncio.timeout(5):
        raw.writer.write(frame("describe") * 500 + frame("ping"))
        assert await raw.until("pong") == ["info"] * 500 + ["pong"]


async def test_others_are_answered_while_one_floods() -> None:
    """A5, against a client that never stops asking."""
    async with serving() as house, Raw(house) as raw:
        raw.writer.write(frame("x") * 100_000 + frame("ping"))
        for _ in range(5):
            async with house.client() as other, asyncio.timeout(0.5):
                await other.write_event(Describe().event())
                assert await other.read_event()


async def test_more_requests_than_may_wait_are_busy_and_a_close() -> None:
    async with serving(options=WyomingOptions(waiting_requests=4)) as house:
        async with Raw(house) as raw:
            await raw.send(frame("synthesize-start") + frame("synthesize", {"text": "a"}))
            await raw.send(frame("synthesize-stop") + frame("synthesize", {"text": "a。" * 9}) * 50)
            assert (await raw.until("error"))[-1] == "error"
            assert await raw.next_type() is None
        await house.emptied()


async def test_noise_leaves_neither_a_trace_nor_a_client() -> None:
    """E: five hundred random conversations, cut and spoiled anywhere."""
    chance = random.Random(20261123)  # noqa: S311 - the same noise every time
    words = [
        frame("describe"),
        frame("ping", {"text": "x"}),
        frame("synthesize", {"text": "你好。"}),
        frame("synthesize-start"),
        frame("synthesize-chunk", {"text": "你好。再"}),
        frame("synthesize-stop"),
        frame("x", {"a": [1]}, b"payload"),
    ]
    async with serving() as house:
        for _ in range(500):
            sent = bytearray(b"".join(chance.choices(words, k=chance.randint(1, 8))))
            for _ in range(chance.randint(0, 3)):
                sent[chance.randrange(len(sent))] = chance.randrange(256)
            async with Raw(house) as raw:
                await raw.send(bytes(sent[: chance.randint(1, len(sent))]))
                if chance.random() < 0.3:
                    await asyncio.sleep(0)
        await house.emptied()
        async with Raw(house) as raw:
            await raw.send(frame("synthesize", {"text": "你好。"}))
            assert (await raw.until("audio-stop", "error"))[-1] == "audio-stop"


def test_the_table_is_read_as_written() -> None:
    """A frame that is meant to be broken in one place is whole in all others."""
    header, _, body = frame("a", {"b": 1}, b"c").partition(b"\n")
    assert json.loads(header) == {"type": "a", "data_length": 8, "payload_length": 1}
    assert body == b'{"b": 1}c'
