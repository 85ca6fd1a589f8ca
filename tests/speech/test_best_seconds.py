"""Of a long clip the seconds with most speech are kept, cut in the pauses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wyoming_indextts.speech.best_seconds import best_seconds
from wyoming_indextts.speech.clip import Clip

RATE = 8000


def recording(*parts: tuple[float, bool], seed: int = 3) -> Clip:
    """Return a clip of stretches of speech (True) and of a room's quiet, by their seconds."""
    draw = np.random.default_rng(seed)
    pieces = [
        draw.standard_normal(round(seconds * RATE)) * (0.1 if spoken else 0.0005)
        for seconds, spoken in parts
    ]
    return Clip(np.concatenate(pieces).astype(np.float32), RATE)


def place(part: Clip, whole: Clip) -> tuple[float, float]:
    """Return where in the whole the part lies, in seconds."""
    head = part.wave[:100].tobytes()
    start = next(at for at in range(len(whole.wave)) if whole.wave[at : at + 100].tobytes() == head)
    assert np.array_equal(part.wave, whole.wave[start : start + len(part.wave)])
    return start / RATE, (start + len(part.wave)) / RATE


def test_the_sentence_is_kept_and_the_pauses_are_not() -> None:
    clip = recording((4, False), (4.5, True), (6, False), (1, True), (2, False))
    start, end = place(best_seconds(clip), clip)
    assert start == pytest.approx(4.0, abs=0.2)
    assert end == pytest.approx(8.5, abs=0.2)


def test_a_cut_is_made_in_a_pause() -> None:
    clip = recording((3, True), (0.4, False), (2, True), (0.4, False), (4, True), (0.4, False))
    start, end = place(best_seconds(clip), clip)
    assert start == 0.0
    assert end == pytest.approx(5.6, abs=0.21)


def test_a_knock_does_not_pass_for_speech() -> None:
    clip = recording((3, False), (5, True), (7, False))
    clip.wave[:] *= 0.2
    clip.wave[12 * RATE : 12 * RATE + 200] = 0.9
    start, _ = place(best_seconds(clip), clip)
    assert start == pytest.approx(3.0, abs=0.3)


@pytest.mark.parametrize("seconds", [0.5, 3.0, 6.0])
def test_a_short_clip_is_kept_whole(seconds: float) -> None:
    clip = recording((seconds, True))
    assert best_seconds(clip) is clip


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.floats(0.1, 5), st.booleans()), min_size=2, max_size=6),
    st.integers(0, 9),
)
def test_three_to_six_seconds_are_kept_as_they_were(
    parts: list[tuple[float, bool]], seed: int
) -> None:
    clip = recording((3, True), *parts, (3.2, False), seed=seed)
    kept = best_seconds(clip)
    assert kept.rate == clip.rate
    assert 3.0 <= kept.seconds <= 6.0
    place(kept, clip)
