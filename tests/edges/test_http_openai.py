"""OpenAI's own client, unchanged, hears this server."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Literal

import openai
import pytest

from tests.edges.http_house import House, decoded, serving
from tests.tone import CHARACTER, ToneEngine

HELLO = "Hello."
SECONDS = len(HELLO) * CHARACTER


@asynccontextmanager
async def asked(
    engine: ToneEngine | None = None,
) -> AsyncGenerator[tuple[House, openai.AsyncOpenAI], None]:
    async with serving(engine) as house:
        async with openai.AsyncOpenAI(
            base_url=f"{house.url}/v1", api_key="none", max_retries=0
        ) as client:
            yield house, client


@pytest.mark.parametrize("name", ["mp3", "opus", "flac", "wav"])
async def test_it_hears_a_file(name: Literal["mp3", "opus", "flac", "wav"]) -> None:
    async with asked() as (_, client):
        answer = await client.audio.speech.create(
            model="tts-1", voice="alice", input=HELLO, response_format=name
        )
        samples, rate, _ = decoded(answer.content)
    assert len(samples) / rate == pytest.approx(SECONDS, abs=0.1)


@pytest.mark.parametrize("rate", [24_000, 22_050])
async def test_plain_samples_have_the_rate_that_it_expects(rate: int) -> None:
    async with asked(ToneEngine(rate=rate)) as (_, client):
        streaming = client.audio.speech.with_streaming_response.create(
            model="gpt-4o-mini-tts", voice="alloy", input=HELLO, response_format="pcm"
        )
        async with streaming as answer:
            content = b"".join([part async for part in answer.iter_bytes()])
    assert len(content) / 2 / 24_000 == pytest.approx(SECONDS, abs=0.001)


async def test_it_gets_an_mp3_if_it_says_nothing_else() -> None:
    async with asked() as (_, client):
        answer = await client.audio.speech.create(model="tts-1", voice="alloy", input=HELLO)
        assert answer.response.headers["Content-Type"] == "audio/mpeg"


async def test_its_wishes_reach_the_engine() -> None:
    async with asked() as (house, client):
        await client.audio.speech.create(
            model="tts-1", voice="bob", input=HELLO, speed=4.0, instructions="happy"
        )
        await client.audio.speech.create(
            model="tts-1", voice="alice-sad", input=HELLO, instructions="Speak like a pirate."
        )
        happy, sad = house.engine.jobs
    assert (happy.style.voice, sad.style.voice) == ("bob", "alice")
    assert happy.style.emotion.weights[0] > 0.5 and sad.style.emotion.weights[2] > 0.5
    assert happy.style.speed > 1.9


async def test_it_lists_models() -> None:
    async with asked() as (_, client):
        names = [model.id async for model in client.models.list()]
        assert (await client.models.retrieve("tts-1")).owned_by == "wyoming-indextts"
    assert {"wyoming-indextts", "tts-1"} <= set(names)


async def test_voices_are_listed_as_other_servers_of_that_form_do() -> None:
    async with asked() as (house, _):
        async with house.client.get("/v1/audio/voices") as answer:
            voices = (await answer.json())["voices"]
    assert voices == [{"id": "alice", "name": "Alice"}, {"id": "bob", "name": "Bob"}]


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({"voice": "nobody"}, 404, "voice-not-found"),
        ({"input": ""}, 400, "bad-request"),
        ({"input": "broken."}, 500, "synthesis-failed"),
        ({"response_format": "aac"}, 422, "unsupported"),
        ({"response_format": "avi"}, 400, "bad-request"),
        ({"stream_format": "sse"}, 422, "unsupported"),
    ],
)
async def test_it_understands_what_went_wrong(
    wanted: dict[str, Any], status: int, code: str
) -> None:
    async with asked(ToneEngine(fails_on="broken")) as (_, client):
        with pytest.raises(openai.APIStatusError) as raised:
            await client.audio.speech.create(
                **{"model": "tts-1", "voice": "alloy", "input": HELLO, **wanted}
            )
    assert (raised.value.status_code, raised.value.code) == (status, code)
