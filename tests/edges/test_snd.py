"""The snd target at a real socket: exact samples, in time, and silent when it is told to be."""

import asyncio
import time
from collections.abc import AsyncGenerator
from itertools import pairwise

import pytest
from wyoming.event import async_read_event

from tests.edges.snd_service import Manner, SndService, snd_service
from tests.tone import RATE, tone
from wyoming_indextts.edges.announce.snd import SndOptions, SndTarget
from wyoming_indextts.errors import (
    EngineFailedError,
    SpeechError,
    TargetFailedError,
    TimedOutError,
)
from wyoming_indextts.speech.audio import Pcm


def target(service: SndService) -> SndTarget:
    limits = {"connecting": 1.0, "taking": 0.5, "answering": 0.5, "ahead": 0.3, "lingering": 0.1}
    return SndTarget(SndOptions("127.0.0.1", service.port, **limits))


async def frames(seconds: float, error: SpeechError | None = None) -> AsyncGenerator[Pcm, None]:
    for frame in tone(seconds).frames(0.1):
        yield frame
    if error:
        raise error


async def test_every_sample_arrives_with_its_time() -> None:
    async with snd_service() as service:
        await target(service).play(frames(0.75), print)
        (heard,) = service.heard
        assert heard.sound == tone(0.75)
        assert heard.stamps == [0, 100, 200, 300, 400, 500, 600, 700]
        assert heard.rate == RATE and heard.stopped


async def test_sound_goes_out_only_a_little_ahead_of_its_time() -> None:
    async with snd_service() as service:
        begun = time.monotonic()
        await target(service).play(frames(1.0), print)
        assert time.monotonic() - begun >= 1.0, "it ended before the sound had been heard"
        (heard,) = service.heard
        late = [at - heard.began for at in heard.chunks]
        assert all(at >= 0.1 * number - 0.35 for number, at in enumerate(late))
        assert all(one <= other for one, other in pairwise(late))
        await service.until(lambda service: service.over == 1)


async def test_a_stop_cuts_the_connection_at_once() -> None:
    async with snd_service() as service:
        playing = asyncio.create_task(target(service).play(frames(60.0), print))
        await service.until(lambda service: bool(service.heard and service.heard[0].chunks))
        playing.cancel()
        await asyncio.wait([playing])
        await service.until(lambda service: service.over == 1)
        (heard,) = service.heard
        assert heard.stopped is None
        assert heard.sound.seconds < 5


async def test_an_error_in_the_sound_is_handed_on_and_the_rest_is_cut() -> None:
    async with snd_service() as service:
        with pytest.raises(EngineFailedError):
            await target(service).play(frames(0.2, EngineFailedError("gone")), print)
        await service.until(lambda service: service.over == 1)
        assert service.heard[0].stopped is None


async def test_nobody_there() -> None:
    with pytest.raises(TargetFailedError, match="is not reached"):
        await SndTarget(SndOptions("127.0.0.1", 1)).play(frames(0.1), print)


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await async_read_event(reader)
    writer.close()


async def say_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    while await reader.read(65_536):
        pass


async def take_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)
    writer.close()


def say(words: bytes) -> Manner:
    async def manner(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        await say_nothing(reader, writer)

    return manner


@pytest.mark.parametrize(
    ("manner", "error", "complaint"),
    [
        (hang_up, TargetFailedError, "hung up"),
        (say_nothing, TimedOutError, "does not say that it has played"),
        (say(b"HTTP/1.1 400 Bad Request\r\n"), TargetFailedError, "does not speak Wyoming"),
        (say(b"x" * 200_000), TargetFailedError, "does not speak Wyoming"),
        (say(b"[]\n"), TargetFailedError, "does not speak Wyoming"),
        (say(b'{"type": "info", "payload_length": -1}\n'), TargetFailedError, "does not speak"),
        (say(b'{"type": "info", "data_length": 1e9}\n'), TargetFailedError, "does not speak"),
        (say(b"[" * 60_000 + b"\n"), TargetFailedError, "does not speak Wyoming"),
    ],
)
async def test_a_service_that_misbehaves_is_told_of(
    manner: Manner, error: type[SpeechError], complaint: str
) -> None:
    async with snd_service(manner) as service:
        with pytest.raises(error, match=complaint):
            await target(service).play(frames(0.3), print)


async def test_a_service_that_takes_nothing_is_given_up() -> None:
    async with snd_service(take_nothing) as service:
        loud = Pcm(bytes(8 * 2**20), 4_000_000)
        with pytest.raises(TimedOutError, match="takes no sound"):
            await target(service).play(_many(loud), print)


async def _many(run: Pcm) -> AsyncGenerator[Pcm, None]:
    for _ in range(20):
        yield run


async def test_other_events_of_the_service_are_passed_over() -> None:
    async def manner(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'{"type": "info", "data_length": 2, "payload_length": 3}\n{}abc')
        writer.write(b'{"type": "played"}\n')
        await say_nothing(reader, writer)

    async with snd_service(manner) as service:
        await target(service).play(frames(0.2), print)
