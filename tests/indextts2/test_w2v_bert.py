"""w2v-bert's first 17 layers against the oracle's."""

from collections.abc import Mapping

import pytest
import torch
from torch import Tensor

from tests.indextts2.golden import Golden, largest_error, official, read_golden, unnoticed
from wyoming_indextts.errors import WeightsCorruptError
from wyoming_indextts.indextts2.tensors import adopt
from wyoming_indextts.indextts2.w2v_bert import (
    LAYERS,
    W2V_BERT_TABLE,
    W2vBert,
    W2vBertSizes,
    read_w2v_bert_sizes,
)

TOLERANCE = 2e-5


@pytest.fixture(scope="module")
def golden() -> Golden:
    return read_golden("w2v_bert")


def made(golden: Golden, weights: Mapping[str, Tensor]) -> W2vBert:
    net = W2vBert(read_w2v_bert_sizes(golden.facts["sizes"]))
    adopt(net, W2V_BERT_TABLE, weights, file="model.safetensors")
    return net


def error(golden: Golden, net: W2vBert) -> float:
    features = golden.tensor("features")
    mask = torch.ones(features.shape[:2], dtype=torch.bool)
    mask[:, -1] = False
    return largest_error(net(features, mask), golden.tensor("hidden"))


@torch.inference_mode()
def test_layer_17_is_the_oracles(golden: Golden) -> None:
    assert error(golden, made(golden, golden.weights())) <= TOLERANCE


@torch.inference_mode()
def test_a_change_of_any_tensor_is_noticed(golden: Golden) -> None:
    weights = golden.weights()
    net = made(golden, weights)
    missed = unnoticed(net, W2V_BERT_TABLE, weights, lambda: error(golden, net) > TOLERANCE)
    # A key's bias adds the same to all scores of a query: the softmax takes it away.
    assert missed == {f"encoder.layers.{i}.self_attn.linear_k.bias" for i in range(LAYERS)}


@torch.inference_mode()
def test_a_row_that_is_masked_is_heard_by_no_other(golden: Golden) -> None:
    net = made(golden, golden.weights())
    features = golden.tensor("features")
    mask = torch.ones(features.shape[:2], dtype=torch.bool)
    mask[:, -3:] = False
    heard = net(features, mask)[:, :-3]
    alone = net(features[:, :-3], mask[:, :-3])
    assert largest_error(heard, alone) <= 1e-5


@torch.inference_mode()
def test_clips_of_a_batch_do_not_know_of_each_other(golden: Golden) -> None:
    net = made(golden, golden.weights())
    features = torch.cat([golden.tensor("features"), golden.tensor("features").flip(1)])
    mask = torch.ones(features.shape[:2], dtype=torch.bool)
    mask[1, -2:] = False
    together = net(features, mask)
    alone = torch.cat([net(features[row : row + 1], mask[row : row + 1]) for row in range(2)])
    assert largest_error(together, alone) <= 1e-5


def test_the_official_file_is_accepted() -> None:
    with torch.device("meta"):
        net = W2vBert(W2vBertSizes())
        tensors = {name: torch.empty(shape) for name, shape in official("w2v_bert").items()}
    adopt(net, W2V_BERT_TABLE, tensors, file="model.safetensors")
    assert sum(p.numel() for p in net.parameters()) == 411_230_080


def test_a_tensor_that_is_missing_renamed_or_misshapen_is_named(golden: Golden) -> None:
    weights = golden.weights()
    name = "encoder.layers.3.conv_module.pointwise_conv1.weight"
    missing = {n: t for n, t in weights.items() if n != name}
    for wrong in (
        missing,
        missing | {f"{name}s": weights[name]},
        weights | {name: weights[name][:-1]},
    ):
        with pytest.raises(WeightsCorruptError, match=name):
            made(golden, wrong)
    with pytest.raises(WeightsCorruptError, match=r"encoder\.layernorm"):
        made(golden, weights | {"encoder.layernorm": torch.ones(1)})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hidden_size", "1024"),
        ("hidden_size", 1024.0),
        ("hidden_size", 1000),
        ("num_attention_heads", 0),
        ("num_hidden_layers", 16),
        ("conv_depthwise_kernel_size", True),
        ("position_embeddings_type", "rotary"),
        ("add_adapter", True),
        ("layer_norm_eps", None),
    ],
)
def test_a_config_that_describes_another_net_is_refused(field: str, value: object) -> None:
    with pytest.raises(WeightsCorruptError, match=field):
        read_w2v_bert_sizes({field: value})


def test_what_a_config_leaves_out_is_as_published() -> None:
    assert read_w2v_bert_sizes({"model_type": "wav2vec2-bert"}) == W2vBertSizes()
