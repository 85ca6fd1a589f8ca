"""The session of a gateway, as the wire has it: sentences decided elsewhere, spoken here."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType

from tests.edges.http_house import PATIENCE, House, serving
from tests.tone import ToneEngine, tone
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.speech.emotion import Preset
from wyoming_indextts.speech.engine import Style
from wyoming_indextts.speech.progress import Progress
from wyoming_indextts.speech.script import Phrase
from wyoming_indextts.speech.speaker import SpeakerOptions
from wyoming_indextts.speech.wire import (
    JOB,
    LARGEST_FRAME,
    PROTOCOL,
    Order,
    encoded,
    house_of,
    order_fields,
)


@dataclass
class Gateway:
    """A program that speaks the protocol by hand."""

    socket: aiohttp.ClientWebSocketResponse
    house: House

    async def speak(self, job: int, text: str, **changed: object) -> None:
        order = order_fields(Order(job, (Phrase(text),), Style("alice"), 0.0))
        await self.socket.send_str(encoded("speak", **{**order, **changed}))

    async def speak_long(self, job: int) -> None:
        """Have something spoken that takes long; return when it sounds."""
        await self.speak(job, "x" * 2000)
        while not isinstance(await self.next(), tuple):
            pass

    async def next(self) -> Any:  # noqa: ANN401 - whatever JSON holds
        """Return a message, or the job and the sound of a frame; None once it is hung up on."""
        message = await self.socket.receive(PATIENCE)
        match message.type:
            case WSMsgType.TEXT:
                return json.loads(message.data)
            case WSMsgType.BINARY:
                (job,) = JOB.unpack_from(message.data)
                return job, message.data[JOB.size :]
            case _:
                return None

    async def until(self, kind: str) -> tuple[dict[str, Any], list[tuple[int, bytes]]]:
        """Return the next message of that kind and the sound before it; others are passed over."""
        sound: list[tuple[int, bytes]] = []
        while (told := await self.next()) is not None:
            if isinstance(told, tuple):
                sound.append(told)
            elif told["type"] == kind:
                return told, sound
        raise AssertionError("hung up")

    async def refused(self, job: int) -> str:
        told, sound = await self.until("failed")
        assert told["job"] == job and told["text"] and job not in dict(sound)
        return str(told["code"])


@asynccontextmanager
async def relayed(
    engine: ToneEngine | None = None,
    options: HttpOptions | None = None,
    limits: SpeakerOptions | None = None,
) -> AsyncGenerator[Gateway, None]:
    async with serving(engine, options, limits=limits) as house:
        async with house.client.ws_connect("/ws", protocols=(PROTOCOL,)) as socket:
            assert socket.protocol == PROTOCOL
            yield Gateway(socket, house)


async def test_it_is_greeted_with_the_house_and_how_fast_it_is() -> None:
    async with relayed() as gateway:
        told = await gateway.next()
        assert told.pop("type") == "house"
        house = house_of(told)
        assert [voice.name for voice in house.voices] == ["alice", "bob"]
        assert house.rate == 24_000
        assert await gateway.next() == {"type": "speed", "factor": 0.0}


async def test_a_sentence_is_spoken_in_the_engines_runs_and_counted() -> None:
    async with relayed() as gateway:
        await gateway.speak(5, "abc")
        told, sound = await gateway.until("done")
        assert told == {"type": "done", "job": 5, "samples": 3 * 1200, "factor": 0.0}
        assert sound == [(5, tone(0.05).data)] * 3


async def test_a_long_run_comes_in_several_frames() -> None:
    class Slab(ToneEngine):
        def __init__(self) -> None:
            super().__init__()
            self._tone = tone(3.0)

    async with relayed(Slab()) as gateway:
        await gateway.speak(1, "a")
        told, sound = await gateway.until("done")
        assert [len(data) for _, data in sound] == [LARGEST_FRAME, LARGEST_FRAME, 12_928]
        assert told["samples"] == 72_000


async def test_a_change_of_voices_or_emotions_is_told() -> None:
    async with relayed() as gateway:
        await gateway.until("house")
        cast = gateway.house.cast
        jolly = Preset("jolly", "欢快")
        cast.voices.replace(list(cast.voices), [*cast.presets, jolly])
        told, _ = await gateway.until("house")
        assert house_of(told).presets[-1] == jolly


async def test_it_takes_its_turn_and_is_told_of_like_any_utterance() -> None:
    progress = list[Progress]()
    limits = SpeakerOptions(speaking=1, waiting=1)
    async with relayed(ToneEngine(pace=0.01), limits=limits) as gateway:
        gateway.house.speaker.listen(progress.append)
        for job in (1, 2, 3):
            await gateway.speak(job, "x" * 20)
        assert await gateway.refused(3) == "busy"
        assert (await gateway.until("done"))[0]["job"] == 1
        assert (await gateway.until("done"))[0]["job"] == 2
    assert [one.state for one in progress if one.state != "asked"] == [
        "failed", "started", "finished", "started", "finished",
    ]  # fmt: skip
    assert {one.source for one in progress} == {"http"}


async def test_more_sentences_than_a_session_may_have_are_refused() -> None:
    async with relayed(ToneEngine(pace=0.05), HttpOptions(waiting=1)) as gateway:
        for job in (1, 2, 3):
            await gateway.speak(job, "x" * 20)
        assert await gateway.refused(3) == "busy"


async def test_who_gives_sentences_without_end_is_hung_up_on() -> None:
    async with relayed(ToneEngine(pace=0.05), HttpOptions(waiting=0)) as gateway:
        for job in range(100):
            await gateway.speak(job, "x" * 20)
        while await gateway.next() is not None:
            pass


async def test_cancel_ends_the_engines_work_and_nothing_more_is_told_of_it() -> None:
    engine = ToneEngine(pace=0.005)
    async with relayed(engine) as gateway:
        await gateway.speak_long(1)
        await gateway.socket.send_str(encoded("cancel", job=1))
        await gateway.socket.send_str(encoded("cancel", job=99))
        await gateway.house.silent()
        assert engine.steps < 1000
        await gateway.speak(2, "ab")
        told, sound = await gateway.until("done")
        assert told["job"] == 2
        assert [job for job, _ in sound][-2:] == [2, 2]


async def test_stop_ends_it_with_its_code() -> None:
    async with relayed(ToneEngine(pace=0.005)) as gateway:
        await gateway.speak_long(1)
        async with gateway.house.client.post("/stop") as answer:
            assert await answer.json() == {"stopped": 1}
        told, _ = await gateway.until("failed")
        assert (told["job"], told["code"]) == (1, "cancelled")


async def test_a_gateway_that_leaves_costs_nothing_more() -> None:
    engine = ToneEngine(pace=0.005)
    async with relayed(engine) as gateway:
        await gateway.speak_long(1)
        await gateway.socket.close()
        await gateway.house.emptied_sessions()
        await gateway.house.silent()
        assert engine.steps < 1000


async def test_a_server_that_goes_down_tells_each_sentence() -> None:
    async with relayed(ToneEngine(pace=0.005), HttpOptions(drain_timeout=0.5)) as gateway:
        await gateway.speak_long(1)
        going = asyncio.ensure_future(gateway.house.down())
        told, _ = await gateway.until("failed")
        assert (told["job"], told["code"]) == (1, "shutdown")
        assert await gateway.next() is None
        await going


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"phrases": "hello"}, "bad-data"),
        ({"style": {"voice": "alice"}}, "bad-data"),
        ({"volume": 1}, "bad-data"),
        ({"phrases": [["x" * 101, []]]}, "too-large"),
        ({"style": order_fields(Order(1, (), Style("nobody"), 0.0))["style"]}, "voice-not-found"),
        (
            {"style": order_fields(Order(1, (), Style("alice-happy"), 0.0))["style"]},
            "voice-not-found",
        ),
    ],
)
async def test_a_sentence_that_cannot_be_is_refused_and_the_next_is_spoken(
    changed: dict[str, object], code: str
) -> None:
    async with relayed(options=HttpOptions(text_characters=100)) as gateway:
        await gateway.speak(1, "hello", **changed)
        assert await gateway.refused(1) == code
        await gateway.speak(2, "hello")
        assert (await gateway.until("done"))[0]["job"] == 2


@pytest.mark.parametrize(
    "message",
    ["", "{", "[]", '{"type": "sing"}', '{"type": "speak"}', '{"type": "speak", "job": "1"}',
     '{"type": "cancel", "job": -1}', b"\0\0"],
)  # fmt: skip
async def test_who_breaks_the_form_is_hung_up_on_and_nobody_else(message: str | bytes) -> None:
    async with relayed() as gateway:
        async with gateway.house.client.ws_connect("/ws", protocols=(PROTOCOL,)) as other:
            if isinstance(message, str):
                await gateway.socket.send_str(message)
            else:
                await gateway.socket.send_bytes(message)
            while await gateway.next() is not None:
                pass
            await Gateway(other, gateway.house).speak(1, "hello")
            assert (await Gateway(other, gateway.house).until("done"))[0]["job"] == 1


async def test_a_job_that_is_spoken_cannot_be_given_again() -> None:
    async with relayed(ToneEngine(pace=0.01)) as gateway:
        await gateway.speak(1, "x" * 100)
        await gateway.speak(1, "x" * 100)
        while await gateway.next() is not None:
            pass
