"""Length regulator: semantic features at 50 a second to the flow's condition at mel time.

    features   (B, L, 1024)   of codes, or of a voice's own clip
    stretched  (B, C, T)      each frame has the feature that lies beneath it
    condition  (B, T, C)

Smoothed by convolutions with group norm of one group: its mean and variance are over all channels
and frames of a sample, so every frame depends on all. Samples of other lengths therefore go
through it one by one, and so do a prompt and what is spoken after it.

Source: Liu 2024 (Seed-VC); Wu & He 2018 (group normalisation); Misra 2019 (Mish).
"""

from dataclasses import dataclass
from typing import Final

from torch import Tensor, nn
from torch.nn import functional

from wyoming_indextts.indextts2.latent_projection import FEATURES
from wyoming_indextts.indextts2.tensors import Entry, Table, affine


def frames_of(codes: int) -> int:
    """Return the mel frames T that so many codes last: 1.72 each, rounded down."""
    return 172 * codes // 100


@dataclass(frozen=True, slots=True)
class RegulatorSizes:
    """`channels` is C above; `smoothings` the number of convolutions before the last."""

    channels: int
    smoothings: int


class LengthRegulator(nn.Module):
    """Features to condition, of any wanted length."""

    def __init__(self, sizes: RegulatorSizes) -> None:
        super().__init__()
        self.enter = nn.Linear(FEATURES, sizes.channels)
        layers: list[nn.Module] = []
        for _ in range(sizes.smoothings):
            layers.append(nn.Conv1d(sizes.channels, sizes.channels, 3, padding=1))
            layers.append(nn.GroupNorm(1, sizes.channels))
            layers.append(nn.Mish())
        layers.append(nn.Conv1d(sizes.channels, sizes.channels, 1))
        self.smooth = nn.Sequential(*layers)

    def forward(self, features: Tensor, frames: int) -> Tensor:
        """(B, L, 1024) -> (B, T, C), T being `frames`.

        Frame j lies above feature floor(j * (L / T)), reckoned in float32 as the reference does;
        in integers, one frame would differ at L = 26.
        """
        entered = self.enter(features).transpose(1, 2)
        stretched = functional.interpolate(entered, size=frames, mode="nearest")
        condition: Tensor = self.smooth(stretched).transpose(1, 2)
        return condition


LENGTH_REGULATOR_TABLE: Final = Table(
    (
        *affine("enter", "content_in_proj"),
        Entry("smooth.{i}.weight", ("model.{i}.weight",)),
        Entry("smooth.{i}.bias", ("model.{i}.bias",)),
    ),
    unused=("mask_token", r"embedding\.weight"),
)
"""Of `length_regulator` in s2mel.pth; the unused are for training and for discrete codes."""
