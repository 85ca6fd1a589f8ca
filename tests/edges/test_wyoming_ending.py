"""How it ends: a full house, a server that goes down, an engine that breaks."""

import asyncio
import logging
import socket
import time

import pytest
from wyoming.error import Error
from wyoming.event import Event
from wyoming.tts import Synthesize

from tests.edges.wyoming_house import House, Raw, answer, frame, serving, types
from tests.house import PRESETS, speaking, voices
from tests.tone import ToneEngine
from wyoming_indextts.edges.wyoming.options import WyomingOptions
from wyoming_indextts.edges.wyoming.server import REFUSALS, WyomingServer

LONG = "一二三四五六七八九十。" * 400


async def test_one_connection_too_many_is_told_busy_and_closed() -> None:
    async with serving(options=WyomingOptions(connections=2)) as house:
        async with Raw(house) as one, Raw(house) as two:
            for raw in (one, two):
                await raw.send(frame("ping"))
                assert await raw.next_type() == "pong"
            async with Raw(house) as three:
                await three.send(frame("describe"))
                assert await three.error() == "busy"
                assert await three.next_type() is None
        await house.emptied()
        async with Raw(house) as four:
            await four.send(frame("ping"))
            assert await four.next_type() == "pong"


async def test_a_flood_of_connections_ends_and_leaves_the_first_ones_alone() -> None:
    async with serving(options=WyomingOptions(connections=1)) as house, Raw(house) as first:
        await first.send(frame("ping"))
        assert await first.next_type() == "pong"
        flood = [Raw(house) for _ in range(100)]
        for raw in flood:
            await raw.__aenter__()
        heard = []
        for raw in flood:
            heard += await raw.until("never")
            await raw.__aexit__()
        assert heard == ["error"] * REFUSALS
        await first.send(frame("ping"))
        assert await first.next_type() == "pong"


async def test_one_request_too_many_for_the_engine_is_busy() -> None:
    async with serving(ToneEngine(pace=0.5), at_once=1) as house:  # none ends meanwhile
        clients = [house.client() for _ in range(34)]
        for client in clients:
            await client.connect()
            await client.write_event(Synthesize("一二三四五六七八九十").event())
            await client.write_event(Event("ping"))
            await answer(client, "pong")
        events = await answer(clients[-1])
        assert Error.from_event(events[-1]).code == "busy"
        for client in clients:
            await client.disconnect()


class Stay:
    """A client that is there when the server goes down, and what it hears from then on."""

    def __init__(self, *sent: bytes, until: str) -> None:
        self.sent = sent
        self.until = until
        self.heard: list[str] = []

    async def stay(self, house: House, ready: asyncio.Semaphore) -> None:
        """Send, wait for `until`, then listen to the end."""
        async with Raw(house) as raw:
            for sent in self.sent:
                await raw.send(sent)
            await raw.until(self.until)
            ready.release()
            while (got := await raw.frame()) is not None:
                header, data, _ = got
                self.heard.append(str(data.get("code", header["type"])))


async def test_every_request_under_way_is_told_of_the_shutdown_and_then_it_closes() -> None:
    """F3, G2: never a bare end, which Home Assistant would keep as the whole answer."""
    whole = frame("synthesize", {"text": LONG})
    begun = frame("synthesize-start") + frame("synthesize-chunk", {"text": LONG[:20]})
    guests = [
        Stay(whole, until="audio-chunk"),
        Stay(begun, until="audio-chunk"),
        Stay(whole, whole, frame("ping"), until="pong"),
        Stay(frame("synthesize-start"), frame("ping"), until="pong"),
        Stay(frame("ping"), until="pong"),
    ]
    ready = asyncio.Semaphore(0)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        async with serving(ToneEngine(pace=0.01), at_once=4) as house:
            for guest in guests:
                tasks.create_task(guest.stay(house, ready))
            for _ in guests:
                await ready.acquire()
            began = time.monotonic()
        assert time.monotonic() - began < 2
    told = [[name for name in guest.heard if not name.startswith("audio-")] for guest in guests]
    assert told == [
        ["shutdown"],
        ["shutdown", "synthesize-stopped"],
        ["shutdown", "shutdown"],
        ["shutdown", "synthesize-stopped"],
        [],
    ]
    assert all("audio-stop" not in guest.heard for guest in guests)


async def test_a_client_that_is_still_sending_hears_of_the_shutdown() -> None:
    """F3: closing with something unread would reset the connection over the error's head."""

    async def write_on(raw: Raw) -> None:
        for _ in range(100):
            await raw.send(frame("synthesize-chunk", {"text": "更多。"}))
            await asyncio.sleep(0.002)

    async with asyncio.TaskGroup() as tasks:
        async with serving(ToneEngine(pace=0.01)) as house:
            raw = await Raw(house).__aenter__()
            await raw.send(frame("synthesize-start"))
            writing = tasks.create_task(write_on(raw))
            await raw.until("audio-chunk")
        await writing
        codes = []
        while (got := await raw.frame()) is not None:
            codes.append(got[1].get("code"))
        await raw.__aexit__()
    assert codes[-2:] == ["shutdown", None]


async def test_a_client_that_does_not_read_delays_the_shutdown_only_so_long() -> None:
    """F3."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setblocking(False)  # noqa: FBT003 - the standard library's signature
        loop = asyncio.get_running_loop()
        async with serving(options=WyomingOptions(drain_timeout=0.3)) as house:
            await loop.sock_connect(sock, (house.host, house.port))
            await loop.sock_sendall(sock, frame("synthesize", {"text": LONG * 4}))
            await house.quiet()
            began = time.monotonic()
        assert time.monotonic() - began < 3


async def test_an_engine_that_breaks_ends_its_utterance_and_not_the_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """G2."""
    caplog.set_level(logging.CRITICAL)
    async with serving(ToneEngine(breaks_on="breaks")) as house, house.client() as client:
        await client.write_event(Synthesize("This breaks it.").event())
        events = await answer(client)
        assert Error.from_event(events[-1]).code == "engine-failed"
        await client.write_event(Synthesize("Hello.").event())
        assert types(await answer(client)) == ["audio-start", "audio-chunk", "audio-stop"]


async def test_an_utterance_that_somebody_stops_is_cancelled() -> None:
    """G8."""
    async with speaking(ToneEngine(pace=0.01)) as speaker:
        server = WyomingServer(speaker, voices(), PRESETS)
        async with server.listen("127.0.0.1", 0) as ((host, port),):
            house = House(host, port, ToneEngine(), server)
            async with house.client() as client:
                await client.write_event(Synthesize(LONG).event())
                await answer(client, "audio-chunk")
                assert speaker.interrupt(source="wyoming") == 1
                events = await answer(client)
    assert Error.from_event(events[-1]).code == "cancelled"


async def test_an_address_that_is_taken_is_an_os_error() -> None:
    async with serving() as house, speaking(ToneEngine()) as speaker:
        second = WyomingServer(speaker, voices(), PRESETS)
        with pytest.raises(OSError, match="in use"):
            async with second.listen(house.host, house.port):
                pass


async def test_an_error_of_the_block_comes_out_as_it_is() -> None:
    async with speaking(ToneEngine()) as speaker:
        server = WyomingServer(speaker, voices(), PRESETS)
        with pytest.raises(ValueError, match="mine"):
            async with server.listen("127.0.0.1", 0):
                raise ValueError("mine")
