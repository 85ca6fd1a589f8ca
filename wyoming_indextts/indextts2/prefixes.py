"""What the language model has read before any text: once for a voice and an emotion.

It is half of what is read before the first code. In memory it is the voice's last emotions; on the
disk, beside the voice's prompt, it outlives the process.
"""

import logging
from collections import OrderedDict, deque
from pathlib import Path
from typing import Final

from torch import Tensor

from wyoming_indextts.indextts2.prefix_file import load_prefix, prefix_name, save_prefix
from wyoming_indextts.indextts2.prompts import KnownVoice
from wyoming_indextts.indextts2.speaking import SpeakingNets
from wyoming_indextts.indextts2.voice_lm import Cache
from wyoming_indextts.speech.emotion import Weights

log = logging.getLogger(__name__)

KEPT: Final = 16
"""Of official size 4 MB each in half precision; of more, those that spoke last."""


class Prefixes:
    """Knows what was read, by voice and emotion. Belongs to the engine's thread."""

    def __init__(self, nets: SpeakingNets, *, model: str) -> None:
        """Take the nets that read, and their key."""
        self._nets = nets
        self._model = model
        self._kept: OrderedDict[tuple[str, Weights], Cache] = OrderedDict()
        self._unsaved = deque[tuple[Path, Cache]](maxlen=KEPT)
        self.made = 0
        """How often one had to be made."""

    def find(self, voice: KnownVoice, weights: Weights, emotion: Tensor) -> Cache:
        """Return the prefix of a voice in the emotion (1, D) that these weights are."""
        key = (voice.audio, weights)
        prefix = self._kept.pop(key, None)
        if prefix is None:
            prefix = self._read(voice, emotion)
        self._kept[key] = prefix
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return prefix

    def save(self) -> bool:
        """Write one that was made to the disk; return whether there was one. Takes a moment."""
        if not self._unsaved:
            return False
        file, prefix = self._unsaved.popleft()
        try:
            save_prefix(file, prefix)
        except OSError as error:  # the voice is gone, or the disk full: it can be made again
            log.info("what was read of a voice is not kept: %s", error.strerror)
        return True

    def _read(self, voice: KnownVoice, emotion: Tensor) -> Cache:
        model, latents = self._nets.voice, voice.prompt.latents
        maker = f"{self._model} {self._nets.device.type} {model.arithmetic}"
        name = prefix_name(maker, latents, emotion)
        file = voice.kept / name
        places = latents.shape[1] + model.speeds.num_embeddings
        prefix = load_prefix(file, like=model.cache(1, places))
        if prefix is None:
            prefix = self._nets.prefix(latents, emotion)
            self.made += 1
            self._unsaved.append((file, prefix))
        return prefix
