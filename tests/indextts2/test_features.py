"""What becomes of a wave before any net: rates and filter banks, against the oracle's."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.speech_like import speech_like
from tests.indextts2.golden import Golden, largest_error, read_golden
from wyoming_indextts.indextts2.fbank import semantic_fbank, speaker_fbank
from wyoming_indextts.indextts2.resample import soxr_hq, windowed_sinc


@pytest.fixture(scope="module")
def golden() -> Golden:
    return read_golden("features")


@pytest.fixture(scope="module")
def wave(golden: Golden) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    facts = golden.facts
    return speech_like(facts["seconds"], facts["rate"], seed=facts["seed"])


Wave = np.ndarray[tuple[int], np.dtype[np.float32]]


def test_the_windowed_sinc_is_torchaudios(golden: Golden, wave: Wave) -> None:
    found = windowed_sinc(torch.from_numpy(wave)[None], golden.facts["rate"], 16_000)
    assert largest_error(found, golden.tensor("sinc")) <= 1e-6


def test_soxr_is_called_as_librosa_does(golden: Golden, wave: Wave) -> None:
    rate = golden.facts["rate"]
    found = torch.from_numpy(soxr_hq(wave, rate, 16_000))
    assert largest_error(found, golden.tensor("soxr")) <= 1e-6
    raised = torch.from_numpy(soxr_hq(wave[: golden.facts["raised"]], rate, 48_000)[:2000])
    assert largest_error(raised, golden.tensor("raised")) <= 1e-6


@given(
    samples=st.integers(1, 3000),
    rates=st.sampled_from([(8000, 16_000), (22_050, 16_000), (44_100, 22_050), (16_000, 16_000)]),
)
def test_the_length_is_the_times_rounded_up(samples: int, rates: tuple[int, int]) -> None:
    rate, wanted = rates
    length = -(-samples * wanted // rate)
    wave = np.ones(samples, np.float32)
    assert len(soxr_hq(wave, rate, wanted)) == length
    assert windowed_sinc(torch.from_numpy(wave), rate, wanted).shape == (length,)


def test_the_speakers_filter_bank_is_kaldis(golden: Golden) -> None:
    found = speaker_fbank(golden.tensor("sinc"))[0]
    assert largest_error(found, golden.tensor("speaker")) <= 2e-4


@pytest.mark.parametrize(("parity", "cut"), [("even", 0), ("odd", 160)])
def test_the_semantic_filter_bank_is_seamless(golden: Golden, parity: str, cut: int) -> None:
    sound = golden.tensor("sinc")
    features, mask = semantic_fbank(sound[:, : sound.shape[1] - cut])
    assert largest_error(features, golden.tensor(f"semantic_{parity}")) <= 1e-5
    assert mask.int().tolist() == golden.arrays[f"mask_{parity}"].tolist()


def test_clips_of_a_batch_do_not_know_of_each_other() -> None:
    waves = torch.from_numpy(np.stack([speech_like(0.3, 16_000, seed=s) for s in (1, 2)]))
    features, mask = semantic_fbank(waves)
    for row, wave in enumerate(waves):
        alone, its_mask = semantic_fbank(wave[None])
        assert torch.equal(features[row], alone[0])
        assert torch.equal(mask[row], its_mask[0])
        assert torch.equal(speaker_fbank(waves)[row], speaker_fbank(wave[None])[0])
