"""Section C of the contract: text that arrives while it is spoken."""

import asyncio
import time

import pytest
from wyoming.error import Error
from wyoming.event import Event
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop

from tests.edges.wyoming_house import answer, seconds, serving, sound, stream, types
from tests.tone import ToneEngine
from wyoming_indextts.edges.wyoming.options import WyomingOptions

ANSWER = ["audio-start", "audio-chunk", "audio-stop", "synthesize-stopped"]

START, STOP = SynthesizeStart().event(), SynthesizeStop().event()


def chunk(text: str) -> Event:
    return SynthesizeChunk(text).event()


async def test_home_assistants_order_is_spoken_once_in_one_cycle() -> None:
    """C1, C2."""
    async with serving() as house, house.client() as client:
        await stream(client, "第一句。第二", "句。Third ", "sentence.")
        assert types(await answer(client, "synthesize-stopped")) == ANSWER
        await client.write_event(Event("ping"))
        assert types(await answer(client, "pong")) == ["pong"]
    assert house.engine.said == "第一句。|第二句。|Third sentence."


async def test_a_sentence_is_heard_before_the_text_is_complete() -> None:
    """C3."""
    async with serving() as house, house.client() as client:
        await client.write_event(START)
        await client.write_event(chunk("第一句。第二"))
        assert types(await answer(client, "audio-chunk")) == ["audio-start", "audio-chunk"]
        await client.write_event(chunk("句。"))
        await client.write_event(STOP)
        assert types(await answer(client, "synthesize-stopped")) == ANSWER[1:]


TEXT = "It is 23.5 degrees, i.e. warm. Dr. Li comes at 7:45. 好的。温度是21.5度。"


@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_text_in_tokens_is_the_same_speech_as_in_one_piece(size: int) -> None:
    """C4, C5."""
    async with serving() as house, house.client() as client:
        await stream(client, TEXT)
        whole = await answer(client, "synthesize-stopped")
        said = house.engine.said
        house.engine.jobs.clear()
        await stream(client, *(TEXT[at : at + size] for at in range(0, len(TEXT), size)))
        pieces = await answer(client, "synthesize-stopped")
    assert house.engine.said == said
    assert sound(pieces) == sound(whole)


@pytest.mark.parametrize("texts", [(), ("",), ("...",), ("🙂", " ")])
async def test_a_stream_with_nothing_to_say_is_a_moment_of_silence(texts: tuple[str, ...]) -> None:
    """C6, C14."""
    async with serving() as house, house.client() as client, asyncio.timeout(1):
        await stream(client, *texts)
        events = await answer(client, "synthesize-stopped")
    assert types(events) == ANSWER
    assert 0 < seconds(events) < 1


async def test_streams_and_whole_texts_follow_each_other_on_one_connection() -> None:
    """C7, C8."""
    async with serving() as house, house.client() as client:
        for _ in range(2):
            await stream(client, "你好。")
            assert types(await answer(client, "synthesize-stopped")) == ANSWER
        await client.write_event(Synthesize("再见。").event())
        assert types(await answer(client)) == ANSWER[:3]
    assert house.engine.said == "你好。|你好。|再见。"


async def test_a_second_start_drops_the_first_stream_before_it_is_heard() -> None:
    """C9."""
    async with serving() as house, house.client() as client:
        await client.write_event(START)
        await client.write_event(chunk("never said"))
        await client.write_event(START)
        await client.write_event(chunk("你好。"))
        await client.write_event(STOP)
        assert types(await answer(client, "synthesize-stopped")) == ANSWER
    assert house.engine.said == "你好。"


async def test_a_second_start_ends_the_first_streams_sound() -> None:
    """C9: its cycle is closed, and nothing else is said of it."""
    engine = ToneEngine(pace=0.02)
    async with serving(engine) as house, house.client() as client:
        await client.write_event(START)
        await client.write_event(chunk("一二三四五六七八九十" * 50 + "。"))
        await answer(client, "audio-chunk")
        await client.write_event(START)
        await client.write_event(chunk("你好。"))
        await client.write_event(STOP)
        events = types(await answer(client, "synthesize-stopped"))
        assert events[events.index("audio-stop") :] == ["audio-stop", *ANSWER]
    assert engine.steps < 100


@pytest.mark.parametrize("stray", [chunk("x"), STOP, Event("synthesize-chunk", {"text": 5})])
async def test_chunk_and_stop_without_a_start_are_skipped(stray: Event) -> None:
    """C10."""
    async with serving() as house, house.client() as client:
        await client.write_event(stray)
        await stream(client, "你好。")
        assert types(await answer(client, "synthesize-stopped")) == ANSWER
    assert house.engine.said == "你好。"


