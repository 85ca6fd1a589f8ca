"""What the voice language model is told of a clip: a conformer, then a perceiver.

Shapes (B clips, T feature frames, L latents, D width):

    features   (B, T, 1024)   w2v-bert's layer 17, normalised
    result     (B, L, D)      for the speaker 32 latents as wide as the language model

Source: Zhou et al. 2025, "IndexTTS2", section on the text-to-semantic module.
"""

from typing import Final

from torch import Tensor, nn

from wyoming_indextts.indextts2.conformer import CONFORMER_TABLE, Conformer, ConformerSizes
from wyoming_indextts.indextts2.perceiver import PERCEIVER_TABLE, Perceiver, PerceiverSizes


class Conditioner(nn.Module):
    """Features of a clip to latents."""

    def __init__(self, conformer: ConformerSizes, perceiver: PerceiverSizes) -> None:
        super().__init__()
        self.conformer = Conformer(conformer)
        self.perceiver = Perceiver(perceiver)

    def forward(self, features: Tensor) -> Tensor:
        """Return the latents (B, L, D) of features (B, T, 1024), all frames of which are real."""
        latents: Tensor = self.perceiver(self.conformer(features))
        return latents


SPEAKER_PREFIXES: Final = ("conditioning_encoder.", "perceiver_encoder.")
"""What the names of the speaker's conditioner start with in gpt.pth."""

SPEAKER_TABLE: Final = CONFORMER_TABLE.under(
    "conformer.", SPEAKER_PREFIXES[0]
) + PERCEIVER_TABLE.under("perceiver.", SPEAKER_PREFIXES[1])
"""The speaker's conditioner in gpt.pth."""
