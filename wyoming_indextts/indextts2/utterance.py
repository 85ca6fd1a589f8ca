"""One segment of text to its sound, in small steps, so that others may have their turn between.

    tokens -> codes, latents     one code a step
           -> mel                one Euler step a step
           -> wave               in one step

A segment that runs away is spoken again from another seed; if it does so twice, what came before
is kept. Each is a generator: whoever drops it has cancelled it.
"""

import logging
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from wyoming_indextts.errors import SynthesisFailedError
from wyoming_indextts.indextts2.clock import Schedule
from wyoming_indextts.indextts2.decoding import decode
from wyoming_indextts.indextts2.flow import advance
from wyoming_indextts.indextts2.length_regulator import frames_of
from wyoming_indextts.indextts2.noise import noise
from wyoming_indextts.indextts2.prompt import VoicePrompt
from wyoming_indextts.indextts2.runaway import looping_since, most_codes
from wyoming_indextts.indextts2.sampler import Sampling
from wyoming_indextts.indextts2.speaking import SpeakingNets, finite

log = logging.getLogger(__name__)

LOOKS: Final = 8
"""Codes after which repetition is looked for."""

SEEDS: Final = 2
"""Times that a segment is tried, each from another seed."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How the sound is made; `schedule` holds the steps of the flow."""

    schedule: Schedule
    guidance: float
    sampling: Sampling


@dataclass(frozen=True, slots=True)
class Manner:
    """How a segment is said: by whom, in which emotion (1, D), how fast, from which seed on."""

    prompt: VoicePrompt
    emotion: Tensor
    speed: float
    seed: int


@dataclass(frozen=True, slots=True)
class Codes:
    """What was decoded: codes (1, L) and latents (1, L, D)."""

    codes: Tensor
    latents: Tensor


def speak(
    nets: SpeakingNets, quality: Quality, tokens: Sequence[int], manner: Manner
) -> Generator[None, None, Tensor]:
    """Yield after each step; return the wave (N,), float32 on the CPU.

    Raises:
        SynthesisFailedError: the model gives no code, or values that are not numbers.
    """
    decoded = yield from _decode(nets, quality.sampling, tokens, manner)
    mel = yield from _mel(nets, quality, decoded, manner)
    wave: Tensor = nets.vocoder(mel.to(nets.vocoder.leave.weight))
    return finite(wave, "vocoder")[0].cpu()


def _decode(
    nets: SpeakingNets, sampling: Sampling, tokens: Sequence[int], manner: Manner
) -> Generator[None, None, Codes]:
    """Yield after each code; return what is kept of them."""
    most = min(most_codes(len(tokens)), nets.voice.sizes.code_places - 1)
    for attempt in range(SEEDS):
        codes: list[int] = []
        latents: list[Tensor] = []
        segment = nets.segment(tokens, manner.prompt.latents, manner.emotion)
        generator = torch.Generator(nets.device).manual_seed(manner.seed + attempt)
        pairs = decode(nets.voice, segment, max_codes=most, sampling=sampling, generator=generator)
        loop = None
        for code, latent in pairs:
            if code >= len(nets.meanings):
                break  # the start code, which means nothing, is as good an end as the stop code
            codes.append(code)
            latents.append(latent)
            if len(codes) % LOOKS == 0 and (loop := looping_since(codes)) is not None:
                break
            yield
        if loop is None and 0 < len(codes) < most:
            break
        log.info("a segment of %d tokens ran away after %d codes", len(tokens), len(codes))
    kept = codes[:loop]
    if not kept:
        raise SynthesisFailedError("the voice language model has nothing to say to this")
    return Codes(torch.tensor([kept]), torch.cat(latents[: len(kept)], dim=1))


def _mel(
    nets: SpeakingNets, quality: Quality, decoded: Codes, manner: Manner
) -> Generator[None, None, Tensor]:
    """Yield after each step of the flow; return the mel (1, 80, T)."""
    frames = max(1, round(frames_of(decoded.codes.shape[1]) / manner.speed))
    condition = nets.regulator(nets.features(decoded.codes, decoded.latents), frames)
    prompted = manner.prompt.mel.shape[-1]
    start = torch.nn.functional.pad(noise(manner.seed, 0, frames), (prompted, 0))
    walk = nets.walk(start, condition, manner.prompt)
    for _ in range(quality.schedule.steps):
        walk = advance(nets.dit, walk, quality.schedule, guidance=quality.guidance)
        yield
    return finite(walk.mel, "flow")
