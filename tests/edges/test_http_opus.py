"""Opus over the WebSocket: a packet of 20 ms a frame, the same sound as in samples."""

import asyncio
import os
import sys
import sysconfig
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.edges.http_house import serving
from tests.edges.ws_client import talking
from tests.tone import RATE, ToneEngine, tone
from wyoming_indextts.edges.http.opus import SECONDS
from wyoming_indextts.edges.http.opus_frames import PRESKIP, OpusFrames
from wyoming_indextts.speech.audio import Pcm

HELLO = "Twenty characters, or so. "


def decoded(packets: list[bytes], rate: int) -> NDArray[np.float32]:
    """Return the samples as ffmpeg decodes the packets, each by itself, at `rate`."""
    decoder = av.CodecContext.create("opus", "r")
    decoder.sample_rate = rate
    decoder.layout = "mono"
    turned = av.AudioResampler("fltp", "mono", rate)
    parts = [
        part.to_ndarray().reshape(-1)
        for packet in packets
        for frame in decoder.decode(av.Packet(packet))
        for part in turned.resample(frame)
    ]
    parts += [part.to_ndarray().reshape(-1) for part in turned.resample(None)]
    return np.concatenate(parts)


def likeness(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return the correlation of two sounds, which begin at the same moment."""
    length = min(len(one), len(other))
    return float(np.corrcoef(one[:length], other[:length])[0, 1])


@pytest.mark.parametrize(("rate", "encoded"), [(24_000, 24_000), (22_050, 24_000)])
async def test_what_is_heard_is_what_samples_would_be(rate: int, encoded: int) -> None:
    async with serving(ToneEngine(rate=rate)) as house:
        async with talking(house, "/ws?format=opus") as client:
            hello = client.hello
            assert (hello["format"], hello["rate"], hello["channels"]) == ("opus", encoded, 1)
            heard = []
            for name in ("u1", "u2"):
                client.frames.clear()
                await client.say("speak", id=name, text=HELLO)
                end = await client.ended(name)
                assert end["type"] == "end"
                heard.append(decoded(client.frames, 48_000)[hello["preskip"] :])
                assert len(client.frames) == np.ceil(
                    (end["seconds"] + PRESKIP / 48_000) / SECONDS - 1e-6
                )
        async with talking(house) as plain:
            await plain.say("speak", id="u1", text=HELLO)
            await plain.ended("u1")
            samples = np.frombuffer(b"".join(plain.frames), "<i2").astype(np.float32) / 32768
    at = np.arange(round(len(samples) / rate * 48_000)) / 48_000
    expected = np.interp(at, np.arange(len(samples)) / rate, samples).astype(np.float32)
    for sound in heard:
        assert len(sound) >= len(expected)
        assert likeness(sound, expected) > 0.99
        assert np.sqrt(np.mean(sound[: len(expected)] ** 2)) == pytest.approx(
            np.sqrt(np.mean(expected**2)), rel=0.05
        )


async def test_it_is_a_tenth_of_the_bytes() -> None:
    async with serving() as house, talking(house, "/ws?format=opus") as client:
        await client.say("speak", id="u1", text=HELLO)
        seconds = (await client.ended("u1"))["seconds"]
    assert sum(map(len, client.frames)) < 0.2 * seconds * 2 * RATE


async def test_a_cancelled_utterance_leaves_nothing_to_the_next() -> None:
    async with serving(ToneEngine(pace=0.002)) as house:
        async with talking(house, "/ws?format=opus") as client:
            await client.say("speak", id="u1", text="word " * 2000)
            await client.until("start")
            await client.say("cancel", id="u1")
            assert (await client.ended("u1"))["type"] == "cancelled"
            client.frames.clear()
            await client.say("speak", id="u2", text="Hi.")
            end = await client.ended("u2")
            assert len(client.frames) == np.ceil(end["seconds"] / SECONDS + 0.3)


async def test_a_client_that_does_not_read_pauses_its_own_speech() -> None:
    async with serving() as house, talking(house, "/ws?format=opus") as stuck:
        for number in range(4):
            await stuck.say("speak", id=f"u{number}", text="word " * 3900)
        await stuck.until("start")
        async with asyncio.timeout(20):
            steps = -1
            while steps != house.engine.steps:
                steps = house.engine.steps
                await asyncio.sleep(0.3)
        assert steps < 4 * len("word " * 3900) / 2


@pytest.mark.parametrize("query", ["format=mp3", "format=", "format=opus&format=pcm", "rate=48000"])
async def test_another_format_is_refused_before_the_connection_is_one(query: str) -> None:
    async with serving() as house:
        assert await house.error("GET", f"/ws?{query}") == (400, "bad-request")


def test_packets_are_the_same_however_the_sound_is_cut() -> None:
    sound = tone(0.33, 22_050).data
    whole, cut = OpusFrames(22_050), OpusFrames(22_050)
    expected = whole.feed(Pcm(sound, 22_050)) + whole.flush()
    found = [
        packet
        for at in range(0, len(sound), 666)
        for packet in cut.feed(Pcm(sound[at : at + 666], 22_050))
    ]
    assert found + cut.flush() == expected
    assert whole.flush() == []


def lay_out_packages(folder: Path, without: tuple[str, ...]) -> None:
    """Make `folder` a place of all packages but some."""
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if not package.name.startswith(without):
            (folder / package.name).symlink_to(package)


PROGRAM = """
import asyncio
import aiohttp
from tests.house import casting, speaking
from tests.tone import ToneEngine
from wyoming_indextts.edges.http.server import HttpServer, Served

async def main():
    cast = casting()
    async with speaking(ToneEngine(), cast=cast) as speaker:
        server = HttpServer(Served(speaker, cast, lambda: True))
        async with server.listen("127.0.0.1", 0) as ((host, port),):
            async with aiohttp.ClientSession(f"http://{host}:{port}") as client:
                async with client.get("/ws?format=opus") as answer:
                    print(answer.status, await answer.text())
                sdp = {"Content-Type": "application/sdp"}
                async with client.post("/whep", data="v=0", headers=sdp) as answer:
                    print(answer.status, await answer.text())

asyncio.run(main())
"""


async def test_without_the_extra_the_answer_says_how_to_mend_that(tmp_path: Path) -> None:
    lay_out_packages(tmp_path, without=("av", "aiortc"))
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-S", "-c", PROGRAM,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{root}"},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    one, two = said.decode().splitlines()
    for line in (one, two):
        assert line.startswith("422 ") and '"unsupported"' in line
        assert "wyoming-indextts[webrtc]" in line
