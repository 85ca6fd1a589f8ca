"""CAM++ against the oracle's."""

from collections.abc import Mapping

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.indextts2.golden import Golden, largest_error, official, read_golden, unnoticed
from wyoming_indextts.errors import WeightsCorruptError
from wyoming_indextts.indextts2.campplus import CAMPPLUS_TABLE, CampPlus
from wyoming_indextts.indextts2.tensors import adopt

TOLERANCE = 1.5e-6
"""Tight: of the net's 48 layers each does little by itself."""


@pytest.fixture(scope="module")
def golden() -> Golden:
    return read_golden("campplus")


def made(weights: Mapping[str, Tensor]) -> CampPlus:
    with torch.device("meta"):
        net = CampPlus()
    adopt(net, CAMPPLUS_TABLE, weights, file="campplus_cn_common.bin")
    return net


def clips(golden: Golden) -> dict[str, Tensor]:
    draw = np.random.default_rng(golden.facts["seed"])
    return {
        name: torch.from_numpy(draw.standard_normal((1, frames, 80)).astype(np.float32))
        for name, frames in golden.facts["frames"].items()
    }


@torch.inference_mode()
def test_styles_are_the_oracles(golden: Golden) -> None:
    net = made(golden.weights())
    for name, features in clips(golden).items():
        assert largest_error(net(features), golden.tensor(name)) <= TOLERANCE


@torch.inference_mode()
def test_a_change_of_any_tensor_is_noticed(golden: Golden) -> None:
    weights = golden.weights()
    net, short, style = made(weights), clips(golden)["short"], golden.tensor("short")
    missed = unnoticed(
        net, CAMPPLUS_TABLE, weights, lambda: largest_error(net(short), style) > TOLERANCE
    )
    assert missed == set()


@torch.inference_mode()
def test_clips_of_a_batch_do_not_know_of_each_other(golden: Golden) -> None:
    net, clip = made(golden.weights()), clips(golden)["long"]
    together = net(torch.cat([clip, clip.flip(1)]))
    alone = torch.cat([net(clip), net(clip.flip(1))])
    assert largest_error(together, alone) <= 1e-5


def test_the_official_file_is_accepted() -> None:
    with torch.device("meta"):
        tensors = {name: torch.empty(shape) for name, shape in official("campplus").items()}
    made(tensors)


def test_a_tensor_that_is_missing_renamed_or_misshapen_is_named(golden: Golden) -> None:
    weights = golden.weights()
    name = "xvector.block2.tdnnd3.nonlinear1.batchnorm.weight"
    missing = {n: t for n, t in weights.items() if n != name}
    for wrong in (
        missing,
        missing | {f"{name}s": weights[name]},
        weights | {name: weights[name][:-1]},
        weights | {name: weights[name][:1]},
    ):
        with pytest.raises(WeightsCorruptError, match=name):
            made(wrong)
