"""The silence that a model makes around its words goes, and no cut is heard."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wyoming_indextts.speech.audio import Samples
from wyoming_indextts.speech.silence import MARGIN, QUIET, trimmed

RATE = 24_000


def tone(before: float, sounding: float, after: float) -> Samples:
    """Return silence with a hiss, a tone, and silence again; in seconds."""
    count = round(sounding * RATE)
    sound = 0.3 * np.sin(2 * np.pi * 200 * np.arange(count) / RATE)
    hiss = [np.full(round(seconds * RATE), 0.5 * QUIET) for seconds in (before, after)]
    return np.concatenate([hiss[0], sound, hiss[1]]).astype(np.float32)


def test_a_margin_is_kept_on_both_sides() -> None:
    assert abs(len(trimmed(tone(0.4, 1.0, 0.6), RATE)) / RATE - (1.0 + 2 * MARGIN)) < 0.002


def test_what_is_already_close_stays_whole() -> None:
    sound = tone(0.01, 0.5, 0.01)
    assert len(trimmed(sound, RATE)) == len(sound)


def test_it_comes_from_zero_and_goes_to_zero() -> None:
    sound = trimmed(np.full(RATE, 0.5, np.float32), RATE)
    assert sound[0] == sound[-1] == 0.0
    assert np.abs(np.diff(sound)).max() < 0.5 / 100


def test_silence_is_nothing() -> None:
    assert len(trimmed(np.zeros(RATE, np.float32), RATE)) == 0
    assert len(trimmed(np.zeros(0, np.float32), RATE)) == 0


@given(st.lists(st.floats(-1, 1, width=32), max_size=400))
def test_any_sound_gets_shorter_never_louder(values: list[float]) -> None:
    sound = np.array(values, np.float32)
    out = trimmed(sound, RATE)
    assert len(out) <= len(sound)
    assert np.abs(out).max(initial=0.0) <= np.abs(sound).max(initial=0.0)
