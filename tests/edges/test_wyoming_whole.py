"""Sections A and B of the contract: what it says of itself, and whole texts."""

import asyncio
import json
import time
from typing import Any

import pytest
from wyoming.audio import AudioChunk
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe, Info, SelectProgram
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize, SynthesizeVoice

from tests.edges.wyoming_house import Raw, answer, frame, seconds, serving, sound, stream, types
from tests.tone import CHARACTER, ToneEngine
from wyoming_indextts.edges.wyoming.client import speak_whole
from wyoming_indextts.edges.wyoming.info import PROGRAM
from wyoming_indextts.errors import VoiceNotFoundError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.request import Request

CYCLE = ["audio-start", "audio-chunk", "audio-stop"]

LONG = "一二三四五六七八九十。" * 40


def whole(text: object, **fields: object) -> Event:
    return Event("synthesize", {"text": text, **fields})


async def test_describe_is_answered_by_one_info_at_once() -> None:
    """A1, A2, A3."""
    async with serving() as house, house.client() as client:
        began = time.monotonic()
        await client.write_event(Describe().event())
        (event,) = await answer(client, "info")
        assert time.monotonic() - began < 0.5
        await client.write_event(Ping("done").event())
        assert types(await answer(client, "pong")) == ["pong"]
    (program,) = Info.from_event(event).tts
    assert program.voices


@pytest.mark.parametrize("text", ["hello", "早🙂", "", None])
async def test_a_ping_comes_back_with_its_text(text: str | None) -> None:
    """A4."""
    async with serving() as house, house.client() as client:
        await client.write_event(Ping(text).event())
        (event,) = await answer(client, "pong")
    assert Pong.from_event(event).text == text


async def test_describe_of_another_client_is_answered_while_a_long_text_is_spoken() -> None:
    """A5."""
    async with serving(ToneEngine(pace=0.01)) as house, house.client() as one:
        await one.write_event(Synthesize(LONG).event())
        await answer(one, "audio-chunk")
        async with house.client() as other, asyncio.timeout(0.5):
            await other.write_event(Describe().event())
            await answer(other, "info")


async def test_describe_and_ping_are_answered_in_the_middle_of_a_stream() -> None:
    """A6."""
    async with serving() as house, house.client() as client, asyncio.timeout(0.5):
        await client.write_event(Event("synthesize-start"))
        await client.write_event(Describe().event())
        assert types(await answer(client, "info")) == ["info"]
        await client.write_event(Event("synthesize-chunk", {"text": "没有完"}))
        await client.write_event(Ping("x").event())
        assert types(await answer(client, "pong")) == ["pong"]


async def test_a_ping_is_answered_while_its_own_text_is_spoken() -> None:
    """A7."""
    async with serving(ToneEngine(pace=0.01)) as house, house.client() as client:
        await client.write_event(Synthesize(LONG).event())
        await answer(client, "audio-chunk")
        began = time.monotonic()
        await client.write_event(Ping("x").event())
        assert types(await answer(client, "pong"))[-1] == "pong"
        assert time.monotonic() - began < 1.0


async def test_a_text_of_several_sentences_is_one_cycle_of_small_mono_16_bit_chunks() -> None:
    """B1, B2, B3."""
    async with serving() as house, house.client() as client:
        await client.write_event(Synthesize("你好。今天天气很好！Good morning. Bye").event())
        events = await answer(client)
    assert types(events) == CYCLE
    chunks = [AudioChunk.from_event(event) for event in events[1:-1]]
    assert {(c.rate, c.width, c.channels) for c in chunks} == {(24_000, 2, 1)}
    assert max(chunk.seconds for chunk in chunks) <= 0.1


async def test_timestamps_go_on_from_the_first_chunk_to_the_stop() -> None:
    """G7."""
    async with serving() as house, house.client() as client:
        await client.write_event(Synthesize("你好。再见。").event())
        start, *chunks, stop = await answer(client)
    assert start.data["timestamp"] == 0
    passed = 0.0
    for event in chunks:
        assert event.data["timestamp"] == int(passed)
        passed += AudioChunk.from_event(event).samples / 24
    assert stop.data["timestamp"] == int(passed)


async def test_a_long_text_is_heard_before_it_is_all_made() -> None:
    """B4, B5: the first sound leaves while its own sentence is made."""
    engine = ToneEngine(pace=0.002)
    async with serving(engine) as house, house.client() as client:
        await client.write_event(Synthesize(LONG).event())
        await answer(client, "audio-chunk")
        assert len(engine.jobs) == 1
        assert engine.steps < len("一二三四五六七八九十。")


async def test_data_in_the_header_line_is_accepted() -> None:
    """B6."""
    line = json.dumps({"type": "synthesize", "data": {"text": "Hello."}}).encode() + b"\n"
    async with serving() as house, Raw(house) as raw:
        await raw.send(line)
        assert (await raw.until("audio-stop"))[-1] == "audio-stop"


