"""Voices that come and go are noticed within a second, and what is wrong is told once."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.store.newcomers import add
from wyoming_indextts.store.voices import Shelf, remove_voice
from wyoming_indextts.store.watch import watched

SECOND = 1.0

pytestmark = pytest.mark.alone


@asynccontextmanager
async def watching(folder: Path) -> AsyncGenerator[list[list[str]], None]:
    """Give the names that were there after each change."""
    told = list[list[str]]()

    def tell(shelf: Shelf) -> None:
        told.append([voice.name for voice in shelf.voices])

    async with watched(folder, tell):
        yield told


async def within_a_second(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECOND):
        while not is_so():
            await asyncio.sleep(0.01)


async def test_voices_are_noticed_as_they_come_and_go(tmp_path: Path) -> None:
    voices = tmp_path / "voices"
    async with watching(voices) as told:
        await asyncio.to_thread(add, voices, "mum")
        await within_a_second(lambda: told[-1:] == [["mum"]])
        await asyncio.to_thread(add, voices, "dad")
        await within_a_second(lambda: told[-1] == ["dad", "mum"])
        await asyncio.to_thread(remove_voice, voices, "mum")
        await within_a_second(lambda: told[-1] == ["dad"])


async def test_a_backup_that_is_restored_is_noticed(tmp_path: Path) -> None:
    backup = add(tmp_path / "backup").folder
    voices = tmp_path / "voices"
    async with watching(voices) as told:
        voices.mkdir()
        backup.rename(voices / "mum")
        await within_a_second(lambda: told[-1:] == [["mum"]])


async def test_those_who_are_there_are_told_at_once_and_nothing_is_told_twice(
    tmp_path: Path,
) -> None:
    add(tmp_path, "mum")
    async with watching(tmp_path) as told:
        await within_a_second(lambda: bool(told))
        await asyncio.sleep(SECOND)
    assert told == [["mum"]]


async def test_what_is_wrong_with_a_voice_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    (add(tmp_path, "mum").folder / "clip.wav").unlink()
    async with watching(tmp_path) as told:
        await within_a_second(lambda: told == [[]])
        await asyncio.to_thread(add, tmp_path, "dad")
        await within_a_second(lambda: told[-1] == ["dad"])
    assert [record.message for record in caplog.records] == [
        "the voice mum cannot be used: it has no voice.json or no clip.wav"
    ]


async def test_what_a_crash_left_is_deleted_when_the_watch_begins(tmp_path: Path) -> None:
    (tmp_path / ".gone-1").mkdir()
    (tmp_path / ".gone-1" / "clip.wav").write_bytes(b"somebody's voice")
    async with watching(tmp_path):
        await within_a_second(lambda: not (tmp_path / ".gone-1").exists())


async def test_watching_costs_next_to_nothing(tmp_path: Path) -> None:
    for number in range(20):
        add(tmp_path, f"voice-{number}")
    async with watching(tmp_path) as told:
        await within_a_second(lambda: bool(told))
        spent = await _spent(asyncio.sleep(2.0))
    waking = await _spent(_woken(6))
    assert spent < max(0.02, 3 * waking)  # where a machine wakes up dearly, that is most of it


async def _spent(work: Awaitable[None]) -> float:
    """Return this process's CPU seconds while something is awaited."""
    before = time.process_time()
    await work
    return time.process_time() - before


async def _woken(times: int) -> None:
    """Wake up as often as the watch does in two seconds, in a thread too, and do nothing."""
    for _ in range(times):
        await asyncio.sleep(1 / 3)
        await asyncio.to_thread(int)
