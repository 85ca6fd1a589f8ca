"""Links over HTTP: finished files with ranges, and sound while it is made."""

import asyncio

import numpy as np
import pytest

from tests.edges.http_house import House, decoded, serving
from tests.tone import RATE, tone
from wyoming_indextts.edges.http.formats import FORMATS
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.errors import EngineFailedError
from wyoming_indextts.speech.recording import Recording

HEADERS = 2
"""Pages of Ogg before the first with sound."""

TOKENS = {"secret": frozenset({"speak"})}


def offered(house: House, *, ended: bool = True, seconds: float = 0.5) -> tuple[str, Recording]:
    """Return where a link leads, and its recording."""
    recording = Recording()
    for run in tone(seconds).frames(0.1):
        recording.add(run)
    if ended:
        recording.end()
    return f"/a/{house.links.offer(recording).name}", recording


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "ogg"])
async def test_a_finished_file_is_whole_and_marked(kind: str) -> None:
    async with serving(options=HttpOptions(tokens=TOKENS)) as house:
        path, _ = offered(house)
        async with house.client.get(f"{path}/speech.{kind}") as answer:
            assert answer.status == 200
            content = await answer.read()
            assert int(answer.headers["Content-Length"]) == len(content)
            assert answer.headers["Accept-Ranges"] == "bytes"
            assert answer.headers["X-Synthetic-Speech"] == "true"
        samples, rate, tags = decoded(content)
        assert len(samples) / rate == pytest.approx(0.5, abs=0.1)
        assert any("Synthetic speech" in value for value in tags.values())
        if kind in {"wav", "flac"}:
            wanted = np.frombuffer(tone(0.5).data, "<i2") / 32768
            assert np.abs(samples - wanted).max() < 1e-4


@pytest.mark.parametrize(
    ("asked", "status", "start", "stop"),
    [
        ("bytes=0-", 206, 0, None),
        ("bytes=100-199", 206, 100, 200),
        ("bytes=-50", 206, -50, None),
        ("bytes=200-99999999", 206, 200, None),
        ("bytes=99999999-", 416, 0, 0),
        ("bytes=0-1,5-6", 200, 0, None),
        ("pages=1-2", 200, 0, None),
    ],
)
async def test_ranges(asked: str, status: int, start: int, stop: int | None) -> None:
    async with serving() as house:
        path, _ = offered(house)
        content = await house.sound("GET", f"{path}/speech.wav")
        async with house.client.get(f"{path}/speech.wav", headers={"Range": asked}) as answer:
            assert answer.status == status
            part = await answer.read()
            assert part == content[start:stop]
            if status == 206:
                first = start if start >= 0 else len(content) + start
                told = f"bytes {first}-{first + len(part) - 1}/{len(content)}"
                assert answer.headers["Content-Range"] == told


async def test_the_head_alone_is_no_fetching() -> None:
    async with serving() as house:
        recording = Recording()
        recording.add(tone(0.1))
        recording.end()
        link = house.links.offer(recording)
        async with house.client.head(f"/a/{link.name}/speech.wav") as answer:
            assert answer.status == 200 and int(answer.headers["Content-Length"]) > 4_800
        async with house.client.head(f"/a/{link.name}/live.wav") as answer:
            assert answer.headers["Content-Type"] == "audio/wav"
        assert not link.fetched.is_set()
        await house.sound("GET", f"/a/{link.name}/speech.wav")
        assert link.fetched.is_set()


def test_opus_does_not_gather_a_second_before_its_first_page() -> None:
    packer = FORMATS["opus"].begin(RATE)
    begun = [packer.pack(frame) for frame in tone(0.4).frames(0.1)]
    assert begun[0].count(b"OggS") > HEADERS, "the first page with sound"
    assert all(piece.count(b"OggS") for piece in begun)


@pytest.mark.parametrize("file", ["live.ogg", "live.wav", "live.mp3"])
async def test_live_sound_comes_while_it_is_made(file: str) -> None:
    async with serving() as house:
        path, recording = offered(house, ended=False, seconds=2.0)
        async with house.client.get(f"{path}/{file}") as answer:
            first = await asyncio.wait_for(answer.content.readany(), 5)
            assert first
            recording.add(tone(0.5))
            recording.end()
            content = first + await answer.read()
        samples, rate, _ = decoded(content)
        assert len(samples) / rate == pytest.approx(2.5, abs=0.15)


async def test_what_breaks_off_is_not_taken_for_all() -> None:
    async with serving() as house:
        path, recording = offered(house, ended=False)
        async with house.client.get(f"{path}/live.wav") as answer:
            await answer.content.readany()
            recording.end(EngineFailedError("gone"))
            with pytest.raises(Exception, match=r"(?i)payload|transfer|disconnected"):
                await answer.read()
        assert await house.error("GET", f"{path}/speech.wav") == (500, "engine-failed")


async def test_wrong_links() -> None:
    async with serving() as house:
        path, _ = offered(house)
        assert await house.error("GET", f"{path}/speech.exe") == (404, "not-found")
        assert await house.error("GET", "/a/guessed/speech.wav") == (404, "not-found")
