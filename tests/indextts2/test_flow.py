"""Noise to mel, against the oracle's walk with the same noise."""

from collections.abc import Mapping

import pytest
import torch
from torch import Tensor

from tests.golden.make_flow import FARTHER, FRAMES, PLACES, PROMPT, draw
from tests.indextts2.golden import Golden, largest_error, official, read_golden, unnoticed
from wyoming_indextts.errors import WeightsCorruptError
from wyoming_indextts.indextts2.clock import Schedule, even_times
from wyoming_indextts.indextts2.dit import Flow, FlowSizes, flow_table
from wyoming_indextts.indextts2.flow import Walk, advance, begin
from wyoming_indextts.indextts2.tensors import adopt
from wyoming_indextts.indextts2.wavenet import WaveNetSizes

TOLERANCE = 1e-5

SHIPPED = FlowSizes(64, 4, 5, 48, WaveNetSizes(64, 3, 5, 1))
UNLIKE = FlowSizes(64, 2, 4, 48, WaveNetSizes(64, 2, 3, 2))
OFFICIAL = FlowSizes(512, 8, 13, 512, WaveNetSizes(512, 8, 5, 1))


@pytest.fixture(scope="module")
def golden() -> Golden:
    return read_golden("flow")


@pytest.fixture(scope="module")
def flow(golden: Golden) -> Flow:
    return made(SHIPPED, weights_of(golden, "shipped"))


def weights_of(golden: Golden, kind: str) -> dict[str, Tensor]:
    facts = {"seed": golden.facts["seed"], **golden.facts[kind]["parts"]["cfm"]}
    weights = Golden({}, facts).weights()
    weights[PLACES] = (FARTHER * weights[PLACES]).abs().round()
    return weights


def made(sizes: FlowSizes, weights: Mapping[str, Tensor]) -> Flow:
    with torch.device("meta"):
        net = Flow(sizes)
    adopt(net, flow_table(sizes), weights, file="s2mel.pth")
    return net


def drawn(name: str, *shape: int) -> Tensor:
    return torch.from_numpy(draw(name, *shape))


def begun(flow: Flow, *, noise: Tensor | None = None) -> Walk:
    return begin(
        flow.dit,
        drawn("noise", 1, 80, PROMPT + FRAMES) if noise is None else noise,
        drawn("condition", 1, PROMPT + FRAMES, 48),
        prompt=drawn("prompt", 1, 80, PROMPT),
        style=drawn("style", 1, 192),
    )


def walked(flow: Flow, walk: Walk, *, steps: int, guidance: float = 0.7) -> Tensor:
    schedule = flow.clock(even_times(steps))
    while walk.step < schedule.steps:
        walk = advance(flow.dit, walk, schedule, guidance=guidance)
    return walk.mel


@torch.inference_mode()
def test_the_mel_after_25_steps_is_the_oracles(golden: Golden, flow: Flow) -> None:
    found = walked(flow, begun(flow), steps=25)
    assert largest_error(found, golden.tensor("mel")) <= TOLERANCE


@torch.inference_mode()
def test_the_mel_without_guidance_is_the_oracles(golden: Golden, flow: Flow) -> None:
    found = walked(flow, begun(flow), steps=2, guidance=0.0)
    assert largest_error(found, golden.tensor("unguided")) <= TOLERANCE


@torch.inference_mode()
def test_the_mel_of_a_net_of_other_sizes_is_the_oracles(golden: Golden) -> None:
    net = made(UNLIKE, weights_of(golden, "unlike"))
    found = walked(net, begun(net), steps=2)
    assert largest_error(found, golden.tensor("unlike")) <= TOLERANCE


@torch.inference_mode()
def test_a_change_of_any_tensor_is_noticed(golden: Golden) -> None:
    weights = weights_of(golden, "shipped")
    net, brief = made(SHIPPED, weights), golden.tensor("brief")

    def noticed() -> bool:
        return largest_error(walked(net, begun(net), steps=2), brief) > TOLERANCE

    missed = unnoticed(net, flow_table(SHIPPED), weights, noticed)
    assert missed == {PLACES}  # whole numbers: a thousandth is no change
    assert not noticed()
    net.dit.positions[3] += 1
    assert noticed()


@torch.inference_mode()
def test_noise_in_the_prompts_place_is_ignored(flow: Flow) -> None:
    noise = drawn("noise", 1, 80, PROMPT + FRAMES)
    other = noise.clone()
    other[..., :PROMPT] = 9.0
    kept = other.clone()
    first = walked(flow, begun(flow, noise=noise), steps=2)
    assert torch.equal(first, walked(flow, begun(flow, noise=other), steps=2))
    assert torch.equal(other, kept)


@torch.inference_mode()
def test_walks_that_take_turns_end_as_if_alone(flow: Flow) -> None:
    schedule = flow.clock(even_times(3))
    one, other = begun(flow), begun(flow, noise=drawn("other", 1, 80, PROMPT + FRAMES))
    ends = [walked(flow, walk, steps=3) for walk in (one, other)]
    for _ in range(3):
        one = advance(flow.dit, one, schedule, guidance=0.7)
        other = advance(flow.dit, other, schedule, guidance=0.7)
    assert torch.equal(one.mel, ends[0])
    assert torch.equal(other.mel, ends[1])


