"""What streaming costs IndexTTS2, plan by plan: work, and how far the sound is from one shot.

The same codes are rendered in one shot and by several plans, from the same noise. The distances
say something about how it sounds only with trained weights; the work is the same with any.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from bench.machine import heading
from bench.table import table
from wyoming_indextts.indextts2.decoding import decode
from wyoming_indextts.indextts2.enrolment import enrol
from wyoming_indextts.indextts2.euler import Euler
from wyoming_indextts.indextts2.loading import Model, load_model
from wyoming_indextts.indextts2.mel import HOP, RATE
from wyoming_indextts.indextts2.plan import CONTEXT, FIRST, HELD
from wyoming_indextts.indextts2.precision import Dtypes
from wyoming_indextts.indextts2.prompt import VoicePrompt
from wyoming_indextts.indextts2.rendering import Manner, Quality, Rendering
from wyoming_indextts.indextts2.sampler import Sampling
from wyoming_indextts.indextts2.vocoding import measured_context
from wyoming_indextts.indextts2.work import Work

TEXT: Final = "Good morning, the light in the living room is on, and the window is still open."
CODES: Final = 250
"""Of the sentence at most: five seconds."""

SECONDS: Final = 3.0
"""Of the clip that is enrolled: a buzz that nobody has said."""

NEAR: Final = 8
"""Frames on both sides of a join that count as near it."""

STEPS: Final = 25

LISTENED: Final = 100
"""Frames of the clip with which the vocoder's context is measured."""

TOLERANCE: Final = 1e-4
"""Of full scale."""

PLANS: Final = {
    "one shot": (),
    f"two chunks: {FIRST} codes, the rest": (FIRST,),
    "three: 24, 96, the rest": (24, 96),
    "every second: 50, 100, ...": (50, 100, 150, 200),
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a plan made: the mel (1, 80, T), the wave's pieces, the counts."""

    mel: Tensor
    waves: Sequence[Tensor]
    work: Work


async def report(*, quick: bool = False, weights: Path) -> str:
    """Render by every plan and return the report.

    Raises:
        SpeechError: the weights cannot be read, or give no speech.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    with torch.inference_mode():
        model = load_model(weights, device=device, dtypes=Dtypes.of(torch.float32))
        prompt = enrol(_buzz(), RATE, model.enrolment)
        quality = Quality(model.speaking.schedule(4 if quick else STEPS), 0.7, Sampling())
        codes, latents = _decoded(model, prompt)
        made = {
            name: _rendered(model, quality, prompt, codes, latents, cuts)
            for name, cuts in PLANS.items()
        }
        heard = prompt.mel[..., :LISTENED].to(model.speaking.vocoder.leave.weight)
        context = measured_context(model.speaking.vocoder, heard, tolerance=TOLERANCE)
    once = made["one shot"]
    header = (
        "plan",
        "flow, x one shot",
        "vocoder, x one shot",
        "mel off near joins",
        "mel off elsewhere",
        "largest jump at a join / 99.9 % inside",
    )
    rows = [_row(name, plan, once) for name, plan in made.items()]
    facts = (
        f"{len(codes)} codes, {prompt.mel.shape[-1]} frames of prompt, "
        f"{HELD} frames held back, {CONTEXT} of context, of which this vocoder needs {context} "
        f"to be within {TOLERANCE} of full scale of one shot; mean distance of log-mel, whose own "
        f"standard deviation is {once.mel.std():.2f}; {device}, torch {torch.__version__}"
    )
    return f"{heading('Seams')}\n{facts}.\n\n{table(header, rows)}\n"


def _row(name: str, plan: Rendered, once: Rendered) -> tuple[str | float, ...]:
    off = (plan.mel - once.mel).abs().mean(dim=1)[0].cpu()
    joins = np.cumsum([len(wave) for wave in plan.waves])[:-1]
    # the flow's joins are later than the vocoder's, by what it waits for
    places = joins // HOP + CONTEXT
    near = torch.zeros(len(off), dtype=torch.bool)
    for place in places:
        near[max(0, place - NEAR) : place + NEAR] = True
    jumps = torch.cat([*plan.waves]).diff().abs()
    worst = max((float(jumps[join - 1]) for join in joins), default=0.0)
    return (
        name,
        plan.work.frame_steps / once.work.frame_steps,
        plan.work.waves / once.work.waves,
        float(off[near].mean()) if near.any() else 0.0,
        float(off[~near].mean()),
        worst / float(jumps.quantile(0.999)),
    )


def _decoded(model: Model, prompt: VoicePrompt) -> tuple[list[int], list[Tensor]]:
    tokens = [token for segment in model.text.tokenize(TEXT) for token in segment]
    pairs = decode(
        model.speaking.voice,
        model.speaking.segment(tokens, prompt.latents, prompt.emotion),
        max_codes=CODES,
        sampling=Sampling(),
        generator=torch.Generator(model.speaking.device).manual_seed(0),
    )
    kept = [(code, latent) for code, latent in pairs if code < len(model.speaking.meanings)]
    codes, latents = zip(*kept, strict=True)
    return list(codes), list(latents)


def _rendered(
    model: Model,
    quality: Quality,
    prompt: VoicePrompt,
    codes: list[int],
    latents: list[Tensor],
    cuts: Sequence[int],
) -> Rendered:
    work = Work()
    manner = Manner(prompt, prompt.emotion, speed=1.0, seed=0)
    euler = Euler(model.speaking.dit, quality.schedule, quality.guidance)
    rendering = Rendering(model.speaking, euler, manner, work)
    places = [*(cut for cut in cuts if cut < len(codes)), len(codes)]
    waves = [
        _run(rendering.chunk(codes[:place], latents[:place], last=place == len(codes)))
        for place in places
    ]
    return Rendered(rendering.mel, waves, work)


def _run(chunk: Generator[None, None, Tensor]) -> Tensor:
    while True:
        try:
            next(chunk)
        except StopIteration as end:
            wave: Tensor = end.value
            return wave


def _buzz() -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Return a voice that says nothing: harmonics that come and go like syllables."""
    time = np.arange(round(SECONDS * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(140 + 30 * np.sin(2 * np.pi * 0.7 * time)) / RATE
    voiced = sum(np.cos(number * phase) / number for number in range(1, 40))
    syllables = 0.2 + np.clip(np.sin(2 * np.pi * 2.1 * time), 0, None)
    return np.asarray(0.1 * voiced * syllables, np.float32)
