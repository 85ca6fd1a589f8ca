"""One segment of text to its sound, in small steps, so that others may have their turn between.

    tokens -> codes, latents     one code a step
           -> mel                one Euler step a step
           -> wave               one chunk a step

A plan tells after which codes those there are become sound; without one the whole segment is made
in one shot. It is a generator: whoever drops it has cancelled it.

A segment that runs away is spoken again from another seed, if none of it was heard yet; if it does
so twice, what came before is kept.
"""

import logging
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Self

import torch
from torch import Tensor

from wyoming_indextts.errors import SynthesisFailedError
from wyoming_indextts.indextts2.decoding import Decoder
from wyoming_indextts.indextts2.euler import Euler
from wyoming_indextts.indextts2.plan import CODES_PER_TOKEN, Pace, Plan
from wyoming_indextts.indextts2.rendering import Manner, Quality, Rendering
from wyoming_indextts.indextts2.runaway import looping_since, most_codes
from wyoming_indextts.indextts2.speaking import SpeakingNets
from wyoming_indextts.indextts2.work import Work

log = logging.getLogger(__name__)

LOOKS: Final = 8
"""Codes after which repetition is looked for."""

MARKS: Final = 5
"""Places beside latents and text before the first code: two speeds, the text's ends, the start."""

SEEDS: Final = 2
"""Times that a segment is tried, each from another seed."""


@dataclass(slots=True)
class _Decoded:
    """Codes and their latents (1, 1, D); `loop` is where they began to repeat, if they did."""

    codes: list[int] = field(default_factory=list)
    latents: list[Tensor] = field(default_factory=list)
    loop: int | None = None

    def read(
        self, pairs: Iterator[tuple[int, Tensor]], *, meanings: int, exercise: bool
    ) -> Iterator[None]:
        """Yield after each code that is added; end where the segment does, or begins to loop.

        In an exercise nothing is a loop.
        """
        for code, latent in pairs:
            if code >= meanings:
                return  # the start code, which means nothing, is as good an end as the stop code
            self.codes.append(code)
            self.latents.append(latent)
            if len(self.codes) % LOOKS == 0 and not exercise:
                self.loop = looping_since(self.codes)
                if self.loop is not None:
                    return
            yield


@dataclass(frozen=True, slots=True)
class Means:
    """What speaks: the nets, how well, and what does the steps of all that they speak at once."""

    nets: SpeakingNets
    quality: Quality
    decoder: Decoder
    euler: Euler

    @classmethod
    def of(cls, nets: SpeakingNets, quality: Quality, *, slots: int = 1) -> Self:
        """Return the means of these nets, which decode in so many slots."""
        decoder = Decoder(
            nets.voice,
            quality.sampling,
            training_positions=quality.training_positions,
            slots=slots,
            graphs=nets.graphs,
        )
        return cls(nets, quality, decoder, _euler(nets, quality))

    def at(self, quality: Quality) -> Self:
        """Return the same with another quality of the flow."""
        return replace(self, quality=quality, euler=_euler(self.nets, quality))


def _euler(nets: SpeakingNets, quality: Quality) -> Euler:
    return Euler(nets.dit, quality.schedule, quality.guidance, nets.graphs)


def speak(
    means: Means,
    tokens: Sequence[int],
    manner: Manner,
    *,
    work: Work,
    pace: Pace | None = None,
) -> Generator[Tensor | None, None, None]:
    """Yield after each step: a wave (N,), float32 on the CPU, when sound is certain, else None.

    `work` counts what is done; without a `pace` to plan by, the sound is made in one shot.

    Raises:
        SynthesisFailedError: the model gives no code, or values that are not numbers.
    """
    nets, quality = means.nets, means.quality
    exercise = quality.codes_per_token
    wanted = most_codes(len(tokens)) if exercise is None else exercise * len(tokens)
    most = min(wanted, nets.voice.sizes.code_places - 1)
    opening = manner.prompt.latents.shape[1] + len(tokens) + MARKS
    for attempt in range(SEEDS):
        rendering = Rendering(nets, means.euler, manner, work)
        decoded = _Decoded()
        plan = pace and _plan(pace, len(tokens), manner)
        pairs = means.decoder.decode(
            nets.segment(tokens, manner.prompt.latents, manner.emotion, manner.prefix),
            max_codes=most,
            generator=torch.Generator(nets.device).manual_seed(manner.seed + attempt),
        )
        meanings = len(nets.meanings)
        for _ in decoded.read(pairs, meanings=meanings, exercise=exercise is not None):
            work.passes += 1
            work.places += opening + len(decoded.codes)
            if plan and plan.add():
                wave = yield from rendering.chunk(decoded.codes, decoded.latents, last=False)
                yield _noted(wave, work)
            else:
                yield None
        work.passes += 1  # that which gave the end
        ran_away = decoded.loop is not None or not 0 < len(decoded.codes) < most
        if not ran_away or rendering.cut or exercise is not None:
            break
        log.info("a segment of %d tokens ran away after %d codes", len(tokens), len(decoded.codes))
    kept = len(decoded.codes) if decoded.loop is None else max(decoded.loop, rendering.cut)
    if not kept:
        raise SynthesisFailedError("the voice language model has nothing to say to this")
    work.codes = tuple(decoded.codes[:kept])
    wave = yield from rendering.chunk(decoded.codes[:kept], decoded.latents[:kept], last=True)
    yield _noted(wave, work)


def _plan(pace: Pace, tokens: int, manner: Manner) -> Plan:
    return Plan(
        pace,
        expected=CODES_PER_TOKEN * tokens,
        prompt=manner.prompt.mel.shape[-1],
        speed=manner.speed,
    )


def _noted(wave: Tensor, work: Work) -> Tensor | None:
    if not len(wave):
        return None
    if work.passes_at_first is None:
        work.passes_at_first = work.passes
    return wave
