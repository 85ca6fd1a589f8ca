"""The activation by blocks and by phases is the one that is defined, whatever the length."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from tests.indextts2.golden import largest_error
from wyoming_indextts.indextts2.snake import SnakeBeta, by_phases

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


def phases(net: SnakeBeta, x: Tensor, end: Tensor | None = None) -> Tensor:
    return by_phases(x, end, net.alpha, net.gain, net.raising, net.lowering)


LENGTHS = [1, 2, 9, 10, 11, 15, 16, 17, 26, 27, 160]


@torch.inference_mode()
@pytest.mark.parametrize("form", [SnakeBeta.__call__, phases])
@pytest.mark.parametrize("samples", LENGTHS)
@pytest.mark.parametrize("batch", [1, 2])
def test_the_activation_is_as_defined(
    form: Callable[[SnakeBeta, Tensor], Tensor], samples: int, batch: int
) -> None:
    net, x = snake(3), torch.randn(batch, 3, samples)
    found = form(net, x)
    assert found.shape == x.shape
    assert largest_error(found, by_the_book(net, x)) <= TOLERANCE


@torch.inference_mode()
@pytest.mark.parametrize("samples", LENGTHS)
def test_what_is_filled_up_is_not_heard_and_becomes_zero(samples: int) -> None:
    net, x = snake(3), torch.randn(1, 3, samples)
    for more in (0, 1, 30):
        filled = torch.cat((x, torch.full((1, 3, more), 1e6)), dim=-1)
        found = net(filled, torch.tensor([samples]))
        assert largest_error(found[..., :samples], by_the_book(net, x)) <= TOLERANCE
        assert not found[..., samples:].any()


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
@pytest.mark.parametrize("form", [SnakeBeta.__call__, phases])
def test_in_half_precision_it_stays_near(form: Callable[[SnakeBeta, Tensor], Tensor]) -> None:
    net, x = snake(3), torch.randn(1, 3, 200)
    wanted = net(x)
    found = form(net.to(torch.bfloat16), x.bfloat16()).float()
    assert float(functional.cosine_similarity(found, wanted, dim=-1).min()) >= 0.9999
