"""Matrices of int8: how far they are off, what they save, and that the model speaks with them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from tests.indextts2 import patched
from tests.indextts2.golden import largest_error, official, read_golden
from tests.indextts2.gpt import voice_net, weights_of
from tests.indextts2.test_voice_lm import OFFICIAL, READ, states_of
from wyoming_indextts.indextts2.flow import advance
from wyoming_indextts.indextts2.int8 import FEW, Int8Linear
from wyoming_indextts.indextts2.length_regulator import frames_of
from wyoming_indextts.indextts2.loading import Model, load_model
from wyoming_indextts.indextts2.noise import noise
from wyoming_indextts.indextts2.precision import Dtypes
from wyoming_indextts.indextts2.trial import nobody
from wyoming_indextts.indextts2.voice_lm import VoiceLanguageModel

DTYPES = (torch.float32, torch.float16, torch.bfloat16)


@pytest.fixture(autouse=True)
def inference() -> Iterator[None]:
    with torch.inference_mode():
        yield


def linear(rows: list[list[float]]) -> nn.Linear:
    layer = nn.Linear(len(rows[0]), len(rows))
    layer.weight.copy_(torch.tensor(rows))
    return layer


@pytest.mark.parametrize("dtype", DTYPES)
@given(st.lists(st.lists(st.floats(-8, 8, width=16), min_size=5, max_size=5), min_size=1))
def test_a_weight_is_off_by_at_most_half_a_step_of_its_row(
    dtype: torch.dtype, rows: list[list[float]]
) -> None:
    with torch.inference_mode():
        exact = linear(rows)
        rounded = Int8Linear(exact, dtype)
        kept = rounded.weight.float() * rounded.scale.float().unsqueeze(1)
        step = exact.weight.abs().amax(1, keepdim=True) / 127
        rounding = torch.finfo(dtype).eps * 128  # of the scale: the largest may be cut by as much
        tiny = 1e-6  # below float16's least number there is none
        assert ((kept - exact.weight).abs() <= step * (0.5 + rounding) + tiny).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rows", [1, FEW, FEW + 1])
def test_however_many_rows_it_is_the_product_with_the_rounded_matrix(
    dtype: torch.dtype, rows: int
) -> None:
    torch.manual_seed(3)
    layer = Int8Linear(nn.Linear(64, 96), dtype)
    x = torch.randn(rows, 64).to(dtype)
    found = layer(x)
    exact = nn.functional.linear(
        x.double(),
        layer.weight.double() * layer.scale.double().unsqueeze(1),
        layer.bias.double(),
    )
    assert found.dtype == dtype
    assert largest_error(found.double(), exact) < 8 * torch.finfo(dtype).eps


def test_the_matrices_take_half_the_memory_of_half_precision() -> None:
    def megabytes(net: VoiceLanguageModel) -> float:
        kept = (*net.blocks.state_dict().values(), *net.head.state_dict().values())
        return float(sum(tensor.numel() * tensor.element_size() for tensor in kept)) / 1e6

    with torch.device("meta"):
        tensors = {n: torch.empty(s, dtype=torch.bfloat16) for n, s in official("gpt").items()}
        net = voice_net(tensors, OFFICIAL)
        plain = megabytes(net)
        net.quantise(torch.bfloat16)
    assert plain == pytest.approx(966, abs=1)
    assert megabytes(net) / plain < 0.502


@pytest.mark.parametrize(("dtype", "most"), [(torch.float32, 0.06), (torch.bfloat16, 0.2)])
def test_latents_are_near_those_of_float32(dtype: torch.dtype, most: float) -> None:
    golden = read_golden("gpt")
    net = voice_net(weights_of(golden))
    net.quantise(dtype)
    states = states_of(net.to(dtype), golden, 1, dtype)
    wanted = golden.tensor("greedy_latents")[:, : READ + 1]
    assert 0 < largest_error(states.float(), wanted) < most
    assert cosine_similarity(states.float(), wanted, dim=-1).min() > 0.998


def test_mels_are_near_those_of_float32(tmp_path: Path) -> None:
    folder = patched.well_behaved(tmp_path)
    exact, rounded = (
        load_model(folder, device=torch.device("cpu"), dtypes=Dtypes.of(torch.float32), int8=int8)
        for int8 in (False, True)
    )
    codes = torch.arange(40).unsqueeze(0) * 5
    wanted, found = (mel_of(exact, codes, latents_of(m, codes)) for m in (exact, rounded))
    assert 0 < largest_error(found, wanted) < 0.05
    assert cosine_similarity(found.flatten(), wanted.flatten(), dim=0) > 0.9999


def latents_of(model: Model, codes: Tensor) -> Tensor:
    """Return the latents of given codes, by the model's language model."""
    net, someone = model.speaking.voice, nobody(model, codes=50)
    text = torch.tensor([[net.sizes.start_text, 5, 17, 33, 8, net.sizes.stop_text]])
    prompt = net.prompt(someone.latents, someone.emotion, text)
    spoken = net.spoken(codes, 1 + torch.arange(codes.shape[1]).unsqueeze(0))
    read = torch.cat((prompt, spoken), dim=1)
    places = torch.arange(read.shape[1]).unsqueeze(0)
    states: Tensor = net(read, net.cache(1, read.shape[1]), places)
    return states[:, prompt.shape[1] - 1 : -1]


def mel_of(model: Model, codes: Tensor, latents: Tensor) -> Tensor:
    nets, someone = model.speaking, nobody(model, codes=50)
    frames = frames_of(codes.shape[1])
    condition = nets.regulator(nets.features(codes, latents), frames)
    start = noise(1, 0, someone.mel.shape[-1] + frames)
    walk, schedule = nets.walk(start, condition, someone), nets.schedule(10)
    for _ in range(10):
        walk = advance(nets.dit, walk, schedule, guidance=0.7)
    return walk.mel


def test_what_it_has_read_is_not_taken_for_what_another_arithmetic_reads() -> None:
    golden = read_golden("gpt")
    plain, whole = (voice_net(weights_of(golden)) for _ in range(2))
    whole.quantise(torch.float32)
    assert plain.arithmetic != whole.arithmetic
