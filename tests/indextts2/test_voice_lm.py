"""The voice language model against the oracle's: logits and latents of given codes."""

import pytest
import torch
from torch import Tensor

from tests.indextts2.golden import Golden, largest_error, official, read_golden, unnoticed
from tests.indextts2.gpt import VOICE, Weights, voice_net, weights_of
from wyoming_indextts.errors import WeightsCorruptError
from wyoming_indextts.indextts2.voice_lm import VOICE_TABLE, VoiceLanguageModel, VoiceSizes

TOLERANCE = 1e-5

OFFICIAL = VoiceSizes(1280, 20, 24, 12_001, 602, 8194, 1818, 0, 1, 8192, 8193)

READ = 24
"""Codes of the greedy run that are read."""


@pytest.fixture(scope="module")
def golden() -> Golden:
    return read_golden("gpt")


@pytest.fixture(scope="module")
def weights(golden: Golden) -> Weights:
    return weights_of(golden)


def prompt_of(
    net: VoiceLanguageModel, golden: Golden, dtype: torch.dtype = torch.float32
) -> Tensor:
    text = [VOICE.start_text, *golden.facts["runs"]["greedy"]["text"], VOICE.stop_text]
    latents, emotion = (golden.tensor(name).to(dtype) for name in ("latents", "merged"))
    return net.prompt(latents, emotion, torch.tensor([text]))


def states_of(
    net: VoiceLanguageModel, golden: Golden, first: int, dtype: torch.dtype = torch.float32
) -> Tensor:
    """Return the states (1, READ + 1, D) that predict the codes, read from position `first` on."""
    codes = golden.tensor("greedy_codes")[:, :READ]
    prompt = prompt_of(net, golden, dtype)
    read = torch.cat((prompt, net.spoken(codes, first + torch.arange(READ).unsqueeze(0))), dim=1)
    places = torch.arange(read.shape[1]).unsqueeze(0)
    states: Tensor = net(read, net.cache(1, read.shape[1]), places)
    return states[:, prompt.shape[1] - 1 :]


def differs(golden: Golden, net: VoiceLanguageModel) -> bool:
    latents = states_of(net, golden, 1)
    logits = net.logits(states_of(net, golden, 2)[0, golden.facts["logits"]])
    return (
        largest_error(latents, golden.tensor("greedy_latents")[:, : READ + 1]) > TOLERANCE
        or largest_error(logits, golden.tensor("greedy_logits")) > TOLERANCE
    )


@torch.inference_mode()
def test_latents_and_logits_are_the_oracles(golden: Golden, weights: Weights) -> None:
    assert not differs(golden, voice_net(weights))


@torch.inference_mode()
def test_a_change_of_any_tensor_is_noticed(golden: Golden, weights: Weights) -> None:
    net = voice_net(weights)
    assert unnoticed(net, VOICE_TABLE, weights, lambda: differs(golden, net)) == set()


@torch.inference_mode()
def test_reading_token_by_token_or_in_pieces_gives_the_same_states(
    golden: Golden, weights: Weights
) -> None:
    net = voice_net(weights)
    prompt = prompt_of(net, golden)
    length = prompt.shape[1]
    places = torch.arange(length).unsqueeze(0)
    whole = net(prompt, net.cache(1, length), places)
    for cuts in ([1] * length, [34, length - 34], [7, 30, length - 37]):
        cache = net.cache(1, length + 9)
        pieces = zip(prompt.split(cuts, dim=1), places.split(cuts, dim=1), strict=True)
        states = torch.cat([net(piece, cache, where) for piece, where in pieces], dim=1)
        assert largest_error(states, whole) <= TOLERANCE


@torch.inference_mode()
def test_rows_that_have_read_more_or_less_do_not_know_of_each_other(
    golden: Golden, weights: Weights
) -> None:
    net = voice_net(weights)
    prompt = prompt_of(net, golden)
    lengths = (prompt.shape[1], 20)
    cache = net.cache(2, 64)
    alone = []
    for row, length in enumerate(lengths):
        places = torch.arange(length).unsqueeze(0)
        net(prompt[:, :length], cache.rows(row), places)
        own = net.cache(1, length + 1)
        net(prompt[:, :length], own, places)
        more = net.spoken(torch.tensor([[5 + row]]), torch.tensor([[1]]))
        alone.append(net(more, own, torch.tensor([[length]])))
    more = net.spoken(torch.tensor([[5], [6]]), torch.tensor([[1], [1]]))
    together = net(more, cache, torch.tensor(lengths).unsqueeze(1))
    assert largest_error(together, torch.cat(alone)) <= TOLERANCE


@torch.inference_mode()
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_near(golden: Golden, weights: Weights, dtype: torch.dtype) -> None:
    exact = voice_net(weights)
    net = voice_net({name: tensor.to(dtype) for name, tensor in weights.items()})
    wanted = prompt_of(exact, golden)
    places = torch.arange(wanted.shape[1]).unsqueeze(0)
    states = net(wanted.to(dtype), net.cache(1, wanted.shape[1]), places)
    assert states.dtype == dtype
    assert largest_error(states.float(), exact(wanted, exact.cache(1, 64), places)) < 0.2


def test_the_official_file_is_accepted() -> None:
    with torch.device("meta"):
        tensors = {name: torch.empty(shape) for name, shape in official("gpt").items()}
    voice_net(tensors, OFFICIAL)


@pytest.mark.parametrize(
    "name", ["gpt.h.1.attn.c_attn.weight", "mel_head.bias", "mel_pos_embedding.emb.weight"]
)
def test_a_tensor_that_is_missing_renamed_or_misshapen_is_named(
    weights: Weights, name: str
) -> None:
    missing = {n: t for n, t in weights.items() if n != name}
    for wrong in (
        missing,
        missing | {f"{name}s": weights[name]},
        {**weights, name: weights[name][:-1]},
        {**weights, f"{name}.more": weights[name]},
    ):
        with pytest.raises(WeightsCorruptError, match=name):
            voice_net(wrong)


def test_a_file_saved_late_is_accepted(weights: Weights) -> None:
    late = {
        "inference_model.transformer.h.0.ln_1.weight": weights["gpt.h.0.ln_1.weight"],
        "gpt.wte.weight": weights["mel_embedding.weight"],
    }
    voice_net({**weights, **late})
