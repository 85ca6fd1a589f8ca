"""The activation by blocks is the activation by convolutions, whatever the length."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from tests.indextts2.golden import largest_error
from wyoming_indextts.indextts2.snake import SnakeBeta

TOLERANCE = 1e-5


def snake(width: int) -> SnakeBeta:
    torch.manual_seed(2)
    net = SnakeBeta(width).requires_grad_(requires_grad=False)
    for tensor in net.parameters():
        tensor.normal_(std=0.5)
    return net


def by_the_book(net: SnakeBeta, x: Tensor) -> Tensor:
    """Zeros between the samples, both filters as they are defined, one channel after the other."""
    rows = []
    for channel in range(x.shape[1]):
        padded = functional.pad(x[:, channel : channel + 1], (5, 5), mode="replicate")
        raised = functional.conv_transpose1d(padded, net.raising, stride=2)[..., 15:-15]
        bent = raised + net.gain[channel] * (net.alpha[channel] * raised).sin() ** 2
        padded = functional.pad(bent, (5, 6), mode="replicate")
        rows.append(functional.conv1d(padded, net.lowering, stride=2))
    return torch.cat(rows, dim=1)


@torch.inference_mode()
@pytest.mark.parametrize("samples", [1, 2, 9, 10, 11, 15, 16, 17, 26, 27, 160])
@pytest.mark.parametrize("batch", [1, 2])
def test_the_activation_is_as_defined(samples: int, batch: int) -> None:
    net, x = snake(3), torch.randn(batch, 3, samples)
    found = net(x)
    assert found.shape == x.shape
    assert largest_error(found, by_the_book(net, x)) <= TOLERANCE


@torch.inference_mode()
def test_a_channel_hears_no_other() -> None:
    net, x = snake(3), torch.randn(1, 3, 40)
    other = x.clone()
    other[:, ::2] = 1e6
    assert torch.equal(net(x)[:, 1], net(other)[:, 1])


@torch.inference_mode()
def test_a_signal_that_lies_among_others_is_read_as_it_is() -> None:
    net, x = snake(3), torch.randn(1, 40, 3)
    assert torch.equal(net(x.transpose(1, 2)), net(x.transpose(1, 2).contiguous()))


@torch.inference_mode()
def test_in_half_precision_it_stays_near() -> None:
    net, x = snake(3), torch.randn(1, 3, 200)
    wanted = net(x)
    found = net.to(torch.bfloat16)(x.bfloat16()).float()
    assert float(functional.cosine_similarity(found, wanted, dim=-1).min()) >= 0.9999