async def test_streams_left_open_block_nobody() -> None:
    """C11: neither without any text nor after a sentence."""
    async with serving() as house, house.client() as one, house.client() as two:
        await one.write_event(START)
        await two.write_event(START)
        await two.write_event(chunk("第一句。第二"))
        await answer(two, "audio-chunk")
        began = time.monotonic()
        async with house.client() as other:
            await other.write_event(Synthesize("你好。").event())
            await answer(other, "audio-chunk")
        assert time.monotonic() - began < 0.5


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"voice": {"name": "nobody"}}, "voice-not-found"),
        ({"voice": {"name": "alice", "speaker": "nothing"}}, "emotion-not-found"),
        ({"voice": "alice"}, "bad-request"),
    ],
)
async def test_a_stream_that_asks_for_what_is_not_there_is_told_before_any_text(
    fields: dict[str, object], code: str
) -> None:
    """C12, B12: and another request is answered, also if the stream was never stopped."""
    async with serving() as house, house.client() as client:
        await client.write_event(Event("synthesize-start", fields))
        error, stopped = await answer(client, "synthesize-stopped")
        assert Error.from_event(error).code == code
        assert stopped.type == "synthesize-stopped"
        await client.write_event(Synthesize("你好。").event())
        assert types(await answer(client)) == ANSWER[:3]


async def test_the_rest_of_a_stream_that_failed_is_not_spoken() -> None:
    """C12, G2: Home Assistant's writer may still be sending when it hears the error."""
    async with serving(ToneEngine(fails_on="坏")) as house, house.client() as client:
        await client.write_event(START)
        await client.write_event(chunk("好的。坏的。"))
        events = await answer(client, "synthesize-stopped")
        assert types(events) == ["audio-start", "audio-chunk", "error", "synthesize-stopped"]
        await client.write_event(chunk("更多。"))
        await client.write_event(Synthesize("好的。坏的。更多。").event())
        await client.write_event(STOP)
        await stream(client, "再见。")
        assert types(await answer(client, "synthesize-stopped")) == ANSWER
    assert house.engine.said == "好的。|坏的。|再见。"


async def test_a_stream_that_fails_after_it_was_stopped_leaves_the_next_one_alone() -> None:
    """G2, B8."""
    async with serving(ToneEngine(pace=0.02, fails_on="坏")) as house, house.client() as client:
        await stream(client, "一二三四。坏的。")
        await answer(client, "audio-chunk")
        await client.write_event(START)
        events = await answer(client, "synthesize-stopped")
        assert Error.from_event(events[-2]).code == "synthesis-failed"
        await client.write_event(chunk("你好。"))
        await client.write_event(STOP)
        assert types(await answer(client, "synthesize-stopped")) == ANSWER


async def test_a_stream_whose_text_stops_coming_ends_with_an_error() -> None:
    """C13."""
    options = WyomingOptions(text_idle_timeout=0.2)
    async with serving(options=options) as house, house.client() as client:
        await client.write_event(START)
        await client.write_event(chunk("第一句。第二"))
        events = await answer(client, "synthesize-stopped")
        assert types(events) == ["audio-start", "audio-chunk", "error", "synthesize-stopped"]
        assert Error.from_event(events[-2]).code == "timeout"
        await stream(client, "你好。")
        assert types(await answer(client, "synthesize-stopped")) == ANSWER


async def test_a_stream_that_stalls_goes_on_when_text_comes() -> None:
    """C13: every piece of text starts the wait anew."""
    options = WyomingOptions(text_idle_timeout=0.4)
    async with serving(options=options) as house, house.client() as client:
        await client.write_event(START)
        for text in ("第一", "句。", "第二", "句。"):
            await asyncio.sleep(0.2)
            await client.write_event(chunk(text))
        await client.write_event(STOP)
        assert types(await answer(client, "synthesize-stopped")) == ANSWER
    assert house.engine.said == "第一句。|第二句。"


async def test_a_stream_over_the_limit_ends_with_too_large() -> None:
    """B17."""
    options = WyomingOptions(text_characters=100)
    async with serving(options=options) as house, house.client() as client:
        await client.write_event(START)
        for _ in range(12):
            await client.write_event(chunk("没有句号的长文本哦 "))
        events = await answer(client, "synthesize-stopped")
        assert Error.from_event(events[-2]).code == "too-large"
        await client.write_event(STOP)
        await stream(client, "你好。")
        assert types(await answer(client, "synthesize-stopped")) == ANSWER
