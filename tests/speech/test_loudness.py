"""A fixed gain on a stream of sound."""

from collections.abc import AsyncGenerator

import numpy as np
import pytest

from tests.tone import tone
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.loudness import amplified, with_gain


async def cut(sound: Pcm) -> AsyncGenerator[Pcm, None]:
    for frame in sound.frames(0.1):
        yield frame


async def gained(sound: Pcm, gain: float) -> np.ndarray:
    data = b"".join([run.data async for run in with_gain(cut(sound), gain)])
    return np.frombuffer(data, "<i2") / 32767


async def test_without_a_gain_nothing_changes() -> None:
    assert [run async for run in with_gain(cut(tone(1)), 0.0)] == list(tone(1).frames(0.1))


async def test_six_decibels_less_is_half() -> None:
    assert np.abs(await gained(tone(1), -6.02)).max() == pytest.approx(0.125, abs=0.001)


async def test_too_much_is_held_down_and_nothing_is_lost() -> None:
    louder = await gained(tone(1), 20)
    assert len(louder) == 24_000
    assert 0.8 < np.abs(louder).max() <= 1.0
    assert np.mean(np.abs(louder) > 0.999) < 0.01, "it is clipped"


def test_one_sound_at_once() -> None:
    half = np.frombuffer(amplified(tone(0.1), 0.5).data, "<i2") / 32767
    assert np.abs(half).max() == pytest.approx(0.125, abs=0.001)