async def test_requests_follow_each_other_on_one_connection() -> None:
    """B7."""
    async with serving() as house, house.client() as client:
        for text in ("One.", "Two two.", "Three three three."):
            await client.write_event(Synthesize(text).event())
            assert types(await answer(client)) == CYCLE
    assert house.engine.said == "One.|Two two.|Three three three."


async def test_requests_sent_without_waiting_are_answered_in_order() -> None:
    """B8: also a bad one, and a stream among them."""
    async with serving() as house, house.client() as client:
        await client.write_event(Synthesize("一。").event())
        await client.write_event(whole(None))
        await stream(client, "一二", "三。")
        await client.write_event(Synthesize("一二三四五六。").event())
        one = await answer(client)
        bad = await answer(client)
        two = await answer(client, "synthesize-stopped")
        three = await answer(client)
    assert types(bad) == ["error"]
    assert types(two) == [*CYCLE, "synthesize-stopped"]
    assert types(one) == types(three) == CYCLE
    assert seconds(one) < seconds(two) < seconds(three)


@pytest.mark.parametrize(
    ("voice", "spoken_by"),
    [
        (None, "alice"),
        ({}, "alice"),
        ({"language": "zh-CN"}, "alice"),
        ({"name": None}, "alice"),
        ({"name": "bob"}, "bob"),
        ({"name": "bob", "speaker": None}, "bob"),
        ({"name": "bob", "speaker": "happy"}, "bob"),
        ({"name": "bob-happy"}, "bob"),
    ],
)
async def test_a_voice_of_info_and_no_voice_are_accepted(
    voice: dict[str, str | None] | None, spoken_by: str
) -> None:
    """B9, B10."""
    async with serving() as house, house.client() as client:
        await client.write_event(whole("Hello.", voice=voice))
        assert types(await answer(client)) == CYCLE
    assert [job.style.voice for job in house.engine.jobs] == [spoken_by]


@pytest.mark.parametrize(
    "fields",
    [
        {"voice": {"name": "alice-happy"}},
        {"voice": {"name": "alice", "speaker": "happy"}},
        {"voice": {"speaker": "高兴"}},
        {"context": {"emotion": "happy"}},
        {"context": {"emotion": [1, 0, 0, 0, 0, 0, 0, 0]}},
    ],
)
async def test_an_emotion_arrives_by_every_road(fields: dict[str, object]) -> None:
    async with serving() as house, house.client() as client:
        await client.write_event(whole("Hello.", **fields))
        await answer(client)
    ((happy, *others),) = (job.style.emotion.weights for job in house.engine.jobs)
    assert happy == pytest.approx(0.8)
    assert not any(others)


async def test_intensity_and_speed_arrive_in_the_context() -> None:
    async with serving() as house, house.client() as client:
        context = {"emotion": "happy", "intensity": 0.5, "speed": 1.5}
        await client.write_event(whole("Hello.", context=context))
        await answer(client)
    (style,) = (job.style for job in house.engine.jobs)
    assert style.emotion.weights[0] == pytest.approx(0.9375 / 2)
    assert style.speed == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"voice": {"name": "nobody"}}, "voice-not-found"),
        ({"voice": {"name": "alice-nothing"}}, "voice-not-found"),
        ({"voice": {"name": "../../etc/passwd"}}, "voice-not-found"),
        ({"voice": {"name": "/etc/passwd\x00"}}, "voice-not-found"),
        ({"voice": {"name": "\ud800"}}, "voice-not-found"),
        ({"voice": {"name": "x" * 100_000}}, "voice-not-found"),
        ({"voice": {"name": "alice", "speaker": "nothing"}}, "emotion-not-found"),
        ({"context": {"emotion": "nothing"}}, "emotion-not-found"),
        ({"context": {"intensity": 7}}, "bad-request"),
        ({"context": {"emotion": [2, 0, 0, 0, 0, 0, 0, 0]}}, "bad-request"),
        ({"context": {"speed": 0}}, "bad-request"),
    ],
)
async def test_what_is_not_there_is_an_error_and_the_connection_lives_on(
    fields: dict[str, object], code: str
) -> None:
    """B11, B12, E9."""
    async with serving() as house, Raw(house) as raw, asyncio.timeout(2):
        await raw.send(frame("synthesize", {"text": "Hello.", **fields}))
        assert await raw.error() == code
        await raw.send(frame("synthesize", {"text": "Hello."}))
        assert (await raw.until("audio-stop"))[-1] == "audio-stop"


async def test_an_error_names_what_there_is_and_is_short() -> None:
    """G3."""
    async with serving() as house, house.client() as client:
        await client.write_event(Synthesize("Hi", SynthesizeVoice("x" * 5000)).event())
        (event,) = await answer(client)
    text = Error.from_event(event).text
    assert "alice" in text and "bob" in text
    assert len(text) < 300


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "...", "!?", "🙂", "\u200b", "\x00", "。", " \ufeff\u200d "]
)
async def test_nothing_to_say_is_a_moment_of_silence(text: str) -> None:
    """B13, B14."""
    async with serving() as house, house.client() as client, asyncio.timeout(1):
        await client.write_event(Synthesize(text).event())
        events = await answer(client)
    assert types(events) == CYCLE
    assert 0 < seconds(events) < 1
    assert not any(sound(events))


