"""A stream is trimmed as the whole is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_indextts.speech.audio import Samples
from wyoming_indextts.speech.silence import FADE, MARGIN, QUIET, Trimmer, trimmed

RATE = 2000


def of_the_whole(samples: Samples) -> Samples:
    """Return what trimming means, in the plainest words."""
    loud = np.flatnonzero(np.abs(samples) > QUIET)
    if not len(loud):
        return samples[:0]
    margin = round(MARGIN * RATE)
    sound = samples[max(0, loud[0] - margin) : loud[-1] + 1 + margin].copy()
    fade = min(round(FADE * RATE), len(sound) // 2)
    slope = np.linspace(0.0, 1.0, fade, endpoint=False, dtype=np.float32)
    sound[:fade] *= slope
    sound[len(sound) - fade :] *= slope[::-1]
    return sound


PARTS = st.lists(st.tuples(st.booleans(), st.integers(0, 150)), max_size=8)


@given(parts=PARTS, cuts=st.lists(st.integers(0, 1200), max_size=12))
def test_wherever_it_is_cut(parts: list[tuple[bool, int]], cuts: list[int]) -> None:
    chance = np.random.default_rng(0)
    loudness = np.concatenate([np.zeros(0), *(np.full(n, loud, float) for loud, n in parts)])
    samples = (loudness * chance.uniform(0.02, 0.5, len(loudness))).astype(np.float32)
    trimmer = Trimmer(RATE)
    pieces = np.split(samples, sorted(min(cut, len(samples)) for cut in cuts))
    streamed = np.concatenate([*(trimmer.feed(piece) for piece in pieces), trimmer.flush()])
    np.testing.assert_array_equal(streamed, of_the_whole(samples))
    np.testing.assert_array_equal(trimmed(samples, RATE), of_the_whole(samples))


def test_sound_is_given_while_it_lasts() -> None:
    trimmer = Trimmer(RATE)
    given_at_once = trimmer.feed(np.full(1000, 0.3, np.float32))
    assert len(given_at_once) == pytest.approx(1000, abs=round(FADE * RATE))


def test_a_silence_waits_for_what_follows() -> None:
    trimmer = Trimmer(RATE)
    trimmer.feed(np.full(1000, 0.3, np.float32))
    assert len(trimmer.feed(np.zeros(2000, np.float32))) <= round((MARGIN + FADE) * RATE)
    assert len(trimmer.feed(np.full(1000, 0.3, np.float32))) > 2800
