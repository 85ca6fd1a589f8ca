"""The latent projection: what the voice language model meant, added to what its codes stand for.

    latents  (B, L, D)      hidden states of the voice language model, one for each code
    result   (B, L, 1024)   the same width as RepCodec's table

In the file it is three linear layers with nothing between them, which make one.
"""

from typing import Final

from torch import Tensor, nn

from wyoming_indextts.indextts2.tensors import Entry, Table

FEATURES: Final = 1024
"""Width of the semantic features; fixed in the reference."""


class LatentProjection(nn.Module):
    """Latents to semantic features, each by itself."""

    def __init__(self, latents: int) -> None:
        super().__init__()
        self.project = nn.Linear(latents, FEATURES)

    def forward(self, latents: Tensor) -> Tensor:
        """(B, L, D) -> (B, L, 1024)."""
        projected: Tensor = self.project(latents)
        return projected


def _matrix(first: Tensor, second: Tensor, third: Tensor) -> Tensor:
    return (third.double() @ second.double() @ first.double()).to(first.dtype)


def _bias(second: Tensor, third: Tensor, *biases: Tensor) -> Tensor:
    first_bias, second_bias, third_bias = (bias.double() for bias in biases)
    carried = second.double() @ first_bias + second_bias
    return (third.double() @ carried + third_bias).to(second.dtype)


LATENT_PROJECTION_TABLE: Final = Table(
    (
        Entry("project.weight", ("0.weight", "1.weight", "2.weight"), _matrix),
        Entry("project.bias", ("1.weight", "2.weight", "0.bias", "1.bias", "2.bias"), _bias),
    )
)
"""Of `gpt_layer` in s2mel.pth."""
