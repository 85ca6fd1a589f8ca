"""Convolutions by products of matrices, where that is faster: on a CPU, of one short, wide signal.

    x   (B, C, N)

oneDNN orders the numbers of a kernel anew at every call. Where there are more of them than of the
signal, that takes longer than the convolution itself, and a product reads them as they lie. All
others go the usual way, and so does everything on a card. See docs/fast-flow.md for the numbers.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional


def convolved(layer: nn.Conv1d, x: Tensor) -> Tensor:
    """Return what the layer gives; its stride is 1, and it keeps the length."""
    batch, width, samples = x.shape
    if layer.bias is None or x.device.type != "cpu" or batch > 1 or 2 * samples > width:
        usual: Tensor = layer(x)
        return usual
    (kernel,), (far,) = layer.kernel_size, layer.dilation
    edge = far * (kernel - 1) // 2
    padded = functional.pad(x[0], (edge, edge))
    heard = padded.as_strided((width, kernel, samples), (padded.shape[1], far, 1)).flatten(0, 1)
    return torch.addmm(layer.bias[:, None], layer.weight.flatten(1), heard)[None]


def lengthened(layer: nn.ConvTranspose1d, x: Tensor) -> Tensor:
    """Return what the layer gives; it makes its stride's number of each sample."""
    batch, _, samples = x.shape
    if layer.bias is None or x.device.type != "cpu" or batch > 1:
        usual: Tensor = layer(x)
        return usual
    (kernel,), (rate,), edge = layer.kernel_size, layer.stride, int(layer.padding[0])
    parts = torch.mm(layer.weight.flatten(1).t(), x[0])[None]
    folded = functional.fold(
        parts, (1, rate * samples), (1, kernel), padding=(0, edge), stride=(1, rate)
    )
    return folded[:, :, 0].add_(layer.bias[:, None])
