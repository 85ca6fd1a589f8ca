"""The control protocol over a WebSocket: one client's utterances, in turn, and how each ends."""

import asyncio
import json
import time

import pytest
from aiohttp import WSMsgType

from tests.edges.http_house import PATIENCE, serving
from tests.edges.ws_client import ENDS, talking
from tests.house import PRESETS
from tests.tone import CHARACTER, MUCH, RATE, ToneEngine
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.session import LONGEST_ID

HELLO = "Hello."
ENDLESS = "word " * 2000
"""Eight minutes of tone."""


async def test_the_client_is_greeted() -> None:
    async with serving() as house, talking(house) as client:
        hello = client.hello
        assert (hello["rate"], hello["channels"], hello["format"]) == (RATE, 1, "pcm_s16le")
        assert hello["synthetic"] is True


async def test_a_text_is_heard_with_the_time_of_each_sentence() -> None:
    async with serving() as house, talking(house) as client:
        await client.say("speak", id="u1", text="One two. Three four five.")
        end = await client.ended("u1")
    assert client.kinds == [
        "queued", "start", "sentence", "sound", "sentence", "sound", "end",
    ]  # fmt: skip
    first, second = (told for told in client.told if told["type"] == "sentence")
    assert (first["text"], first["at"]) == ("One two.", 0.0)
    assert second["text"] == "Three four five."
    heard = [told["seconds"] for told in client.told if told["type"] == "sound"]
    assert sum(heard) == pytest.approx(end["seconds"], abs=0.01)
    assert second["at"] == pytest.approx(heard[0], abs=0.11)  # to the run of sound it begins in
    assert heard[1] >= len("Three four five.") * CHARACTER - 0.11


async def test_text_may_come_in_pieces() -> None:
    async with serving() as house, talking(house) as client:
        await client.say("speak", id="u1", text="Good mor", more=True)
        await client.say("append", id="u1", text="ning. And good ")
        assert (await client.until("sentence"))["text"] == "Good morning."
        await client.say("append", id="u1", text="night.")
        await client.say("end", id="u1")
        assert (await client.ended("u1"))["type"] == "end"
        assert house.engine.said == "Good morning.|And good night."


async def test_utterances_of_a_session_wait_for_each_other() -> None:
    async with serving() as house, talking(house) as client:
        for name in ("u1", "u2", "u3"):
            await client.say("speak", id=name, text=HELLO)
        await client.ended("u3")
    assert [told["id"] for told in client.told if told["type"] == "end"] == ["u1", "u2", "u3"]
    starts = [at for at, kind in enumerate(client.kinds) if kind in {"start", "end"}]
    assert [client.kinds[at] for at in starts] == ["start", "end"] * 3


async def test_who_waits_is_told_how_many_are_before_him() -> None:
    async with serving(ToneEngine(pace=0.005)) as house, talking(house) as client:
        await client.say("speak", id="u1", text=ENDLESS)
        await client.until("start")
        await client.say("speak", id="u2", text=HELLO)
        assert await client.until("queued") == {"type": "queued", "id": "u2", "position": 1}


async def test_a_cancelled_utterance_sounds_no_more_and_the_next_begins() -> None:
    async with serving(ToneEngine(pace=0.002)) as house, talking(house) as client:
        await client.say("speak", id="u1", text=ENDLESS)
        await client.until("start")
        await client.say("speak", id="u2", text=HELLO)
        await client.until("queued")
        asked = time.monotonic()
        await client.say("cancel", id="u1")
        assert (await client.ended("u1"))["type"] == "cancelled"
        assert time.monotonic() - asked < 1
        client.told.clear()
        assert (await client.ended("u2"))["type"] == "end"
        assert client.kinds[0] == "start"


async def test_cancel_without_an_id_ends_all_of_the_session_and_of_no_other() -> None:
    async with serving(ToneEngine(pace=0.002)) as house:
        async with talking(house) as other, talking(house) as client:
            await other.say("speak", id="u1", text="word " * 12)
            await client.say("speak", id="u1", text=ENDLESS)
            await client.say("speak", id="u2", text=ENDLESS)
            await client.until("start")
            await client.say("cancel")
            ends = [await client.until(*ENDS), await client.until(*ENDS)]
            assert sorted((end["id"], end["type"]) for end in ends) == [
                ("u1", "cancelled"), ("u2", "cancelled"),
            ]  # fmt: skip
            assert (await other.ended("u1"))["type"] == "end"


async def test_a_new_utterance_may_replace_the_one_that_speaks() -> None:
    async with serving(ToneEngine(pace=0.002)) as house, talking(house) as client:
        await client.say("speak", id="u1", text=ENDLESS)
        await client.until("start")
        await client.say("speak", id="u2", text=HELLO, replace=True)
        assert (await client.ended("u1"))["type"] == "cancelled"
        assert (await client.ended("u2"))["type"] == "end"


