"""What a floor counts, beside the nets themselves."""

from collections.abc import Callable

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from tests.indextts2.golden import read_golden
from tests.indextts2.gpt import VOICE, voice_net
from tests.indextts2.gpt import weights_of as voice_weights
from tests.indextts2.test_flow import SHIPPED, made, weights_of
from wyoming_indextts.bench.floor import ATTENTION, code_bytes, operations, pair_operations
from wyoming_indextts.indextts2.attending import attend, by_products
from wyoming_indextts.indextts2.clock import even_times
from wyoming_indextts.indextts2.dit import Flow


@pytest.fixture
def flow() -> Flow:
    return made(SHIPPED, weights_of(read_golden("flow"), "shipped"))


def test_a_code_reads_int8_matrices_once_and_half_precision_twice() -> None:
    """Besides matrices, a code reads their biases and scales, and the norms."""
    net = voice_net(voice_weights(read_golden("gpt")))
    width, layers = VOICE.width, VOICE.layers
    matrices = layers * 12 * width * width + VOICE.codes * width
    outputs = layers * 9 * width + VOICE.codes
    norms = layers * 4 * width
    assert code_bytes(net) == 4 * (matrices + outputs + norms)
    net.quantise(torch.bfloat16)
    assert code_bytes(net.to(torch.bfloat16)) == matrices + 2 * (2 * outputs + norms)


def second_difference(values: Callable[[int], float]) -> float:
    return values(2) - 2 * values(1) + values(0)


@torch.inference_mode()
def test_pairs_of_frames_cost_what_attention_does_in_all_blocks_but_one(flow: Flow) -> None:
    """By torch's count, where its attention is two products that it counts."""
    moment, step = flow.clock(even_times(1)), 32

    def all_operations(times: int) -> float:
        frames = 64 + times * step
        x = torch.zeros(2, 80, frames)
        ground = torch.zeros(2, frames, flow.dit.enter.out_features)
        with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
            flow.dit(x, ground, moment, flow.dit.rotation(frames))
        return float(counter.get_total_flops())

    blocks = len(flow.dit.blocks)
    per_pair = second_difference(all_operations) / (2 * step**2)
    assert per_pair * (blocks - 1) / blocks == pytest.approx(pair_operations(flow.dit))


@torch.inference_mode()
def test_operations_between_frames_are_left_out_however_attention_is_made() -> None:
    """By torch's kernel, or by products."""
    query, keys = torch.ones(1, 2, 5, 8), torch.ones(1, 2, 9, 8)
    net, x = torch.nn.Linear(8, 3, bias=False), torch.ones(5, 8)
    for attention in (attend, by_products):
        found = operations(lambda: (net(x), attention(query, keys, keys)), but=ATTENTION)  # noqa: B023 - called at once
        assert found == 2 * 5 * 8 * 3
