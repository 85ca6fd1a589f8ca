"""Latents and codes to the flow's condition, against the oracle's."""

from collections.abc import Mapping
from math import floor

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tests.golden.make_flow import CODES, FRAMES, draw
from tests.indextts2.golden import Golden, largest_error, official, read_golden, unnoticed
from wyoming_indextts.errors import WeightsCorruptError
from wyoming_indextts.indextts2.latent_projection import (
    LATENT_PROJECTION_TABLE,
    LatentProjection,
)
from wyoming_indextts.indextts2.length_regulator import (
    LENGTH_REGULATOR_TABLE,
    LengthRegulator,
    RegulatorSizes,
    frames_of,
)
from wyoming_indextts.indextts2.tensors import adopt

TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def golden() -> Golden:
    return read_golden("flow")


def weights_of(golden: Golden, part: str) -> dict[str, Tensor]:
    facts = {"seed": golden.facts["seed"], **golden.facts["shipped"]["parts"][part]}
    return Golden({}, facts).weights()


def regulator(weights: Mapping[str, Tensor], *, channels: int = 48) -> LengthRegulator:
    with torch.device("meta"):
        net = LengthRegulator(RegulatorSizes(channels=channels, smoothings=4))
    adopt(net, LENGTH_REGULATOR_TABLE, weights, file="s2mel.pth")
    return net


def projection(weights: Mapping[str, Tensor]) -> LatentProjection:
    with torch.device("meta"):
        net = LatentProjection(1280)
    adopt(net, LATENT_PROJECTION_TABLE, weights, file="s2mel.pth")
    return net


def features() -> Tensor:
    return torch.from_numpy(draw("features", 1, CODES, 1024))


def latents() -> Tensor:
    return torch.from_numpy(draw("latents", 1, 6, 1280))


@torch.inference_mode()
def test_the_condition_is_the_oracles(golden: Golden) -> None:
    net = regulator(weights_of(golden, "length_regulator"))
    found = net(features(), frames_of(CODES))
    assert largest_error(found, golden.tensor("condition")) <= TOLERANCE


@torch.inference_mode()
def test_projected_latents_are_the_oracles(golden: Golden) -> None:
    found = projection(weights_of(golden, "gpt_layer"))(latents())
    assert largest_error(found, golden.tensor("projected")) <= TOLERANCE


@torch.inference_mode()
def test_a_change_of_any_tensor_is_noticed(golden: Golden) -> None:
    weights = weights_of(golden, "length_regulator")
    net, condition = regulator(weights), golden.tensor("condition")

    def noticed() -> bool:
        return largest_error(net(features(), FRAMES), condition) > TOLERANCE

    assert unnoticed(net, LENGTH_REGULATOR_TABLE, weights, noticed) == set()


@torch.inference_mode()
def test_a_change_of_any_layer_of_the_projection_is_noticed(golden: Golden) -> None:
    weights = weights_of(golden, "gpt_layer")
    net, projected = projection(weights), golden.tensor("projected")

    def noticed() -> bool:
        return largest_error(net(latents()), projected) > TOLERANCE

    assert unnoticed(net, LATENT_PROJECTION_TABLE, weights, noticed) == set()


@torch.inference_mode()
def test_samples_of_a_batch_do_not_know_of_each_other(golden: Golden) -> None:
    net = regulator(weights_of(golden, "length_regulator"))
    first, second = features(), 3 * features().flip(1)
    together = net(torch.cat([first, second]), FRAMES)
    alone = torch.cat([net(first, FRAMES), net(second, FRAMES)])
    assert largest_error(together, alone) <= TOLERANCE


@given(codes=st.integers(0, 1815))
def test_a_code_lasts_one_mel_frame_and_72_hundredths(codes: int) -> None:
    assert frames_of(codes) == floor(codes * 1.72 + 1e-9)


def test_the_official_tensors_are_accepted() -> None:
    with torch.device("meta"):
        wanted = official("s2mel_length_regulator")
        regulator({name: torch.empty(shape) for name, shape in wanted.items()}, channels=512)
        wanted = official("s2mel_gpt_layer")
        projection({name: torch.empty(shape) for name, shape in wanted.items()})


def test_a_tensor_that_is_missing_renamed_or_misshapen_is_named(golden: Golden) -> None:
    weights = weights_of(golden, "length_regulator")
    name = "model.3.weight"
    missing = {n: t for n, t in weights.items() if n != name}
    for wrong in (
        missing,
        missing | {f"{name}s": weights[name]},
        weights | {name: weights[name][:-1]},
    ):
        with pytest.raises(WeightsCorruptError, match=name):
            regulator(wrong)
    weights = weights_of(golden, "gpt_layer")
    for wrong in (
        {n: t for n, t in weights.items() if n != "1.bias"},
        weights | {"1.bias": weights["1.bias"][:-1]},
    ):
        with pytest.raises(WeightsCorruptError, match=r"1\.bias|0\.weight|1\.weight"):
            projection(wrong)
