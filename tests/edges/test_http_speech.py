"""Speech over HTTP: at one address, or left at one and fetched at another."""

import asyncio
import time

import aiohttp
import numpy as np
import pytest

from tests.edges.http_house import PATIENCE, decoded, serving
from tests.house import PRESETS
from tests.tone import CHARACTER, RATE, ToneEngine
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.speech.speaker import SpeakerOptions

HELLO = "Hello."
SECONDS = len(HELLO) * CHARACTER
ENDLESS = "word " * 2000
"""Eight minutes of tone."""


async def test_an_address_sounds() -> None:
    async with serving() as house:
        async with house.client.get("/stream", params={"text": HELLO}) as answer:
            assert answer.headers["Content-Type"] == f"audio/x-pcm;rate={RATE};channels=1"
            assert answer.headers["X-Synthetic-Speech"] == "true"
            assert len(await answer.read()) == 2 * round(SECONDS * RATE)
        assert house.engine.said == HELLO


async def test_the_wishes_of_a_query_reach_the_engine() -> None:
    wishes = {
        "text": HELLO, "voice": "bob", "emotion": "高兴", "intensity": "0.5", "speed": "1.5",
        "volume": "0.5",
    }  # fmt: skip
    async with serving() as house:
        await house.sound("GET", "/stream", params=wishes)
        (job,) = house.engine.jobs
    happy = PRESETS.find("happy")
    assert job.style.voice == "bob"
    assert job.style.emotion.weights[0] == pytest.approx(happy.weights[0] * 0.5 * 0.9375)
    assert job.style.speed == pytest.approx(1.5 * happy.speed**0.5)
    assert job.style.gain == pytest.approx(-6.02 + happy.loudness * 0.5, abs=0.01)


async def test_eight_weights_go_instead_of_an_emotion() -> None:
    async with serving() as house:
        await house.sound("GET", "/stream", params={"text": HELLO, "weights": "0,0.5,0,0,0,0,0,0"})
        await house.sound(
            "GET", await parked(house.client, weights=[0, 0, 0.5, 0, 0, 0, 0, 0], text=HELLO)
        )
        angry, sad = house.engine.jobs
    assert angry.style.emotion.weights == pytest.approx((0, 0.4375, 0, 0, 0, 0, 0, 0))
    assert sad.style.emotion.weights == pytest.approx((0, 0, 0.5, 0, 0, 0, 0, 0))


async def parked(client: aiohttp.ClientSession, **fields: object) -> str:
    async with client.post("/tts", json=fields) as answer:
        assert answer.status == 201
        return f"/tts/{(await answer.json())['session_id']}/audio"


async def test_a_text_is_left_and_fetched_as_often_as_somebody_likes() -> None:
    async with serving() as house:
        path = await parked(house.client, text=HELLO, emotion="happy", speed=None)
        assert house.engine.jobs == []
        first = await house.sound("GET", path)
        assert first == await house.sound("GET", path)
        samples, rate, _ = decoded(await house.sound("GET", path, params={"format": "wav"}))
        assert (len(first), rate, len(samples)) == (2 * len(samples), RATE, round(SECONDS * RATE))


async def test_only_so_many_texts_are_kept_and_only_so_long() -> None:
    async with serving(options=HttpOptions(parked=2, parked_seconds=30)) as house:
        first, second, third = [await parked(house.client, text=HELLO) for _ in range(3)]
        assert await house.error("GET", first) == (404, "not-found")
        assert await house.sound("GET", second) and await house.sound("GET", third)
    async with serving(options=HttpOptions(parked_seconds=0)) as house:
        assert await house.error("GET", await parked(house.client, text=HELLO)) == (
            404,
            "not-found",
        )


