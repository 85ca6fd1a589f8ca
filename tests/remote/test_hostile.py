"""A far side that lies, babbles or falls silent: it costs a sentence, never the gateway."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import WSMsgType, web

from tests.house import PRESETS, voices
from tests.remote.far_side import another
from tests.remote.test_runner import job, until
from wyoming_indextts.errors import EngineFailedError, SpeechError
from wyoming_indextts.remote.runner import RemoteRunner
from wyoming_indextts.speech.wire import JOB, PROTOCOL, House, encoded, house_fields

HOUSE = encoded(
    "house", **house_fields(House("1.0", 22_050, tuple(voices()), tuple(PRESETS), "alice"))
)

Trick = Callable[[web.WebSocketResponse, int], Awaitable[None]]
"""What a far side does when it is given a job."""


@asynccontextmanager
async def tricked(trick: Trick, sound_timeout: float = 0.3) -> AsyncGenerator[RemoteRunner, None]:
    """Give a gateway whose far side begins as ours does."""

    async def handler(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=(PROTOCOL,))
        await socket.prepare(request)
        await socket.send_str(HOUSE)
        async for message in socket:
            order = json.loads(message.data)
            if message.type is WSMsgType.TEXT and order["type"] == "speak":
                await trick(socket, order["job"])
        return socket

    async with another(handler) as wanted:
        quick = replace(wanted, sound_timeout=sound_timeout)
        async with asyncio.timeout(15), RemoteRunner(quick, lambda _: None) as runner:
            await runner.loaded()
            yield runner


def sound(number: int, data: bytes) -> bytes:
    return JOB.pack(number) + data


def says(*frames: Callable[[int], str | bytes]) -> Trick:
    async def trick(socket: web.WebSocketResponse, number: int) -> None:
        for frame in frames:
            match frame(number):
                case str(text):
                    await socket.send_str(text)
                case data:
                    await socket.send_bytes(data)

    return trick


async def seconds(runner: RemoteRunner, text: str = "hello") -> float:
    return sum([pcm.seconds async for pcm in runner.run(job(1, text))])


def done(number: int, samples: object = 100, factor: object = 0.1) -> str:
    return encoded("done", job=number, samples=samples, factor=factor)


LIES = {
    "more samples than it sent": says(lambda n: sound(n, bytes(200)), lambda n: done(n, 101)),
    "fewer samples than it sent": says(lambda n: sound(n, bytes(200)), lambda n: done(n, 99)),
    "no number of samples": says(lambda n: sound(n, bytes(200)), lambda n: done(n, "100")),
    "negative samples": says(lambda n: done(n, -1)),
    "a factor that is none": says(lambda n: sound(n, bytes(200)), lambda n: done(n, 100, -1)),
    "half a sample": says(lambda n: sound(n, bytes(201))),
    "a frame without its job": says(lambda _: b"\1\0"),
    "sound of a job nobody gave": says(lambda n: sound(n + 1, bytes(200))),
    "sound of no job": says(lambda _: sound(0, bytes(200))),
    "the end of a job nobody gave": says(lambda n: done(n + 7)),
    "garbage": says(lambda _: "\0\0\0"),
    "a list": says(lambda _: "[1, 2]"),
    "deep nesting": says(lambda _: "[" * 50_000),
    "an unknown word": says(lambda _: encoded("sing")),
    "a house that is none": says(lambda _: encoded("house", voices="all")),
    "a house at another rate": says(lambda _: HOUSE.replace('"rate":22050', '"rate":24000')),
    "a message of 2 MiB": says(lambda _: " " * 2**21),
    "a frame of 2 MiB": says(lambda n: sound(n, bytes(2**21))),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_far_side_that_lies_is_hung_up_on_and_met_again(lie: str) -> None:
    async with tricked(LIES[lie], sound_timeout=5.0) as runner:
        with pytest.raises(EngineFailedError, match="the far side is lost: "):
            await seconds(runner)
        assert not runner.ready
        assert runner.busy == 0
        await until(lambda: runner.ready)


async def test_sound_without_end_ends() -> None:
    async def babble(socket: web.WebSocketResponse, number: int) -> None:
        for _ in range(100):
            await socket.send_bytes(sound(number, bytes(60_000)))

    async with tricked(babble) as runner:
        with pytest.raises(EngineFailedError, match="more sound than the text can have"):
            await seconds(runner, "hello")


async def test_one_that_hangs_up_in_mid_sentence_fails_it() -> None:
    async def hang_up(socket: web.WebSocketResponse, number: int) -> None:
        await socket.send_bytes(sound(number, bytes(200)))
        await socket.close()

    async with tricked(hang_up) as runner:
        heard = 0.0
        with pytest.raises(EngineFailedError, match="the far side is lost: it hung up"):
            async for pcm in runner.run(job(1, "hello")):
                heard += pcm.seconds
        assert heard > 0


@pytest.mark.parametrize("begun", [True, False])
async def test_one_that_stalls_in_mid_sentence_fails_it_and_keeps_the_connection(
    begun: bool,  # noqa: FBT001 - pytest hands it over by name
) -> None:
    async def stall(socket: web.WebSocketResponse, number: int) -> None:
        if begun:
            await socket.send_bytes(sound(number, bytes(200)))

    async with tricked(stall) as runner:
        with pytest.raises(EngineFailedError, match=r"made no sound for 0\.3 s"):
            await seconds(runner)
        assert runner.ready
        assert runner.busy == 0


async def test_what_comes_for_a_cancelled_job_is_passed_over() -> None:
    given: list[int] = []

    async def late(socket: web.WebSocketResponse, number: int) -> None:
        given.append(number)
        await socket.send_bytes(sound(number, bytes(200)))
        if len(given) == 2:
            await socket.send_bytes(sound(given[0], bytes(200)))
            await socket.send_str(done(given[0], 12345))
            await socket.send_str(encoded("failed", job=given[0], code="x", text="y"))
            await socket.send_str(done(number))

    async with tricked(late) as runner:
        async with aclosing(runner.run(job(1, "one"))) as runs:
            await anext(runs)
        assert await seconds(runner, "two") == pytest.approx(100 / 22_050)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("busy", "busy"),
        ("model-loading", "model-loading"),
        ("synthesis-failed", "synthesis-failed"),
        ("out-of-memory", "out-of-memory"),
        ("cancelled", "cancelled"),
        ("weights-missing", "engine-failed"),
        ("shutdown", "engine-failed"),
        ("no-such-code", "engine-failed"),
        (17, "engine-failed"),
        (None, "engine-failed"),
    ],
)
async def test_the_far_sides_reason_is_passed_on_in_one_line(told: object, code: str) -> None:
    words = "why \x1b[31m\n not" + "!" * 10_000
    async with tricked(says(lambda n: encoded("failed", job=n, code=told, text=words))) as runner:
        with pytest.raises(SpeechError) as raised:
            await seconds(runner)
    assert raised.value.code == code
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 300


async def test_one_that_sends_pings_gets_pongs() -> None:
    ponged = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=(PROTOCOL,), autoping=False)
        await socket.prepare(request)
        await socket.send_str(HOUSE)
        await socket.ping(b"are you there?")
        async for message in socket:
            if message.type is WSMsgType.PONG and message.data == b"are you there?":
                ponged.set()
            elif message.type is WSMsgType.PING:
                await socket.pong(message.data)
        return socket

    async with another(handler) as wanted, RemoteRunner(wanted, lambda _: None):
        async with asyncio.timeout(10):
            await ponged.wait()
