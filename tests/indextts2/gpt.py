"""A small gpt.pth: the oracle's weights, and our nets filled with them."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from torch import Tensor

from tests.golden.make_gpt import FAVOUR, FAVOURED, LOUDNESS, POSITIONS, SIZES
from tests.golden.random_tensors import random_tensor
from tests.indextts2.golden import Golden
from wyoming_indextts.indextts2.conditioning import SPEAKER_PREFIXES, SPEAKER_TABLE, Conditioner
from wyoming_indextts.indextts2.conformer import ConformerSizes
from wyoming_indextts.indextts2.emotion import EMOTION_PREFIXES, EMOTION_TABLE, EmotionListener
from wyoming_indextts.indextts2.perceiver import PerceiverSizes
from wyoming_indextts.indextts2.tensors import adopt
from wyoming_indextts.indextts2.voice_lm import VOICE_TABLE, VoiceLanguageModel, VoiceSizes

WIDTH: Final = 64
SPEAKER: Final = (ConformerSizes(32, 48, 4, 2), PerceiverSizes(32, WIDTH, 4, 32, 2))
EMOTION: Final = (ConformerSizes(24, 40, 2, 1), PerceiverSizes(24, 1024, 2, 1, 2), WIDTH)
VOICE: Final = VoiceSizes(
    width=WIDTH,
    heads=4,
    layers=2,
    texts=51,
    text_places=32,
    codes=1000,
    code_places=153,
    start_text=0,
    stop_text=1,
    start_code=SIZES["start_mel_token"],
    stop_code=SIZES["stop_mel_token"],
)

Weights = Mapping[str, Tensor]


def weights_of(golden: Golden) -> dict[str, Tensor]:
    """Return the small gpt.pth that the oracle had."""
    weights = {
        name: tensor * (float(LOUDNESS) if name.endswith(POSITIONS) else 1)
        for name, tensor in golden.weights().items()
    }
    weights["mel_head.bias"][FAVOURED] += FAVOUR
    return weights


def speaker_net(weights: Weights, sizes: tuple[ConformerSizes, PerceiverSizes]) -> Conditioner:
    with torch.device("meta"):
        net = Conditioner(*sizes)
    adopt(net, SPEAKER_TABLE, starting(weights, SPEAKER_PREFIXES), file="gpt.pth")
    return net


def emotion_net(
    weights: Weights, sizes: tuple[ConformerSizes, PerceiverSizes, int]
) -> EmotionListener:
    with torch.device("meta"):
        net = EmotionListener(*sizes)
    adopt(net, EMOTION_TABLE, starting(weights, EMOTION_PREFIXES), file="gpt.pth")
    return net


def voice_net(weights: Weights, sizes: VoiceSizes = VOICE) -> VoiceLanguageModel:
    with torch.device("meta"):
        net = VoiceLanguageModel(sizes)
    clip = SPEAKER_PREFIXES + EMOTION_PREFIXES
    others = {name: tensor for name, tensor in weights.items() if not name.startswith(clip)}
    adopt(net, VOICE_TABLE, others, file="gpt.pth")
    return net


def starting(weights: Weights, prefixes: tuple[str, ...]) -> dict[str, Tensor]:
    return {name: tensor for name, tensor in weights.items() if name.startswith(prefixes)}


def features(golden: Golden, name: str, frames: int) -> Tensor:
    """Return the features of a clip that the oracle heard."""
    drawn = random_tensor(name, (frames, 1024), seed=golden.facts["seed"])
    return torch.from_numpy(drawn * np.float32(32)).unsqueeze(0)
