"""Section D of the contract: many clients, slow ones, and those that leave."""

import asyncio
import logging
import socket
import struct
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from wyoming.event import Event
from wyoming.info import Describe
from wyoming.tts import Synthesize

from tests.edges.wyoming_house import (
    PATIENCE,
    House,
    Raw,
    answer,
    frame,
    seconds,
    serving,
    sound,
    stream,
    types,
)
from tests.tone import ToneEngine
from wyoming_indextts.edges.wyoming.options import WyomingOptions

CYCLE = ["audio-start", "audio-chunk", "audio-stop"]

SENTENCE = "一二三四五六七八九。"

LONG = SENTENCE * 1500
"""750 s of sound, 36 MB: more than any buffer on the way takes."""

RESET = socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
"""The socket option with which closing sends RST, as a machine that lost its power seems to."""


@pytest.fixture(autouse=True)
def _no_complaint_in_the_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Clients come and go; none of it is worth a warning."""
    caplog.set_level(logging.DEBUG)
    yield
    said = caplog.get_records("call")
    assert [r.message for r in said if r.exc_info or r.levelno >= logging.WARNING] == []


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_eight_clients_at_once_all_get_their_answer() -> None:
    """D1."""

    async def ask(house: House, sentences: int) -> float:
        async with house.client() as client:
            if sentences % 2:
                await stream(client, *[SENTENCE] * sentences)
                return seconds(await answer(client, "synthesize-stopped"))
            await client.write_event(Synthesize(SENTENCE * sentences).event())
            return seconds(await answer(client))

    async with serving() as house:
        heard = await asyncio.gather(*(ask(house, count) for count in range(1, 9)))
    assert heard == sorted(heard)
    assert heard[0] == pytest.approx(0.5)


async def test_a_short_text_is_heard_before_a_long_one_ends() -> None:
    """D2."""
    async with serving(ToneEngine(pace=0.002)) as house:
        async with house.client() as long, house.client() as short:
            await long.write_event(Synthesize(LONG[:2000]).event())
            await answer(long, "audio-chunk")
            began = time.monotonic()
            await short.write_event(Synthesize("你好。").event())
            assert types(await answer(short)) == CYCLE
            assert time.monotonic() - began < 1
            assert house.engine.steps < 1000


async def test_a_client_that_closes_stops_its_speech_at_once() -> None:
    """D3."""
    async with serving(ToneEngine(pace=0.005), at_once=1) as house:
        async with house.client() as client:
            await client.write_event(Synthesize(LONG).event())
            await answer(client, "audio-chunk")
        async with house.client() as following, asyncio.timeout(0.5):
            await following.write_event(Synthesize("你好。").event())
            await answer(following, "audio-chunk")
        assert house.engine.steps < 100


async def test_a_client_that_resets_stops_its_speech_at_once() -> None:
    """D4."""
    async with serving(ToneEngine(pace=0.005), at_once=1) as house:
        async with Raw(house) as raw:
            await raw.send(frame("synthesize", {"text": LONG}))
            await raw.until("audio-chunk")
            raw.writer.get_extra_info("socket").setsockopt(*RESET)
        async with house.client() as following, asyncio.timeout(0.5):
            await following.write_event(Synthesize("你好。").event())
            await answer(following, "audio-chunk")
        await house.quiet(0.1)
        assert house.engine.steps < 100


async def test_a_client_that_resets_before_it_is_accepted_is_nobody() -> None:
    """D4."""
    async with serving() as house:
        sock = socket.create_connection((house.host, house.port))  # the loop does not run here
        sock.setsockopt(*RESET)
        sock.close()
        async with house.client() as client:
            await client.write_event(Describe().event())
            await answer(client, "info")
            async with asyncio.timeout(PATIENCE):
                while house.server.connections != 1:
                    await asyncio.sleep(0.005)


async def test_a_client_that_leaves_while_it_waits_never_reaches_the_engine() -> None:
    """D5, G1, G9."""
    async with serving(ToneEngine(pace=0.005), at_once=1) as house, house.client() as first:
        await first.write_event(Synthesize(SENTENCE * 8).event())
        await answer(first, "audio-chunk")
        async with house.client() as waiting:
            await waiting.write_event(Synthesize("never said").event())
            await waiting.write_event(Event("ping"))
            await answer(waiting, "pong")
        await answer(first)
        await house.quiet(0.05)
    assert "never" not in house.engine.said


async def test_the_end_of_what_a_client_sends_is_its_leaving() -> None:
    """D6, G4: the policy that the module documents."""
    async with serving(ToneEngine(pace=0.005)) as house, Raw(house) as raw:
        await raw.send(frame("synthesize", {"text": LONG}))
        await raw.until("audio-chunk")
        raw.writer.write_eof()
        await raw.until("never")
        await house.emptied()
        await house.quiet(0.1)
    assert house.engine.steps < 100


@asynccontextmanager
async def stalled(house: House) -> AsyncGenerator[None, None]:
    """Hold a client that asked for a lot, for which the engine works, and that reads nothing."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setblocking(False)  # noqa: FBT003 - the standard library's signature
        loop = asyncio.get_running_loop()
        await loop.sock_connect(sock, (house.host, house.port))
        await loop.sock_sendall(sock, frame("synthesize", {"text": LONG}))
        async with asyncio.timeout(PATIENCE):
            while not house.engine.steps:
                await asyncio.sleep(0.005)
        yield


