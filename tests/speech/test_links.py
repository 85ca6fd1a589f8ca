"""Recordings, and links that lead to them for a while."""

import asyncio

import pytest

from tests.tone import tone
from wyoming_indextts.errors import EngineFailedError, NotFoundError, TooLargeError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.links import Links
from wyoming_indextts.speech.recording import LARGEST, Recording


async def heard(recording: Recording) -> bytes:
    return b"".join([run.data async for run in recording.sound()])


async def test_whoever_comes_early_or_late_hears_it_from_its_beginning() -> None:
    recording = Recording()
    early = asyncio.create_task(heard(recording))
    for run in tone(0.5).frames(0.1):
        recording.add(run)
        await asyncio.sleep(0)
    late = asyncio.create_task(heard(recording))
    await asyncio.sleep(0)
    assert not early.done() and not late.done()
    recording.end()
    assert await early == await late == tone(0.5).data
    assert recording.seconds == pytest.approx(0.5)


async def test_an_error_ends_it_for_all() -> None:
    recording = Recording()
    recording.add(tone(0.1))
    recording.end(EngineFailedError("gone"))
    recording.end()
    with pytest.raises(EngineFailedError):
        await heard(recording)


async def test_it_has_a_longest() -> None:
    recording = Recording()
    recording.add(Pcm(bytes(LARGEST), 24_000))
    with pytest.raises(TooLargeError):
        recording.add(tone(0.1))


async def test_a_link_leads_to_its_recording_for_a_while() -> None:
    now = [0.0]
    links = Links(seconds=10.0, clock=lambda: now[0])
    recording = Recording()
    link = links.offer(recording)
    assert len(link.name) >= 22
    assert links.find(link.name).recording is recording
    now[0] = 10.1
    with pytest.raises(NotFoundError):
        links.find(link.name)
    with pytest.raises(NotFoundError):
        links.find("guessed")


async def test_there_are_only_so_many() -> None:
    links = Links(most=2)
    first, second, third = (links.offer(Recording()) for _ in range(3))
    with pytest.raises(NotFoundError):
        links.find(first.name)
    assert links.find(second.name) and links.find(third.name)
