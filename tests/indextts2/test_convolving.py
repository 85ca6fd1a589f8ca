"""Convolutions by products of matrices give what the layers give."""

import pytest
import torch
from torch import nn

from tests.indextts2.golden import largest_error
from wyoming_indextts.indextts2.convolving import convolved, lengthened

TOLERANCE = 1e-5


@torch.inference_mode()
@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("samples", [1, 5, 16, 17])
@pytest.mark.parametrize(("kernel", "far"), [(3, 1), (7, 3), (11, 5)])
def test_a_convolution_is_the_layers(batch: int, samples: int, kernel: int, far: int) -> None:
    torch.manual_seed(1)
    edge = far * (kernel - 1) // 2
    layer, x = (
        nn.Conv1d(32, 32, kernel, dilation=far, padding=edge),
        torch.randn(batch, 32, samples),
    )
    assert largest_error(convolved(layer, x), layer(x)) <= TOLERANCE


@torch.inference_mode()
@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize(("kernel", "rate"), [(8, 4), (4, 2), (7, 3), (6, 2)])
def test_a_transposed_convolution_is_the_layers(batch: int, kernel: int, rate: int) -> None:
    torch.manual_seed(1)
    layer = nn.ConvTranspose1d(6, 3, kernel, rate, (kernel - rate) // 2)
    x = torch.randn(batch, 6, 9)
    assert largest_error(lengthened(layer, x), layer(x)) <= TOLERANCE
