"""The nets that speak, and what passes from one to the next.

    tokens                    text ids of one segment
      voice      -> codes     (1, L), 50 a second, and a latent (1, L, D) for each
      features   -> features  (1, L, 1024): what a code stands for, and what was meant by it
      regulator  -> condition (1, T, C), T = frames_of(L)
      dit        -> mel       (1, 80, T), 86.13 frames a second
      vocoder    -> wave      (1, 256 T), 22,050 Hz

Voice, dit and vocoder do nearly all the work and have the dtype that was asked for. The rest is
small and stays in float32, and the clock stays on the CPU as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from wyoming_indextts.errors import SynthesisFailedError
from wyoming_indextts.indextts2 import flow
from wyoming_indextts.indextts2.bigvgan import BigVGAN
from wyoming_indextts.indextts2.clock import Clock, Schedule, even_times
from wyoming_indextts.indextts2.dit import DiT
from wyoming_indextts.indextts2.graphs import Graphs
from wyoming_indextts.indextts2.latent_projection import LatentProjection
from wyoming_indextts.indextts2.length_regulator import LengthRegulator
from wyoming_indextts.indextts2.prompt import VoicePrompt
from wyoming_indextts.indextts2.segment import Segment
from wyoming_indextts.indextts2.voice_lm import Cache, VoiceLanguageModel


@dataclass(frozen=True, slots=True)
class SpeakingNets:
    """All on one device, but for the clock; `meanings` (V, 1024) is RepCodec's table of codes.

    `graphs` records what is done again and again, and belongs to the thread that speaks.
    The methods bring what they are given, from any device and of any dtype, to where it is used.
    """

    voice: VoiceLanguageModel
    projection: LatentProjection
    meanings: Tensor
    regulator: LengthRegulator
    clock: Clock
    dit: DiT
    vocoder: BigVGAN
    graphs: Graphs = field(default_factory=Graphs)

    @property
    def device(self) -> torch.device:
        """Where all is reckoned."""
        return self.meanings.device

    def segment(
        self,
        tokens: Sequence[int],
        latents: Tensor,
        emotion: Tensor,
        prefix: Cache | None = None,
    ) -> Segment:
        """Return a text for the voice, to be said by a speaker (1, 32, D) in an emotion (1, D)."""
        weight = self.voice.norm.weight
        return Segment(tokens, latents.to(weight), emotion.to(weight), prefix)

    def prefix(self, latents: Tensor, emotion: Tensor) -> Cache:
        """Return what `segment` takes of this speaker and emotion, for any text."""
        weight = self.voice.norm.weight
        return self.voice.prefix(latents.to(weight), emotion.to(weight))

    def features(self, codes: Tensor, latents: Tensor) -> Tensor:
        """Return the features (1, L, 1024) of codes (1, L) and latents (1, L, D), each by itself.

        Raises:
            SynthesisFailedError: A code stands for nothing, such as the start code.
        """
        if codes.numel() and int(codes.max()) >= len(self.meanings):
            raise SynthesisFailedError("the voice language model gave a code that means nothing")
        meant: Tensor = self.projection(latents.to(self.meanings))
        return self.meanings[codes.to(self.device)] + meant

    def schedule(self, steps: int) -> Schedule:
        """Return the schedule of so many Euler steps; the same for all utterances."""
        schedule: Schedule = self.clock(even_times(steps))
        return schedule.to(self.dit.leave.weight)

    def walk(
        self, noise: Tensor, condition: Tensor, prompt: VoicePrompt, given: Tensor | None = None
    ) -> flow.Walk:
        """Return the start of the way from noise (1, 80, P + T) to mel.

        `condition` (1, T, C) is of what is said; the prompt's goes before it. The first frames of
        what is said may be `given` (1, 80, G); the way then leads to the rest, (1, 80, T - G).
        """
        weight = self.dit.leave.weight
        whole = torch.cat((prompt.condition.to(condition), condition), dim=1)
        known = prompt.mel.to(weight)
        if given is not None:
            known = torch.cat((known, given.to(weight)), dim=-1)
        return flow.begin(
            self.dit,
            noise.to(self.device),
            whole.to(weight),
            prompt=known,
            style=prompt.style.to(weight),
        )


def finite(values: Tensor, stage: str) -> Tensor:
    """Return what a stage gave.

    Raises:
        SynthesisFailedError: Some of it is not a number; the message names the stage.
    """
    if not values.isfinite().all():
        raise SynthesisFailedError(f"the {stage} gave values that are not numbers")
    return values
