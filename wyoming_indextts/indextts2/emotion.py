"""Emotion as one vector: heard in a clip, mixed from eight weights, or between two clips.

Shapes (B clips, T feature frames, D the language model's width, R rows):

    features    (B, T, 1024)   w2v-bert's layer 17, normalised
    vector      (B, D)         added to each of the speaker's latents
    speakers    (R, 192)       feat1.pt: styles of the speakers of R recorded examples
    emotions    (R, D)         feat2.pt: the examples' emotion vectors, in the same order

The rows come in eight groups, one for each emotion; of each group the example whose speaker is
most like the voice is taken. Source: Zhou et al. 2025, "IndexTTS2".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from wyoming_indextts.indextts2.conditioning import Conditioner
from wyoming_indextts.indextts2.conformer import CONFORMER_TABLE, ConformerSizes
from wyoming_indextts.indextts2.perceiver import PERCEIVER_TABLE, PerceiverSizes
from wyoming_indextts.indextts2.tensors import Table, affine

WIDTH: Final = 1024
"""Width of the emotion perceiver's single latent; fixed in the reference."""

GRAIN: Final = 10_000
"""Weights that were scaled by a strength are cut to this many parts of one, as the reference."""


class EmotionListener(nn.Module):
    """Features of a clip to the vector of the emotion heard in it."""

    def __init__(self, conformer: ConformerSizes, perceiver: PerceiverSizes, width: int) -> None:
        super().__init__()
        self.conditioner = Conditioner(conformer, perceiver)
        self.enter = nn.Linear(WIDTH, width)
        self.leave = nn.Linear(width, width)

    def forward(self, features: Tensor) -> Tensor:
        """Return the vector (B, D) of features (B, T, 1024), all frames of which are real."""
        vector: Tensor = self.leave(self.enter(self.conditioner(features).squeeze(1)))
        return vector


EMOTION_PREFIXES: Final = (
    "emo_conditioning_encoder.",
    "emo_perceiver_encoder.",
    "emovec_layer.",
    "emo_layer.",
)
"""What the names of the emotion listener start with in gpt.pth."""

EMOTION_TABLE: Final = (
    CONFORMER_TABLE.under("conditioner.conformer.", EMOTION_PREFIXES[0])
    + PERCEIVER_TABLE.under("conditioner.perceiver.", EMOTION_PREFIXES[1])
    + Table((*affine("enter", "emovec_layer"), *affine("leave", "emo_layer")))
)
"""The emotion listener in gpt.pth."""


@dataclass(frozen=True, slots=True)
class EmotionExamples:
    """Recorded examples of the eight emotions; `groups` counts those of each, in order."""

    speakers: Tensor
    emotions: Tensor
    groups: tuple[int, ...]


def between(base: Tensor, other: Tensor, strength: float) -> Tensor:
    """Return `base` moved by `strength` (0 stays, 1 arrives, more goes beyond) to `other`."""
    return base + strength * (other - base)


def scaled(weights: Sequence[float], strength: float) -> tuple[float, ...]:
    """Return the weights times the strength, clamped to 0..1 and cut to four decimals."""
    scale = min(max(strength, 0.0), 1.0)
    if scale == 1.0:
        return tuple(weights)
    return tuple(int(weight * scale * GRAIN) / GRAIN for weight in weights)


def mixed(
    weights: Sequence[float], examples: EmotionExamples, *, style: Tensor, own: Tensor
) -> Tensor:
    """Return the vector (1, D) of eight weights for one voice.

    What the weights leave of one is filled with the voice's own vector.

    Args:
        weights: One for each group of the examples; neither biased nor capped here.
        examples: On the device and of the dtype of the others.
        style: The voice's (1, 192), to choose the examples by.
        own: The voice's own emotion (1, D).
    """
    speakers = examples.speakers.split(examples.groups)
    emotions = examples.emotions.split(examples.groups)
    nearest = [functional.cosine_similarity(style, group, dim=1).argmax() for group in speakers]
    chosen = torch.stack([group[i] for group, i in zip(emotions, nearest, strict=True)])
    amounts = torch.tensor(weights, dtype=own.dtype, device=own.device)
    return (amounts.unsqueeze(1) * chosen).sum(0, keepdim=True) + (1 - amounts.sum()) * own
