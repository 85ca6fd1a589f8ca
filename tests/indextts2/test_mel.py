"""The log-mel spectrogram against the oracle's."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tests.golden.speech_like import speech_like
from tests.indextts2.golden import largest_error, read_golden
from wyoming_indextts.indextts2.mel import FLOOR, HOP, RATE, log_mel


def clip(seconds: float, *, seed: int) -> Tensor:
    return torch.from_numpy(speech_like(seconds, RATE, seed=seed))[None]


def test_the_spectrogram_is_the_oracles() -> None:
    golden = read_golden("mel")
    found = log_mel(clip(golden.facts["seconds"], seed=golden.facts["seed"]))
    assert largest_error(found, golden.tensor("mel")) <= 2e-5


def test_clips_of_a_batch_do_not_know_of_each_other() -> None:
    first, second = clip(0.1, seed=1), clip(0.1, seed=2)
    together = log_mel(torch.cat([first, second]))
    assert largest_error(together, torch.cat([log_mel(first), log_mel(second)])) <= 1e-6


@given(samples=st.integers(385, 5000))
def test_there_is_a_frame_for_each_whole_hop(samples: int) -> None:
    assert log_mel(torch.zeros(1, samples)).shape == (1, 80, samples // HOP)


def test_silence_lies_on_the_floor() -> None:
    assert torch.all(log_mel(torch.zeros(1, 2000)) == np.log(np.float32(FLOOR)))


@pytest.mark.parametrize("hertz", [200, 1000, 4000, 10_000])
def test_a_tone_stands_out_at_its_place_on_slaneys_scale(hertz: int) -> None:
    wave = torch.sin(torch.arange(4096) * (2 * torch.pi * hertz / RATE))[None]
    place = 3 * hertz / 200 if hertz <= 1000 else 15 + 27 * np.log(hertz / 1000) / np.log(6.4)
    last = 15 + 27 * np.log(RATE / 2000) / np.log(6.4)
    loudest = log_mel(wave)[0].mean(1).argmax()
    assert abs(int(loudest) - (place * 81 / last - 1)) <= 0.75