async def test_a_style_is_heard_from_the_next_sentence_on() -> None:
    async with serving() as house, talking(house) as client:
        await client.say("speak", id="u1", text="One. ", more=True)
        await client.say("append", id="u1", text="Two")
        await client.until("sentence")
        await client.say("style", id="u1", voice="bob", emotion="happy", intensity=0.5)
        await client.say("append", id="u1", text=" three.")
        await client.say("end", id="u1")
        await client.ended("u1")
        first, second = house.engine.jobs
    assert (first.style.voice, second.style.voice) == ("alice", "bob")
    happy = PRESETS.find("happy").weights[0]
    assert second.style.emotion.weights[0] == pytest.approx(happy * 0.5 * 0.9375)


async def test_what_an_utterance_is_asked_for_reaches_the_engine() -> None:
    async with serving() as house, talking(house) as client:
        await client.say("speak", id="u1", text=HELLO, voice="bob", weights=[0, 0.5] + [0] * 6)
        await client.ended("u1")
        (job,) = house.engine.jobs
    assert job.style.voice == "bob"
    assert job.style.emotion.weights == pytest.approx((0, 0.4375, 0, 0, 0, 0, 0, 0))


async def test_a_sentence_that_fails_ends_its_utterance_and_no_other() -> None:
    async with serving(ToneEngine(fails_on="broken")) as house, talking(house) as client:
        await client.say("speak", id="u1", text="This is broken.")
        end = await client.ended("u1")
        assert (end["type"], end["code"]) == ("error", "synthesis-failed")
        await client.say("speak", id="u2", text=HELLO)
        assert (await client.ended("u2"))["type"] == "end"