@pytest.mark.parametrize(
    "text",
    [
        "早上好",
        "Guten Tag, 早上好!",
        "שלום",
        "مرحبا",
        "e\u0301e\u0301",
        "ﬁ",
        "a\x00b\x07c\x1b[31m",
        "𝒜𝒷",
    ],
)
async def test_other_scripts_and_odd_unicode_are_accepted(text: str) -> None:
    """B15."""
    async with serving() as house, house.client() as client:
        await client.write_event(Synthesize(text).event())
        assert types(await answer(client)) == CYCLE


async def test_a_lone_surrogate_is_left_out() -> None:
    """B16."""
    async with serving() as house, Raw(house) as raw:
        await raw.send(frame("synthesize", {"text": "Hel\ud800lo.", "voice": None}))
        assert (await raw.until("audio-stop", "error"))[-1] == "audio-stop"
        await raw.send(frame("ping", {"text": "\ud800"}))
        got = await raw.frame()
    assert got and got[1] == {"text": "\ud800"}
    assert house.engine.said == "Hello."


async def test_a_text_over_the_limit_is_too_large() -> None:
    """B17."""
    async with serving() as house, Raw(house) as raw, asyncio.timeout(2):
        await raw.send(frame("synthesize", {"text": "长" * 100_000}))
        assert await raw.error() == "too-large"
        await raw.send(frame("ping"))
        assert await raw.next_type() == "pong"


async def test_tags_of_ssml_are_not_spoken() -> None:
    """B18."""
    ssml = "<speak><prosody rate='100%'>Hello.</prosody></speak>"
    async with serving() as house, house.client() as client:
        await client.write_event(whole(ssml, text_format="ssml"))
        assert types(await answer(client)) == CYCLE
    assert house.engine.said == "Hello."


@pytest.mark.parametrize(
    "fields",
    [
        {"text_format": "markdown"},
        {"text_format": 5},
        {"context": 5},
        {"context": [{"a": None}]},
        {"context": {"emotion": {"happy": 1}, "intensity": "x"}},
        {"something": {"else": [1, 2]}},
    ],
)
async def test_formats_contexts_and_fields_of_others_are_accepted(fields: dict[str, Any]) -> None:
    """B19."""
    async with serving() as house, house.client() as client:
        await client.write_event(whole("Hello.", **fields))
        assert types(await answer(client)) == CYCLE


@pytest.mark.parametrize("name", [PROGRAM, "piper", "", "x" * 5000])
async def test_any_program_may_be_selected_there_is_only_one(name: str) -> None:
    """B20."""
    async with serving() as house, house.client() as client:
        await client.write_event(SelectProgram(name).event())
        await client.write_event(Synthesize("Hello.").event())
        assert types(await answer(client)) == CYCLE


async def test_a_sentence_that_cannot_be_spoken_is_an_error_without_a_stop() -> None:
    """G2, B12."""
    async with serving(ToneEngine(fails_on="bad")) as house, house.client() as client:
        await client.write_event(Synthesize("This is good. This is bad. Never said.").event())
        events = await answer(client)
        assert types(events)[:2] == ["audio-start", "audio-chunk"]
        assert "audio-stop" not in types(events)
        assert Error.from_event(events[-1]).code == "synthesis-failed"
        await client.write_event(Synthesize("This is good.").event())
        good = await answer(client)
    assert types(good) == CYCLE
    assert seconds(good) == pytest.approx(CHARACTER * len("This is good."))


@pytest.mark.parametrize("text", ["Hello.", "你好。早上好！", "..."])
async def test_every_event_of_the_server_is_well_formed(text: str) -> None:
    """F1: `Raw.frame` parses strictly; what is left is version and type."""
    async with serving() as house, Raw(house) as raw:
        await raw.send(frame("describe") + frame("ping", {"text": text}))
        await raw.send(frame("synthesize", {"text": text}) + frame("synthesize", {}))
        seen = set()
        while "error" not in seen:
            got = await raw.frame()
            assert got is not None
            header, _, payload = got
            assert header["version"]
            assert bool(payload) == (header["type"] == "audio-chunk")
            seen.add(header["type"])
    assert seen == {"info", "pong", *CYCLE, "error"}


async def test_our_own_client_asks_for_a_whole_text_too() -> None:
    heard: list[Pcm] = []

    async def hear(pcm: Pcm) -> None:
        heard.append(pcm)

    wanted = Request("test", emotion="happy", intensity=0.5)
    async with serving() as house:
        await speak_whole(house.host, house.port, "你好。再见。", wanted, hear)
        (first, *_) = (job.style for job in house.engine.jobs)
        with pytest.raises(VoiceNotFoundError):
            await speak_whole(house.host, house.port, "你好。", Request("test", voice="no"), hear)
    assert sum(pcm.seconds for pcm in heard) > 6 * CHARACTER
    assert first.emotion.weights[0] > 0
