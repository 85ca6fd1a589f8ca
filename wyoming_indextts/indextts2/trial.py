"""How fast this machine is: it speaks once, unheard, and what that took is kept and chosen by.

What a server has measured holds until it ends: an engine that comes back after idling speaks sooner
by the trial.
"""

import logging
import math
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch

from wyoming_indextts.errors import SpeechError
from wyoming_indextts.indextts2.enrolment import HEARD
from wyoming_indextts.indextts2.loading import Model
from wyoming_indextts.indextts2.mel import BINS, HOP, RATE
from wyoming_indextts.indextts2.options import IndexTTS2Options
from wyoming_indextts.indextts2.precision import Dtypes
from wyoming_indextts.indextts2.prompt import VoicePrompt
from wyoming_indextts.indextts2.reckoning import choose, forecast, speed_of
from wyoming_indextts.indextts2.rendering import Manner
from wyoming_indextts.indextts2.speed_file import (
    Measured,
    Speed,
    load_measured,
    save_measured,
    when_measured,
)
from wyoming_indextts.indextts2.utterance import Means, speak
from wyoming_indextts.indextts2.work import Stopwatch, Work
from wyoming_indextts.speech.tempo import Tempo

log = logging.getLogger(__name__)

TRIAL: Final = "The living room light is on."
"""What is spoken, unheard, when the engine loads, by nobody in particular."""

TRIAL_PROMPT: Final = 300
"""Codes of the trial's silent prompt: six seconds."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Of what a measurement is true, `model` being the weights' key; `needed` bytes of memory."""

    device: torch.device
    dtypes: Dtypes
    model: str
    needed: int

    @property
    def name(self) -> str:
        """What people know it as."""
        on_card = self.device.type == "cuda"
        name = torch.cuda.get_device_name(self.device) if on_card else _processor()
        return f"{name}, {self.dtypes}, torch {torch.__version__}"


def paced(
    model: Model, means: Means, options: IndexTTS2Options, machine: Machine
) -> tuple[Tempo, Measured]:
    """Return how fast the machine is, and the way of making sentences that follows from it.

    It is tried, in the manner of `means`, unless this server has done so already. What was measured
    is kept, and what the machine cannot do is said in the log.
    """
    kept = load_measured(options.folder)
    if kept is not None and (kept.machine, kept.model) != (machine.name, machine.model):
        kept = None
    since = math.inf if options.since is None else options.since
    if kept is not None and when_measured(options.folder) >= since:
        found = _followed(kept.speed, options, machine, kept)
        return _expected(found), found
    tempo, speed = _tried(model, means)
    found = _followed(speed, options, machine, kept)
    if speed.code > 0:
        save_measured(options.folder, found)
        log.info("%s", found.told())
        if found.lack:
            log.warning("%s", found.lack.en)
    same = found.way.steps == means.quality.schedule.steps
    return tempo if same else _expected(found), found


def _followed(
    speed: Speed, options: IndexTTS2Options, machine: Machine, before: Measured | None
) -> Measured:
    """Return what follows from a speed, and from what was chosen before."""
    prompt = options.prompt if options.best else float(HEARD)
    chosen = None if before is None else before.way
    way = choose(speed, steps=options.steps, prompt=prompt, before=chosen)
    cast = forecast(speed, way)
    return Measured(machine.name, machine.model, speed, way, cast, machine.needed)


def _expected(measured: Measured) -> Tempo:
    """Return the tempo of a machine that was measured, in the way that was chosen for it."""
    tempo = Tempo()
    tempo.add(measured.forecast.whole, 1.0)
    return tempo


def _processor() -> str:
    threads = torch.get_num_threads()
    return f"CPU ({platform.machine()}, {threads} thread{'s' if threads > 1 else ''})"


def _tried(model: Model, means: Means) -> tuple[Tempo, Speed]:
    """Speak the trial twice; the first time, which allocates and compiles, does not count."""
    tokens = [token for segment in model.text.tokenize(TRIAL) for token in segment] or [2]
    tempo, watch = Tempo(), Stopwatch(means.quality.schedule.steps)
    for attempt in range(2):
        watch = Stopwatch(means.quality.schedule.steps)
        began = time.perf_counter()
        try:
            seconds = _spoken(model, means, tokens, watch)
        except SpeechError as error:  # a model that says nothing to this may say other things
            log.warning("the machine's speed is not known: %s", error)
            break
        if attempt:
            tempo.add(time.perf_counter() - began, seconds)
    return tempo, speed_of(watch.pace, means.quality.schedule.steps)


def _spoken(model: Model, means: Means, tokens: Sequence[int], watch: Stopwatch) -> float:
    """Return the seconds of sound of the trial."""
    prompt = nobody(model, codes=TRIAL_PROMPT)
    manner = Manner(prompt, prompt.emotion, speed=1.0, seed=0)
    work, samples = Work(), 0
    before, began = work.copy(), time.perf_counter()
    for wave in speak(means, tokens, manner, work=work):
        watch.add(before, work, time.perf_counter() - began)
        samples += 0 if wave is None else len(wave)
        before, began = work.copy(), time.perf_counter()
    return samples / RATE


def nobody(model: Model, *, codes: int) -> VoicePrompt:
    """Return the prompt of a silent clip of so many codes, 50 a second."""
    width = model.examples.emotions.shape[1]
    frames = round(codes / 50 * RATE / HOP)
    return VoicePrompt(
        features=torch.zeros(1, codes, model.speaking.meanings.shape[1]),
        codes=torch.zeros(1, codes, dtype=torch.int64),
        style=torch.zeros(1, model.examples.speakers.shape[1]),
        mel=torch.full((1, BINS, frames), -8.0),
        condition=torch.zeros(1, frames, model.speaking.regulator.enter.out_features),
        latents=torch.zeros(1, 32, width),
        emotion=torch.zeros(1, width),
    )
