"""Targets that fetch the sound themselves: by an automation, and by Home Assistant."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.edges.announce_hub import TOKEN, hub
from tests.edges.http_house import House, decoded, serving
from tests.tone import tone
from wyoming_indextts.edges.announce.hub import HubOptions, HubTarget
from wyoming_indextts.edges.announce.offered import LinkTarget
from wyoming_indextts.errors import EngineFailedError, SpeechError, TargetFailedError
from wyoming_indextts.speech.audio import Pcm


async def frames(
    seconds: float, pace: float = 0.0, error: SpeechError | None = None
) -> AsyncGenerator[Pcm, None]:
    for frame in tone(seconds).frames(0.1):
        await asyncio.sleep(pace)
        yield frame
    if error:
        raise error


def nobody(links: Mapping[str, object]) -> None:
    raise AssertionError(links)


def at(house: House, entity: str, url: str, **more: Any) -> HubTarget:  # noqa: ANN401
    limits = {"token": TOKEN, "fetching": 0.5, "answering": 0.5, **more}
    return HubTarget(entity, house.links, lambda: house.url, HubOptions(url, **limits))


def is_tone(content: bytes, seconds: float) -> bool:
    samples, _, _ = decoded(content)
    wanted = np.frombuffer(tone(seconds).data, "<i2") / 32768
    return len(samples) == len(wanted) and bool(np.abs(samples - wanted).max() < 1e-4)


async def test_an_event_says_where_the_sound_is_and_whoever_fetches_it_has_its_time() -> None:
    async with serving() as house:
        told: list[Mapping[str, Any]] = []
        target = LinkTarget(house.links, lambda: house.url)
        begun = time.monotonic()
        playing = asyncio.create_task(target.play(frames(0.6), told.append))
        async with asyncio.timeout(10):
            while not told:
                await asyncio.sleep(0.005)
        (links,) = told
        assert is_tone(await house.sound("GET", links["url"]), 0.6)
        for kind in ("wav", "flac", "mp3", "opus"):
            assert len(decoded(await house.sound("GET", links["urls"][kind]))[0])
        assert len(decoded(await house.sound("GET", links["live_url"]))[0])
        await playing
        assert time.monotonic() - begun >= 0.6


async def test_a_link_that_nobody_fetches_is_a_failure() -> None:
    async with serving() as house:
        target = LinkTarget(house.links, lambda: house.url, fetching=0.2)
        with pytest.raises(TargetFailedError, match="nobody fetched"):
            await target.play(frames(0.2), lambda _: None)


async def test_a_stop_breaks_off_what_is_fetched_live() -> None:
    async with serving() as house:
        told: list[Mapping[str, Any]] = []
        target = LinkTarget(house.links, lambda: house.url)
        playing = asyncio.create_task(target.play(frames(30, 0.02), told.append))
        async with asyncio.timeout(10):
            while not told:
                await asyncio.sleep(0.005)
        live = told[0]["url"].replace("speech.wav", "live.wav")
        async with house.client.get(live) as answer:
            await answer.content.readany()
            stopped = time.monotonic()
            playing.cancel()
            with pytest.raises(Exception, match=r"(?i)payload|transfer|disconnected"):
                await answer.read()
            assert time.monotonic() - stopped < 1.0
        await asyncio.wait([playing])


async def test_a_satellite_plays_and_says_when_it_has() -> None:
    async with serving() as house, hub(playing=0.2) as it:
        begun = time.monotonic()
        await at(house, "assist_satellite.hall", it.url).play(frames(0.5), nobody)
        assert time.monotonic() - begun >= 0.5
        ((service, body),) = it.calls
        assert service == "assist_satellite/announce"
        assert body["entity_id"] == "assist_satellite.hall" and body["preannounce"] is False
        assert is_tone(it.sounds[0], 0.5)


async def test_a_satellite_is_given_opus_where_it_can_be_made() -> None:
    async with serving() as house, hub() as it:
        await at(house, "assist_satellite.hall", it.url, opus=True).play(frames(0.5), nobody)
        ((_, body),) = it.calls
        assert body["media_id"].endswith("/live.ogg")
        samples, rate, _ = decoded(it.sounds[0])
        assert len(samples) / rate == pytest.approx(0.5, abs=0.05)


async def test_a_media_player_has_its_time(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", "utf-8")
    async with serving() as house, hub() as it:
        begun = time.monotonic()
        target = at(house, "media_player.hall", it.url, token=None, token_file=file)
        await target.play(frames(0.5), nobody)
        assert time.monotonic() - begun >= 0.5
        ((service, body),) = it.calls
        assert service == "media_player/play_media"
        assert body["announce"] is True and body["media_content_type"] == "music"
        assert is_tone(it.sounds[0], 0.5)


async def test_one_that_fetches_late_is_in_time_within_its_limit() -> None:
    async with serving() as house, hub(late=0.3) as it:
        target = at(house, "media_player.hall", it.url, fetching=5.0)
        await target.play(frames(0.2), nobody)
        assert is_tone(it.sounds[0], 0.2)


@pytest.mark.parametrize(
    ("manner", "more", "complaint"),
    [
        ({"fetches": False}, {}, "nobody fetched"),
        ({"late": 5.0}, {}, "nobody fetched"),
        ({}, {"token": "guessed"}, "does not know our token"),
        ({"status": 400}, {}, "answers 400"),
        ({"status": 500}, {}, "answers 500"),
        ({"playing": 5.0}, {}, "does not say that it has played"),
        ({}, {"token": None, "token_file": Path("/nowhere")}, "cannot be read"),
    ],
)
async def test_a_hub_that_does_not_play_is_told_of(
    manner: dict[str, Any], more: dict[str, Any], complaint: str
) -> None:
    async with serving() as house, hub(**manner) as it:
        with pytest.raises(TargetFailedError, match=complaint) as raised:
            await at(house, "assist_satellite.hall", it.url, **more).play(frames(0.1), nobody)
        assert TOKEN not in str(raised.value)


async def test_no_hub() -> None:
    async with serving() as house:
        with pytest.raises(TargetFailedError, match="is not reached"):
            target = at(house, "media_player.hall", "http://127.0.0.1:1")
            await target.play(frames(0.1), nobody)


async def test_what_cannot_be_spoken_is_that_error() -> None:
    async with serving() as house, hub() as it:
        with pytest.raises(EngineFailedError):
            target = at(house, "media_player.hall", it.url)
            await target.play(frames(0.2, error=EngineFailedError("gone")), nobody)


async def test_a_stop_stops_the_player() -> None:
    async with serving() as house, hub() as it:
        target = at(house, "media_player.hall", it.url)
        playing = asyncio.create_task(target.play(frames(5.0), nobody))
        async with asyncio.timeout(10):
            while not it.sounds:
                await asyncio.sleep(0.005)
        playing.cancel()
        await asyncio.wait([playing])
        assert it.calls[-1] == ("media_player/media_stop", {"entity_id": "media_player.hall"})
