"""What the language model has read before any text: once for a voice and an emotion.

It is half of what is read before the first code. Kept in memory only: reading it from a disk takes
longer than a card needs to make it again.
"""

from collections import OrderedDict
from typing import Final

from torch import Tensor

from wyoming_indextts.indextts2.prompts import KnownVoice
from wyoming_indextts.indextts2.speaking import SpeakingNets
from wyoming_indextts.indextts2.voice_lm import Cache
from wyoming_indextts.speech.emotion import Weights

KEPT: Final = 16
"""Of official size 4 MB each in half precision; of more, those that spoke last."""


class Prefixes:
    """Knows what was read, by voice and emotion. Belongs to the engine's thread."""

    def __init__(self, nets: SpeakingNets) -> None:
        """Take the nets that read."""
        self._nets = nets
        self._kept: OrderedDict[tuple[str, Weights], Cache] = OrderedDict()
        self.made = 0
        """How often one had to be made."""

    def find(self, voice: KnownVoice, weights: Weights, emotion: Tensor) -> Cache:
        """Return the prefix of a voice in the emotion (1, D) that these weights are."""
        key = (voice.audio, weights)
        prefix = self._kept.pop(key, None)
        if prefix is None:
            prefix = self._nets.prefix(voice.prompt.latents, emotion)
            self.made += 1
        self._kept[key] = prefix
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return prefix
