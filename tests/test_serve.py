"""The whole server as a user runs it: its process, its engine's process, the embedded voice."""

import asyncio
import math
import os
import signal
import sys
import time
import wave
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from wyoming.client import AsyncTcpClient
from wyoming.event import Event
from wyoming.tts import Synthesize

from tests.edges.wyoming_house import serving, types
from tests.program import Served, cpu_seconds, program, served
from wyoming_indextts.cli import main

LONG = "The washing machine has finished, please take out the laundry. " * 20
"""A minute and a half of speech."""

WATCHED = 4.0
"""Seconds that an idle server is watched: four hundred ticks of the clock of CPU time."""

WAKING = """
import asyncio, os, socket

async def main():
    one, other = socket.socketpair()
    reader, _ = await asyncio.open_connection(sock=one)
    _, writer = await asyncio.open_connection(sock=other)
    while True:
        await asyncio.sleep(0.25)
        await asyncio.to_thread(os.listdir, ".")
        writer.write(b"x")
        await reader.read(1)

asyncio.run(main())
"""
"""What a program costs here that wakes up as often, and does nothing."""


async def answered(client: AsyncTcpClient) -> list[Event]:
    """Return the events up to the one that ends an answer."""
    events: list[Event] = []
    while not events or events[-1].type not in {"audio-stop", "error"}:
        event = await client.read_event()
        assert event is not None, f"hung up after {types(events)}"
        events.append(event)
    return events


async def begin_to_speak(server: Served, client: AsyncTcpClient) -> None:
    """Ask for a long speech, and return when the engine works on it.

    A busy machine holds its first sound back, so that is not waited for.
    """
    before = server.cpu_seconds()
    await client.write_event(Synthesize(LONG).event())
    while server.cpu_seconds() < before + 0.5:
        await asyncio.sleep(0.02)


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_serve_speaks_and_ends_in_order(kept: Path, tmp_path: Path) -> None:
    async with served(kept, tmp_path) as server:
        target = str(tmp_path / "a.wav")
        command = ["say", "Good morning.", "--server", server.uri, "-o", target]
        assert await asyncio.to_thread(main, command) == 0
        server.process.send_signal(signal.SIGTERM)
        assert "Traceback" not in await server.end()
        assert server.process.returncode == 0
    with wave.open(target) as sound:
        assert 0.5 < sound.getnframes() / sound.getframerate() < 3


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
async def test_clients_are_told_before_the_server_goes(
    kept: Path, tmp_path: Path, by: signal.Signals
) -> None:
    """F3."""
    async with served(kept, tmp_path) as server, server.client() as client:
        engines = server.engines
        await begin_to_speak(server, client)
        asked = time.monotonic()
        server.process.send_signal(by)
        *_, last = await answered(client)
        assert (last.type, last.data.get("code")) == ("error", "shutdown")
        assert await client.read_event() is None
        log = await server.end()
        assert time.monotonic() - asked < 10
    assert server.process.returncode == 0
    assert "Traceback" not in log
    assert engines
    assert not any(map(is_running, engines))


async def test_an_engine_that_dies_costs_one_utterance(kept: Path, tmp_path: Path) -> None:
    async with served(kept, tmp_path) as server, server.client() as client:
        (engine,) = server.engines
        await begin_to_speak(server, client)
        os.kill(engine, signal.SIGKILL)
        *_, last = await answered(client)
        assert (last.type, last.data["code"]) == ("error", "engine-failed")
        await client.write_event(Synthesize("Good morning.").event())
        assert types(await answered(client)) == ["audio-start", "audio-chunk", "audio-stop"]
        assert server.engines != [engine]


@pytest.mark.alone
async def test_an_idle_server_uses_less_than_a_hundredth_of_a_core(
    kept: Path, tmp_path: Path
) -> None:
    """F2; or, where waking up is dear, little more than a program that only wakes up as often."""
    async with served(kept, tmp_path) as server, waking() as peer:
        used, most = math.inf, 0.0
        async with asyncio.timeout(8 * WATCHED):
            while used > most:  # until what starting has left over is done
                before, other = server.cpu_seconds(), cpu_seconds(peer.pid)
                await asyncio.sleep(WATCHED)
                used = server.cpu_seconds() - before
                most = max(0.01 * WATCHED, 2 * (cpu_seconds(peer.pid) - other))


@asynccontextmanager
async def waking() -> AsyncGenerator[Process, None]:
    """Give a program that looks into a folder and sends itself a byte, each four times a second."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", WAKING)
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def test_the_engine_may_live_in_the_servers_process(kept: Path, tmp_path: Path) -> None:
    async with served(kept, tmp_path, "--engine-in-process") as server, server.client() as client:
        assert server.engines == []
        await client.write_event(Synthesize("Good morning.").event())
        assert types(await answered(client)) == ["audio-start", "audio-chunk", "audio-stop"]


async def test_the_whole_house_is_seen_in_the_metrics(kept: Path, tmp_path: Path) -> None:
    web = ("--http", "127.0.0.1:0")
    async with served(kept, tmp_path, *web) as server, server.client() as client:
        await client.write_event(Synthesize("Good morning.").event())
        await answered(client)
        (line,) = (line for line in server.log if "the page is at " in line)
        url = line.split("the page is at ")[1].split("/ ")[0].strip()
        async with aiohttp.ClientSession() as browser, browser.get(f"{url}metrics") as answer:
            shown = (await answer.text()).splitlines()
    voice = 'engine="the embedded voice"'
    ended = 'utterances_total{code="",edge="wyoming",ending="finished"} 1.0'
    assert f"wyoming_indextts_{ended}" in shown
    assert f"wyoming_indextts_engine_ready{{{voice}}} 1.0" in shown
    assert 'wyoming_indextts_sessions{transport="wyoming"} 1.0' in shown
    memory = f'wyoming_indextts_engine_memory_bytes{{{voice},where="process"}} '
    (held,) = (float(line.removeprefix(memory)) for line in shown if line.startswith(memory))
    assert held > 100 * 2**20


async def test_serve_tells_that_its_port_is_taken(kept: Path) -> None:
    async with serving() as house:
        uri = f"tcp://{house.host}:{house.port}"
        async with program("--uri", uri, "--cache-dir", kept) as process:
            _, errors = await process.communicate()
    assert process.returncode == 1
    last = errors.decode().splitlines()[-1]
    assert last.startswith(f"wyoming-indextts: cannot listen at {uri}: address already")
    assert "Traceback" not in errors.decode()


async def test_serve_tells_that_its_cache_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folders = ("--cache-dir", tmp_path / "file" / "cache", "--data-dir", tmp_path)
    where = ("--uri", "tcp://127.0.0.1:0", "--no-zeroconf")
    async with program("serve", *where, "--http", "off", *folders) as process:
        _, errors = await process.communicate()
    assert process.returncode == 1
    last = errors.decode().splitlines()[-1]
    assert last.startswith("wyoming-indextts: storage-full: ")
    assert last.endswith("--cache-dir")
    assert "Traceback" not in errors.decode()
