"""Mel to wave, against the oracle's."""

from collections.abc import Mapping

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.golden.make_bigvgan import CONFIG, LOUDNESS
from tests.indextts2.golden import Golden, largest_error, official, read_golden, unnoticed
from tests.indextts2.narrow_vocoder import NARROW, filtering
from wyoming_indextts.errors import WeightsCorruptError
from wyoming_indextts.indextts2.bigvgan import BIGVGAN_TABLE, BigVGAN, BigVGANSizes
from wyoming_indextts.indextts2.tensors import adopt

TOLERANCE = 1e-5

BLOCKS = ((3, 7, 11), ((1, 3, 5), (1, 3, 5), (1, 3, 5)))
SMALL = BigVGANSizes(80, CONFIG["upsample_initial_channel"], (4, 2), (8, 4), *BLOCKS)
OFFICIAL = BigVGANSizes(80, 1536, (4, 4, 2, 2, 2, 2), (8, 8, 4, 4, 4, 4), *BLOCKS)


@pytest.fixture(scope="module")
def golden() -> Golden:
    return read_golden("bigvgan")


def weights_of(golden: Golden) -> dict[str, Tensor]:
    weights = golden.weights()
    weights["conv_post.weight_g"] *= LOUDNESS
    return weights


def made(sizes: BigVGANSizes, weights: Mapping[str, Tensor]) -> BigVGAN:
    with torch.device("meta"):
        net = BigVGAN(sizes)
    adopt(net, BIGVGAN_TABLE, weights, file="bigvgan_generator.pt")
    return net


def mel_of(golden: Golden) -> Tensor:
    draw = np.random.default_rng(golden.facts["seed"])
    shape = (1, 80, golden.facts["frames"])
    return torch.from_numpy(draw.standard_normal(shape).astype(np.float32))


@torch.inference_mode()
def test_the_wave_is_the_oracles(golden: Golden) -> None:
    found = made(SMALL, weights_of(golden))(mel_of(golden))
    assert largest_error(found, golden.tensor("wave")[:, 0]) <= TOLERANCE


@torch.inference_mode()
def test_a_change_of_any_tensor_is_noticed(golden: Golden) -> None:
    weights, mel, wave = weights_of(golden), mel_of(golden), golden.tensor("wave")[:, 0]
    net = made(SMALL, weights)
    missed = unnoticed(
        net, BIGVGAN_TABLE, weights, lambda: largest_error(net(mel), wave) > TOLERANCE
    )
    assert missed == set()


@torch.inference_mode()
def test_mels_of_a_batch_do_not_know_of_each_other(golden: Golden) -> None:
    net, mel = made(SMALL, weights_of(golden)), mel_of(golden)
    together = net(torch.cat([mel, mel.flip(2)]))
    assert largest_error(together, torch.cat([net(mel), net(mel.flip(2))])) <= TOLERANCE


@torch.inference_mode()
def test_what_is_too_loud_is_clipped(golden: Golden) -> None:
    weights = weights_of(golden)
    wave = made(SMALL, weights)(mel_of(golden))
    weights["conv_post.weight_g"] *= 20
    loud = made(SMALL, weights)(mel_of(golden))
    assert largest_error(loud, (20 * wave).clamp(-1, 1)) <= 1e-4
    assert float(loud.abs().max()) == 1.0


@torch.inference_mode()
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_the_wave_of_half_precision_is_nearly_that_of_single(dtype: torch.dtype) -> None:
    mel = torch.randn(1, 80, 60, generator=torch.Generator().manual_seed(1))
    wanted = filtering(NARROW)(mel)
    found = filtering(NARROW).to(dtype)(mel.to(dtype))
    assert found.dtype == torch.float32
    assert float(torch.cosine_similarity(found, wanted)) >= 0.9999


def test_the_official_file_is_accepted() -> None:
    with torch.device("meta"):
        tensors = {name: torch.empty(shape) for name, shape in official("bigvgan").items()}
    made(OFFICIAL, tensors)


@pytest.mark.parametrize(
    "name",
    [
        "ups.1.0.weight_g",
        "resblocks.3.activations.2.act.beta",
        "activation_post.downsample.lowpass.filter",
    ],
)
def test_a_tensor_that_is_missing_renamed_or_misshapen_is_named(golden: Golden, name: str) -> None:
    weights = weights_of(golden)
    missing = {n: t for n, t in weights.items() if n != name}
    for wrong in (
        missing,
        missing | {f"{name}s": weights[name]},
        weights | {name: weights[name][..., :-1]},
    ):
        with pytest.raises(WeightsCorruptError, match=name):
            made(SMALL, wrong)
