"""The rulers against sounds whose measures are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.judge import measures
from tests.judge.recogniser import wav
from tests.judge.verdict import CLICK
from wyoming_indextts.speech.audio import Pcm, Samples, decibels, pcm

RATE = 24_000
FEW = settings(max_examples=20)  # each listens to seconds of sound


def buzz(hertz: float, seconds: float = 1.0) -> Samples:
    """Return a voice-like wave: a fundamental and its overtones, an RMS of 0.1 (-20 dB)."""
    time = np.arange(round(seconds * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * hertz * n * time) / n for n in range(1, 9))
    return np.asarray(0.1 * wave / np.sqrt(np.mean(wave**2)), np.float32)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.float32)


def sound(*parts: Samples) -> Pcm:
    return pcm(np.concatenate(parts), RATE)


@FEW
@given(st.floats(90, 400))
def test_pitch_is_the_fundamentals(hertz: float) -> None:
    assert measures.pitch(sound(buzz(hertz))) == pytest.approx(hertz, rel=0.01)


def test_pitch_of_what_is_not_voiced_is_zero() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, RATE).astype(np.float32)
    assert measures.pitch(sound(silence(1))) == 0
    assert measures.pitch(sound(noise)) == 0


def test_pitch_of_a_faint_voice_behind_a_loud_one_does_not_count() -> None:
    both = sound(buzz(120), buzz(300, seconds=3) * decibels(-30))
    assert measures.pitch(both) == pytest.approx(120, rel=0.01)


@FEW
@given(st.floats(-30, 10))
def test_level_is_that_of_the_speech_and_not_of_the_pauses(gain: float) -> None:
    speech = buzz(200) * decibels(gain)
    assert measures.active_level(sound(speech)) == pytest.approx(gain - 20, abs=0.2)
    assert measures.active_level(sound(speech, silence(3), speech)) == pytest.approx(
        gain - 20, abs=0.2
    )


@FEW
@given(st.floats(0.05, 1.5))
def test_the_longest_gap_lies_between_two_sounds(seconds: float) -> None:
    gap = silence(seconds)
    whole = sound(silence(2), buzz(200), silence(0.03), buzz(200), gap, buzz(200), silence(2))
    assert measures.longest_gap(whole) == pytest.approx(seconds, abs=0.025)
    assert measures.longest_gap(sound(silence(2), buzz(200), silence(2))) == 0


def test_samples_at_full_scale_are_clipped() -> None:
    assert measures.clipped(sound(buzz(200))) == 0
    assert measures.clipped(sound(np.array([0.0, 1.0, -1.0, 0.999, -2.0], np.float32))) == 3


@FEW
@given(st.floats(0.05, 1.0))
def test_a_wave_that_goes_on_has_no_click_however_loud(loudness: float) -> None:
    assert measures.click(sound(buzz(200) * loudness)) < 5


@FEW
@given(st.floats(100, 300), st.floats(0.05, 1.0))
def test_a_wave_that_breaks_off_at_a_peak_has_one(hertz: float, loudness: float) -> None:
    wave = buzz(hertz) * loudness
    peak = int(np.argmax(wave[12_000:])) + 12_000
    assert measures.click(sound(wave[:peak], silence(0.1), wave)) > CLICK


def test_the_wav_file_has_the_sounds_rate_and_samples() -> None:
    written = wav(Pcm(b"\x01\x00\x02\x00", 22_050))
    assert int.from_bytes(written[24:28], "little") == 22_050
    assert written.endswith(b"\x01\x00\x02\x00")
