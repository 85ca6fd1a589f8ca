"""A vocoder of the official rates, kernels and dilations, but few channels and random weights."""

import torch

from wyoming_indextts.indextts2.bigvgan import BigVGAN, BigVGANSizes
from wyoming_indextts.indextts2.mel import BINS

BLOCKS = ((3, 7, 11), ((1, 3, 5), (1, 3, 5), (1, 3, 5)))
NARROW = BigVGANSizes(BINS, 64, (4, 4, 2, 2, 2, 2), (8, 8, 4, 4, 4, 4), *BLOCKS)
"""How far a frame is heard depends on the first two, which are official."""


def filtering(sizes: BigVGANSizes) -> BigVGAN:
    """Return a vocoder whose filters are those of trained ones, and whose wave is loud as speech.

    The filters around the activations are no weights in truth: a windowed sinc.
    """
    torch.manual_seed(0)
    net = BigVGAN(sizes)
    lowpass = torch.sinc((torch.arange(12) - 5.5) / 2) * torch.hann_window(14)[1:13]
    for name, tensor in net.named_parameters():
        if name.endswith(("raising", "lowering")):
            gain = 2.0 if name.endswith("raising") else 1.0
            torch.nn.init.zeros_(tensor).data += gain * lowpass / lowpass.sum()
        elif name.endswith(("alpha", "gain")):
            torch.nn.init.uniform_(tensor, 0.5, 1.5)
    mel = torch.randn(1, BINS, 100, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        net.leave.weight.data *= 0.3 / net(mel).abs().max()
    return net.requires_grad_(requires_grad=False)
