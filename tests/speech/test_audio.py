"""Sound between rooms: sizes that fit, and a limiter that nobody notices."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_indextts.speech.audio import Limiter, Pcm, Samples, decibels, pcm, silence

RATE = 24_000

CUTS = st.lists(st.integers(0, 3000), max_size=12)


def voice(seconds: float, peak: float, seed: int = 0) -> Samples:
    """Return noise in bursts, as loud as `peak` at its loudest."""
    random = np.random.default_rng(seed)
    count = round(seconds * RATE)
    bursts = np.abs(np.sin(2 * np.pi * 3 * np.arange(count) / RATE)) ** 4
    noise = random.standard_normal(count) * bursts
    return np.asarray(noise * (peak / np.abs(noise).max()), np.float32)


def limited(samples: Samples, cuts: list[int]) -> Samples:
    limiter = Limiter(RATE)
    parts = np.split(samples, np.minimum(np.cumsum(cuts), len(samples))) if cuts else [samples]
    return np.concatenate([*(limiter.feed(part) for part in parts), limiter.flush()])


@given(st.floats(1.0, 8.0), st.integers(0, 99), CUTS)
def test_nothing_is_over_the_ceiling_and_no_sample_is_lost(
    peak: float, seed: int, cuts: list[int]
) -> None:
    sound = voice(0.4, peak, seed)
    out = limited(sound, cuts)
    assert len(out) == len(sound)
    assert np.abs(out).max() <= Limiter.CEILING * (1 + 1e-6)


@given(st.floats(0.0, Limiter.CEILING), CUTS)
def test_sound_under_the_ceiling_passes_bit_for_bit(peak: float, cuts: list[int]) -> None:
    sound = voice(0.3, peak)
    np.minimum(sound, np.float32(Limiter.CEILING), out=sound)
    np.testing.assert_array_equal(limited(sound, cuts), sound)


@given(st.floats(0.5, 8.0), st.integers(0, 99), CUTS)
def test_where_the_stream_is_cut_makes_no_difference(
    peak: float, seed: int, cuts: list[int]
) -> None:
    sound = voice(0.4, peak, seed)
    np.testing.assert_array_equal(limited(sound, cuts), limited(sound, []))


def test_a_peak_takes_the_gain_down_without_a_step_and_gives_it_back() -> None:
    sound = np.full(RATE, 0.5, np.float32)
    sound[RATE // 4] = 2.0
    out = limited(sound, [])
    gain = out / sound
    assert np.abs(np.diff(gain)).max() < 0.01
    assert gain[RATE // 4] == pytest.approx(0.485, abs=1e-3)
    before = RATE // 4 - round(RATE * Limiter.LOOK_AHEAD) - 1
    assert (gain[: before + 1] == 1.0).all()
    assert gain[-1] == 1.0


def test_it_looks_no_further_ahead_than_it_says() -> None:
    limiter = Limiter(RATE)
    given_at_once = limiter.feed(voice(1.0, 3.0))
    assert len(given_at_once) == RATE - round(RATE * Limiter.LOOK_AHEAD)
    assert len(limiter.flush()) == round(RATE * Limiter.LOOK_AHEAD)


def test_it_costs_less_than_a_hundredth_of_a_core() -> None:
    sound = voice(20.0, 3.0)
    start = time.process_time()
    limited(sound, [5000] * 40)
    assert time.process_time() - start < 0.01 * 20.0


@given(st.binary(max_size=400).map(lambda data: data[: len(data) // 2 * 2]), st.floats(0.0001, 1))
def test_frames_are_the_same_sound(data: bytes, seconds: float) -> None:
    sound = Pcm(data, RATE)
    frames = list(sound.frames(seconds))
    assert b"".join(frame.data for frame in frames) == data
    assert all(frame.seconds <= max(seconds, 1 / RATE) + 0.5 / RATE for frame in frames)


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="3 bytes"):
        Pcm(b"abc", RATE)


def test_full_scale_is_the_largest_integer_and_more_is_clipped() -> None:
    assert pcm(np.array([1.0, -1.0, 2.0, 0.0], np.float32), RATE).data == (
        np.array([32767, -32767, 32767, 0], "<i2").tobytes()
    )


def test_silence_has_the_length_asked_for() -> None:
    assert silence(0.25, RATE).data == bytes(12_000)
    assert silence(0.25, RATE).seconds == 0.25


def test_six_decibels_are_about_a_factor_of_two() -> None:
    assert decibels(6.0206) == pytest.approx(2.0, abs=1e-4)
    assert decibels(0.0) == 1.0