@torch.inference_mode()
def test_a_step_leaves_the_walk_before_it_as_it_was(flow: Flow) -> None:
    walk = begun(flow)
    place = walk.place.clone()
    advance(flow.dit, walk, flow.clock(even_times(4)), guidance=0.7)
    assert torch.equal(walk.place, place)
    assert walk.step == 0


@torch.inference_mode()
@pytest.mark.parametrize("sizes", [SHIPPED, UNLIKE])
def test_samples_of_other_lengths_and_times_do_not_know_of_each_other(
    golden: Golden, sizes: FlowSizes
) -> None:
    net = made(sizes, weights_of(golden, "shipped" if sizes is SHIPPED else "unlike"))
    lengths = (40, 25, 33)
    longest = max(lengths)
    x, ground = drawn("x", 3, 80, longest), drawn("ground", 3, longest, 64)
    moment = net.clock(torch.tensor([0.1, 0.5, 0.9]))
    together = net.dit(x, ground, moment, net.dit.rotation(longest), torch.tensor(lengths))
    for row, length in enumerate(lengths):
        alone = net.dit(
            x[row : row + 1, :, :length],
            ground[row : row + 1, :length],
            moment.row(row),
            net.dit.rotation(length),
        )
        assert largest_error(together[row : row + 1, :, :length], alone) <= TOLERANCE


@torch.inference_mode()
@pytest.mark.parametrize("sizes", [SHIPPED, UNLIKE])
@pytest.mark.parametrize("first", [1, 7, 20])
def test_the_velocity_of_the_wanted_frames_is_that_of_all_frames(
    golden: Golden, sizes: FlowSizes, first: int
) -> None:
    net = made(sizes, weights_of(golden, "shipped" if sizes is SHIPPED else "unlike"))
    x, ground = drawn("x", 2, 80, 40), drawn("ground", 2, 40, 64)
    moment, rotation = net.clock(torch.tensor([0.3])), net.dit.rotation(40)
    for lengths in (None, torch.tensor((40, 25))):
        all_frames = net.dit(x, ground, moment, rotation, lengths)
        wanted = net.dit(x, ground, moment, rotation, lengths, first=first)
        assert wanted.shape == (2, 80, 40 - first)
        for row, length in enumerate((40, 40) if lengths is None else (40, 25)):
            error = largest_error(
                wanted[row, :, : length - first], all_frames[row, :, first:length]
            )
            assert error <= TOLERANCE


@torch.inference_mode()
@pytest.mark.parametrize(
    ("dtype", "deviation"), [(torch.bfloat16, 0.01), (torch.float16, 0.0015)], ids=str
)
def test_the_mel_of_half_precision_is_nearly_that_of_single(
    golden: Golden, flow: Flow, dtype: torch.dtype, deviation: float
) -> None:
    wanted = walked(flow, begun(flow), steps=25)
    coarse = made(SHIPPED, weights_of(golden, "shipped")).dit.to(dtype)
    schedule: Schedule = flow.clock(even_times(25)).to(coarse.leave.weight)
    walk = begin(
        coarse,
        drawn("noise", 1, 80, PROMPT + FRAMES),
        drawn("condition", 1, PROMPT + FRAMES, 48).to(dtype),
        prompt=drawn("prompt", 1, 80, PROMPT).to(dtype),
        style=drawn("style", 1, 192).to(dtype),
    )
    while walk.step < schedule.steps:
        walk = advance(coarse, walk, schedule, guidance=0.7)
    assert walk.mel.dtype == torch.float32
    assert float(torch.cosine_similarity(walk.mel.flatten(), wanted.flatten(), dim=0)) >= 0.9999
    assert float((walk.mel - wanted).square().mean().sqrt()) <= deviation


def test_the_official_tensors_are_accepted() -> None:
    with torch.device("meta"):
        wanted = official("s2mel_cfm")
        tensors = {name: torch.empty(shape) for name, shape in wanted.items()}
    made(OFFICIAL, tensors)


@pytest.mark.parametrize(
    "name",
    [
        "estimator.t_embedder.freqs",
        "estimator.transformer.layers.4.skip_in_linear.weight",
        "estimator.wavenet.in_layers.1.conv.conv.weight_g",
        "estimator.cond_x_merge_linear.weight",
    ],
)
def test_a_tensor_that_is_missing_renamed_or_misshapen_is_named(golden: Golden, name: str) -> None:
    weights = weights_of(golden, "shipped")
    missing = {n: t for n, t in weights.items() if n != name}
    for wrong in (
        missing,
        missing | {f"{name}s": weights[name]},
        weights | {name: weights[name][:-1]},
    ):
        with pytest.raises(WeightsCorruptError, match=name):
            made(SHIPPED, wrong)