async def test_a_client_that_does_not_read_holds_its_own_speech_and_no_other() -> None:
    """D7, G5."""
    async with serving() as house:
        async with stalled(house):
            assert await house.quiet() < len(LONG) / 2
            async with house.client() as other, asyncio.timeout(1):
                await other.write_event(Synthesize("你好。").event())
                assert types(await answer(other)) == CYCLE
        await house.emptied()


async def test_a_client_that_takes_nothing_for_too_long_is_cut_off() -> None:
    """G5."""
    async with serving(options=WyomingOptions(write_timeout=0.3)) as house:
        before = descriptors()
        async with stalled(house):
            await house.emptied()
            async with asyncio.timeout(PATIENCE):
                while descriptors() > before + 1:  # the client's own, which is still open
                    await asyncio.sleep(0.005)


async def test_a_slow_client_hears_everything() -> None:
    """D8."""
    async with serving() as house, house.client() as fast, house.client() as slow:
        await fast.write_event(Synthesize(SENTENCE * 50).event())
        await slow.write_event(Synthesize(SENTENCE * 50).event())
        everything = await answer(fast)
        events: list[Event] = []
        async with asyncio.timeout(2 * PATIENCE):
            while not events or events[-1].type != "audio-stop":
                await asyncio.sleep(0.001)
                event = await slow.read_event()
                assert event is not None
                events.append(event)
    assert types(events) == CYCLE
    assert sound(events) == sound(everything)


async def test_two_hundred_idle_clients_hurt_nobody_and_leave_nothing() -> None:
    """D9."""
    async with serving() as house:
        before = descriptors(), len(asyncio.all_tasks())
        idle = [Raw(house) for _ in range(200)]
        for raw in idle:
            await raw.__aenter__()
        async with asyncio.timeout(PATIENCE):
            while house.server.connections < 200:
                await asyncio.sleep(0.005)
        async with house.client() as client, asyncio.timeout(0.5):
            await client.write_event(Describe().event())
            await answer(client, "info")
        for raw in idle:
            await raw.__aexit__()
        await house.emptied()
        async with asyncio.timeout(PATIENCE):
            while (descriptors(), len(asyncio.all_tasks())) != before:
                await asyncio.sleep(0.005)


async def test_two_hundred_answers_broken_off_leave_nothing() -> None:
    """D10."""
    async with serving() as house:
        before = descriptors(), len(asyncio.all_tasks())
        for count in range(200):
            async with Raw(house) as raw:
                begin = frame("synthesize-start") + frame("synthesize-chunk", {"text": LONG[:50]})
                await raw.send(frame("synthesize", {"text": LONG[:500]}) if count % 2 else begin)
                if count % 3:
                    await raw.until("audio-chunk")
        await house.emptied()
        async with asyncio.timeout(PATIENCE):
            while (descriptors(), len(asyncio.all_tasks())) != before:
                await asyncio.sleep(0.005)
        async with house.client() as client:
            await client.write_event(Synthesize("你好。").event())
            assert types(await answer(client)) == CYCLE