BAD = {
    "no JSON": ("{", None, "bad-data"),
    "a list": ("[]", None, "bad-data"),
    "deep": ("[" * 5000, None, "bad-data"),
    "no type": ("{}", None, "bad-request"),
    "another type": ('{"type": "sing"}', None, "bad-request"),
    "a type that is none": ('{"type": ["speak"]}', None, "bad-request"),
    "no id": ('{"type": "speak", "text": "a"}', None, "bad-request"),
    "an id that is none": ('{"type": "speak", "id": 5, "text": "a"}', None, "bad-request"),
    "a long id": (
        json.dumps({"type": "speak", "id": "a" * (LONGEST_ID + 1), "text": "a"}),
        None,
        "bad-request",
    ),
    "no text": ('{"type": "speak", "id": "a"}', "a", "bad-request"),
    "another field": ('{"type": "speak", "id": "a", "text": "a", "txt": 1}', "a", "bad-request"),
    "more that is none": (
        '{"type": "speak", "id": "a", "text": "a", "more": 1}', "a", "bad-request",
    ),
    "an unknown voice": (
        '{"type": "speak", "id": "a", "text": "a", "voice": "nobody"}', "a", "voice-not-found",
    ),
    "an unknown emotion": (
        '{"type": "speak", "id": "a", "text": "a", "emotion": "x"}', "a", "emotion-not-found",
    ),
    "a number too high": (
        '{"type": "speak", "id": "a", "text": "a", "speed": 9}', "a", "bad-request",
    ),
    "a number that is none": (
        '{"type": "speak", "id": "a", "text": "a", "speed": NaN}', "a", "bad-request",
    ),
    "text for nobody": ('{"type": "append", "id": "a", "text": "a"}', "a", "not-found"),
    "the end of nothing": ('{"type": "end", "id": "a"}', "a", "not-found"),
    "too much text": (
        json.dumps({"type": "speak", "id": "a", "text": "a" * 20_001}), "a", "too-large",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
async def test_what_cannot_be_done_is_told_and_the_session_goes_on(what: str) -> None:
    sent, name, code = BAD[what]
    async with serving() as house, talking(house) as client:
        await client.socket.send_str(sent)
        error = await client.next()
        assert (error["type"], error.get("id"), error["code"]) == ("error", name, code)
        assert error["text"]
        await client.say("speak", id="a", text=HELLO)
        assert (await client.ended("a"))["type"] == "end"


async def test_an_id_is_one_utterances_alone() -> None:
    async with serving(ToneEngine(pace=0.005)) as house, talking(house) as client:
        await client.say("speak", id="u1", text=ENDLESS)
        await client.until("start")
        await client.say("speak", id="u1", text=HELLO)
        assert (await client.until("error"))["code"] == "bad-request"


async def test_too_many_that_wait_are_refused() -> None:
    options = HttpOptions(waiting=2)
    async with serving(ToneEngine(pace=0.005), options) as house, talking(house) as client:
        for name in ("u1", "u2", "u3", "u4"):
            await client.say("speak", id=name, text=ENDLESS)
        error = await client.until("error")
        assert (error["id"], error["code"]) == ("u4", "busy")


async def test_text_that_never_ends_is_too_much_at_last() -> None:
    options = HttpOptions(text_characters=100)
    async with serving(options=options) as house, talking(house) as client:
        await client.say("speak", id="u1", text="a" * 60, more=True)
        await client.say("append", id="u1", text="b" * 60)
        assert (await client.until("error"))["code"] == "too-large"
        await client.say("end", id="u1")
        assert (await client.ended("u1"))["type"] == "end"


async def test_text_that_stops_coming_ends_the_utterance() -> None:
    options = HttpOptions(text_idle_timeout=0.1)
    async with serving(options=options) as house, talking(house) as client:
        await client.say("speak", id="u1", text="Hello", more=True)
        end = await client.ended("u1")
        assert (end["type"], end["code"]) == ("error", "timeout")


async def test_nothing_but_text_may_be_sent() -> None:
    async with serving() as house, talking(house) as client:
        await client.socket.send_bytes(b"\0" * 100)
        async with asyncio.timeout(PATIENCE):
            assert (await client.socket.receive()).type is WSMsgType.CLOSE
        await house.emptied_sessions()


async def test_a_message_that_is_too_long_ends_the_session() -> None:
    async with serving(options=HttpOptions(json_bytes=1000)) as house, talking(house) as client:
        await client.socket.send_str("a" * 2000)
        async with asyncio.timeout(PATIENCE):
            assert (await client.socket.receive()).type is WSMsgType.CLOSE


async def test_a_client_that_leaves_ends_its_speech() -> None:
    async with serving(ToneEngine(pace=0.002)) as house:
        async with talking(house) as client:
            await client.say("speak", id="u1", text=ENDLESS)
            await client.until("start")
        await house.silent()
        assert house.engine.steps < len(ENDLESS) / 2


async def test_a_client_that_does_not_read_holds_its_own_speech_and_no_other() -> None:
    async with serving(ToneEngine(rate=MUCH)) as house:
        async with talking(house) as stuck, talking(house) as other:
            for number in range(8):
                await stuck.say("speak", id=f"u{number}", text="word " * 3900)
            await stuck.until("start")
            async with asyncio.timeout(PATIENCE):
                steps = -1
                while steps != house.engine.steps:
                    steps = house.engine.steps
                    await asyncio.sleep(0.3)
            assert steps < 2 * 200, "about a sentence"
            await other.say("speak", id="u1", text=HELLO)
            assert (await other.ended("u1"))["type"] == "end"


async def test_a_client_that_takes_nothing_for_too_long_is_cut_off() -> None:
    async with serving(ToneEngine(rate=MUCH), options=HttpOptions(write_timeout=0.3)) as house:
        async with talking(house) as stuck:
            await stuck.say("speak", id="u1", text="word " * 3900)
            await stuck.until("start")
            await house.emptied_sessions()
            assert not house.speaker.live


async def test_the_server_goes_down_and_says_so() -> None:
    async with serving(ToneEngine(pace=0.005)) as house, talking(house) as client:
        await client.say("speak", id="u1", text=ENDLESS)
        await client.until("start")
        down = asyncio.create_task(house.down())
        end = await client.ended("u1")
        assert (end["type"], end["code"]) == ("error", "shutdown")
        async with asyncio.timeout(PATIENCE):
            closed = await client.socket.receive()
            assert (closed.type, closed.data) == (WSMsgType.CLOSE, 1001)
            await down


async def test_a_client_that_answers_no_ping_is_gone() -> None:
    async with serving(options=HttpOptions(heartbeat=0.2)) as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(
            b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        async with asyncio.timeout(PATIENCE):
            assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
            while await reader.read(65_536):
                pass
        await house.emptied_sessions()
        writer.close()


async def test_a_client_that_answers_pings_may_be_silent_for_long() -> None:
    async with serving(options=HttpOptions(heartbeat=0.1)) as house, talking(house) as client:
        reading = asyncio.create_task(client.next())
        await asyncio.sleep(0.5)
        await client.say("speak", id="u1", text=HELLO)
        assert (await reading)["type"] == "queued"


async def test_speed_and_volume_are_heard_from_the_next_sentence_on() -> None:
    async with serving() as house, talking(house) as client:
        await client.say("speak", id="u1", text="One. ", more=True)
        await client.say("append", id="u1", text="Two")
        await client.until("sentence")
        await client.say("style", id="u1", speed=1.5, volume=0.5)
        await client.say("append", id="u1", text=" three.")
        await client.say("end", id="u1")
        await client.ended("u1")
        first, second = (job.style for job in house.engine.jobs)
    assert second.speed == pytest.approx(1.5 * first.speed)
    assert second.gain == pytest.approx(first.gain - 6.02, abs=0.01)


async def test_what_is_no_websocket_is_told_so() -> None:
    async with serving() as house:
        assert await house.error("GET", "/ws") == (400, "bad-request")
