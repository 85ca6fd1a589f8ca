"""Which clips a voice can be enrolled from, and what is said of the others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.speech_like import speech_like
from wyoming_indextts.errors import BadRequestError
from wyoming_indextts.speech.clip import Clip, check_clip, check_sound, loudness, speech_level


def tone(seconds: float, rate: int = 16_000, height: float = 0.5) -> Clip:
    time = np.arange(round(seconds * rate)) / rate
    return Clip(np.asarray(height * np.sin(2 * np.pi * 220 * time), np.float32), rate)


@pytest.mark.parametrize(("seconds", "rate"), [(3.0, 44_100), (15.0, 16_000), (30.2, 8000)])
def test_three_to_thirty_seconds_will_do(seconds: float, rate: int) -> None:
    check_clip(Clip(speech_like(seconds, rate, seed=1), rate))


@pytest.mark.parametrize(
    ("clip", "complaint"),
    [
        (tone(2.99), "lasts 2.99 seconds; send at least 3"),
        (tone(30.5), "lasts 30.5 seconds; send at most 30"),
        (tone(4, height=0.0005), "silent"),
        (Clip(np.zeros(64_000, np.float32), 16_000), "silent"),
        (Clip(np.zeros(0, np.float32), 16_000), "empty"),
        (Clip(np.zeros((2, 64_000), np.float32), 16_000), "empty"),
        (tone(4, rate=7999), "7999 samples a second"),
        (Clip(tone(4).wave, 192_001), "192001 samples a second"),
        (Clip(np.clip(tone(4, height=1.5).wave, -1, 1), 16_000), "distorted"),
        (tone(4, height=1.5), "distorted"),
    ],
)
def test_what_is_wrong_is_said(clip: Clip, complaint: str) -> None:
    with pytest.raises(BadRequestError, match=complaint):
        check_clip(clip)


@given(place=st.integers(0, 63_999), number=st.sampled_from([np.nan, np.inf, -np.inf]))
def test_one_sample_that_is_no_number_is_found(place: int, number: float) -> None:
    wave = tone(4).wave.copy()
    wave[place] = number
    with pytest.raises(BadRequestError, match="not numbers"):
        check_sound(Clip(wave, 16_000))


def test_a_few_peaks_at_the_top_are_no_distortion() -> None:
    wave = tone(4).wave.copy()
    wave[::2000] = 1.0
    check_clip(Clip(wave, 16_000))


def test_a_word_in_long_silence_is_heard() -> None:
    wave = np.zeros(64_000, np.float32)
    wave[30_000:31_000] = tone(1, height=0.02).wave[:1000]
    check_clip(Clip(wave, 16_000))


def test_loudness_is_the_root_mean_square() -> None:
    assert loudness(tone(1, height=0.5)) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


@pytest.mark.parametrize("gain", [0.05, 0.5])
def test_the_level_is_that_of_the_speech_and_not_of_the_pauses(gain: float) -> None:
    time = np.arange(48_000) / 16_000
    wave = gain * np.sin(2 * np.pi * 200 * time).astype(np.float32)
    alone = speech_level(Clip(wave, 16_000))
    paused = np.concatenate([wave, np.zeros(64_000, np.float32)])
    assert alone == pytest.approx(20 * np.log10(gain / np.sqrt(2)), abs=0.1)
    assert speech_level(Clip(paused, 16_000)) == pytest.approx(alone, abs=0.1)