@pytest.mark.parametrize("name", ["wav", "flac", "mp3", "opus"])
@pytest.mark.parametrize("rate", [24_000, 22_050])
async def test_every_format_is_heard_and_says_that_it_is_synthetic(name: str, rate: int) -> None:
    text = "Twenty characters, or so. " * 2
    async with serving(ToneEngine(rate=rate)) as house:
        content = await house.sound("GET", "/stream", params={"text": text, "format": name})
        plain = await house.sound("GET", "/stream", params={"text": text})
    samples, heard, tags = decoded(content)
    lossless = name in ("wav", "flac")
    assert heard == {"opus": 48_000}.get(name, rate)
    assert len(samples) / heard == pytest.approx(
        len(plain) / 2 / rate, abs=0.0 if lossless else 0.1
    )
    if lossless:
        assert np.array_equal(np.rint(samples * 32768), np.frombuffer(plain, "<i2"))
    middle = samples[len(samples) // 4 : len(samples) // 4 + heard // 10]
    pitch = np.argmax(np.abs(np.fft.rfft(middle))) * heard / len(middle)
    assert pitch == pytest.approx(440, abs=10)
    assert "Synthetic speech" in tags["comment"]


@pytest.mark.parametrize("name", ["wav", "flac", "mp3", "opus"])
async def test_sound_arrives_while_the_rest_is_made(name: str) -> None:
    async with serving(ToneEngine(pace=0.01)) as house:
        params = {"text": ENDLESS, "format": name}
        async with asyncio.timeout(PATIENCE), house.client.get("/stream", params=params) as answer:
            received = 0
            while received < 4096:
                received += len(await answer.content.readany())
        await house.silent()
        assert house.engine.steps < len(ENDLESS) / 2


async def test_a_client_that_leaves_ends_its_utterance() -> None:
    async with serving(ToneEngine(pace=0.005)) as house:
        async with house.client.get("/stream", params={"text": ENDLESS}) as answer:
            await answer.content.readexactly(4800)
            assert len(house.speaker.live) == 1
            answer.close()
            left = time.monotonic()
            await house.silent()
        assert time.monotonic() - left < 1
        await house.emptied()


async def test_a_client_that_leaves_before_the_first_sound_ends_its_utterance() -> None:
    async with serving(ToneEngine(pace=60)) as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(b"GET /stream?text=hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            while not house.engine.jobs:
                await asyncio.sleep(0.005)
        writer.transport.abort()
        await house.emptied()
        assert await reader.read() == b""


async def test_a_slow_client_pauses_its_own_utterance_only() -> None:
    async with serving() as house:
        path = await parked(house.client, text="word " * 3900)
        async with house.client.get(path) as slow:
            await slow.content.readexactly(4800)
            async with asyncio.timeout(PATIENCE):
                steps = -1
                while steps != house.engine.steps:
                    steps = house.engine.steps
                    await asyncio.sleep(0.3)
            assert steps < 0.9 * len("word " * 3900)
            assert await house.sound("GET", "/stream", params={"text": HELLO})
            slow.close()


async def test_a_client_that_takes_nothing_is_cut_off() -> None:
    async with serving(options=HttpOptions(write_timeout=0.3)) as house:
        path = await parked(house.client, text="word " * 3900)
        async with house.client.get(path) as stuck:
            await stuck.content.readexactly(4800)
            await house.silent()
            with pytest.raises(aiohttp.ClientError):
                await stuck.read()


async def test_what_fails_before_the_first_sound_has_a_status() -> None:
    async with serving(ToneEngine(fails_on="broken")) as house:
        params = {"text": "This is broken."}
        assert await house.error("GET", "/stream", params=params) == (500, "synthesis-failed")


async def test_what_fails_later_cuts_the_answer_off() -> None:
    async with serving(ToneEngine(fails_on="broken")) as house:
        params = {"text": "This is well said. This is broken."}
        async with house.client.get("/stream", params=params) as answer:
            assert answer.status == 200
            with pytest.raises(aiohttp.ClientError):
                await answer.read()


async def test_somebody_stops_all_speech() -> None:
    async with serving(ToneEngine(pace=0.005)) as house:
        async with house.client.get("/stream", params={"text": ENDLESS}) as answer:
            await answer.content.readexactly(4800)
            async with house.client.post("/stop") as stopped:
                assert await stopped.json() == {"stopped": 1}
            with pytest.raises(aiohttp.ClientError):
                await answer.read()
        await house.silent()


async def test_one_too_many_is_told_to_come_again() -> None:
    limits = SpeakerOptions(speaking=1, waiting=0)
    async with serving(ToneEngine(pace=0.005), limits=limits) as house:
        async with house.client.get("/stream", params={"text": ENDLESS}) as first:
            await first.content.readexactly(4800)
            async with house.client.get("/stream", params={"text": HELLO}) as second:
                assert (second.status, second.headers["Retry-After"]) == (429, "1")
            first.close()


async def test_the_server_goes_down_in_time_and_says_so() -> None:
    limits = SpeakerOptions(speaking=1)
    async with serving(ToneEngine(pace=0.005), limits=limits) as house:
        sounding = await house.client.get("/stream", params={"text": ENDLESS})
        await sounding.content.readexactly(4800)
        waiting = asyncio.create_task(house.error("GET", "/stream", params={"text": ENDLESS}))
        idle, leaving = await asyncio.open_connection("127.0.0.1", house.port)
        async with asyncio.timeout(PATIENCE):
            while len(house.speaker.live) < 2:
                await asyncio.sleep(0.005)
        went = time.monotonic()
        await house.down()
        assert time.monotonic() - went < 5
        assert await waiting == (503, "shutdown")
        assert await idle.read() == b""
        leaving.close()
        with pytest.raises(aiohttp.ClientError):
            await sounding.read()
