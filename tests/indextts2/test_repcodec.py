"""RepCodec against the oracle's: the same codes, and the same meaning."""

from collections.abc import Mapping

import pytest
import torch
from torch import Tensor

from tests.indextts2.golden import Golden, largest_error, official, read_golden, unnoticed
from wyoming_indextts.errors import WeightsCorruptError
from wyoming_indextts.indextts2.repcodec import REPCODEC_TABLE, RepCodec, RepCodecSizes
from wyoming_indextts.indextts2.tensors import adopt

TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def golden() -> Golden:
    return read_golden("repcodec")


def made(golden: Golden, weights: Mapping[str, Tensor]) -> RepCodec:
    net = RepCodec(RepCodecSizes(**golden.facts["sizes"]))
    adopt(net, REPCODEC_TABLE, weights, file="model.safetensors")
    return net


def differs(golden: Golden, net: RepCodec) -> bool:
    features = golden.tensor("features")
    meaning = net.table()[golden.tensor("codes")]
    return (
        largest_error(net.encode(features), golden.tensor("encoded")) > TOLERANCE
        or largest_error(meaning, golden.tensor("meaning")) > TOLERANCE
    )


@torch.inference_mode()
def test_codes_and_their_meaning_are_the_oracles(golden: Golden) -> None:
    net = made(golden, golden.weights())
    assert torch.equal(net(golden.tensor("features")), golden.tensor("codes"))
    assert not differs(golden, net)


@torch.inference_mode()
def test_a_change_of_any_tensor_is_noticed(golden: Golden) -> None:
    weights = golden.weights()
    net = made(golden, weights)
    assert unnoticed(net, REPCODEC_TABLE, weights, lambda: differs(golden, net)) == set()


@torch.inference_mode()
def test_clips_of_a_batch_do_not_know_of_each_other(golden: Golden) -> None:
    net = made(golden, golden.weights())
    features = golden.tensor("features")
    batch = torch.cat([features, features.flip(1)])
    assert torch.equal(net(batch), torch.cat([net(features), net(features.flip(1))]))


def test_the_official_file_is_accepted() -> None:
    with torch.device("meta"):
        net = RepCodec(RepCodecSizes())
        tensors = {name: torch.empty(shape) for name, shape in official("repcodec").items()}
    adopt(net, REPCODEC_TABLE, tensors, file="model.safetensors")
    assert net.table().shape == (8192, 1024)


def test_a_tensor_that_is_missing_renamed_or_misshapen_is_named(golden: Golden) -> None:
    weights = golden.weights()
    name = "quantizer.quantizers.0.codebook.weight"
    missing = {n: t for n, t in weights.items() if n != name}
    for wrong in (
        missing,
        missing | {f"{name}s": weights[name]},
        weights | {name: weights[name][:-1]},
    ):
        with pytest.raises(WeightsCorruptError, match=name):
            made(golden, wrong)
