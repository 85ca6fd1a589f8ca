"""Starts the engine: where it runs, what it loads, how fast the machine is, who is enrolled."""

import logging
import platform
import time
from collections.abc import Sequence
from functools import partial
from typing import Final

import torch

from wyoming_indextts.errors import OutOfMemoryError, SpeechError, UnsupportedError
from wyoming_indextts.indextts2.config import read_config
from wyoming_indextts.indextts2.decoding import slots_for
from wyoming_indextts.indextts2.emotion_reader import EmotionReader
from wyoming_indextts.indextts2.emotion_text import load_emotion_model
from wyoming_indextts.indextts2.engine import IndexTTS2Engine
from wyoming_indextts.indextts2.enrolment import HEARD
from wyoming_indextts.indextts2.layout import EMOTION_MODEL
from wyoming_indextts.indextts2.loading import Model, load_model
from wyoming_indextts.indextts2.mel import BINS, HOP, RATE
from wyoming_indextts.indextts2.memory import GIGABYTE, Need, need
from wyoming_indextts.indextts2.model_key import model_key
from wyoming_indextts.indextts2.options import IndexTTS2Options
from wyoming_indextts.indextts2.plan import Pace
from wyoming_indextts.indextts2.precision import Dtypes, dtypes_for
from wyoming_indextts.indextts2.prefixes import Prefixes
from wyoming_indextts.indextts2.prompt import VoicePrompt
from wyoming_indextts.indextts2.prompts import Prompts, Recordings
from wyoming_indextts.indextts2.reckoning import SHARING, choose, forecast, pace_of, speed_of
from wyoming_indextts.indextts2.rendering import Manner, Quality
from wyoming_indextts.indextts2.sampler import Sampling
from wyoming_indextts.indextts2.speed_file import (
    Measured,
    Speed,
    Way,
    load_measured,
    save_measured,
    when_measured,
)
from wyoming_indextts.indextts2.utterance import Means, speak
from wyoming_indextts.indextts2.work import Stopwatch, Work
from wyoming_indextts.speech.best_seconds import LONGEST_KEPT
from wyoming_indextts.speech.tempo import Tempo

log = logging.getLogger(__name__)

TRIAL: Final = "The living room light is on."
"""What is spoken, unheard, when the engine loads, by nobody in particular."""

TRIAL_PROMPT: Final = 300
"""Codes of the trial's silent prompt: six seconds."""

REFERENCE: Final = Way(25, LONGEST_KEPT)
"""How sentences are made where nothing is known of the machine: as the reference does."""


def start(
    options: IndexTTS2Options, recordings: Recordings, reader: EmotionReader | None = None
) -> IndexTTS2Engine:
    """Load the model, measure the machine, and enrol the voices that this model does not know.

    Raises:
        WeightsMissingError, WeightsCorruptError: a file, and how to mend it.
        UnsupportedError: the model is an IndexTTS 2.5, or there is no card where one is wanted.
        StorageFullError: there is no room for the converted files.
        OutOfMemoryError: the card has no room for it; nothing was loaded.
    """
    device = _device(options)
    key = model_key(options.folder)
    config = read_config(options.folder)
    dtypes = dtypes_for(options.precision, device, config)
    slots = options.slots or slots_for(config.voice, dtypes.voice, _memory(device))
    needed = need(
        config,
        dtypes,
        slots=slots,
        rows=1 if options.training_positions else 2,
        int8=options.int8,
        device=device.type,
    )
    model = load_model(
        options.folder,
        device=device,
        dtypes=dtypes,
        graphs=options.graphs,
        int8=options.int8,
        enrolment_device=_room(needed, device),
    )
    exercise = options.exercise
    with torch.inference_mode():
        quality = _quality(model, options, options.steps or REFERENCE.steps)
        means = Means.of(model.speaking, quality, slots=slots)
        if exercise is not None and exercise.eager:
            tempo: Tempo = Untimed()
            pace, way, lack = Pace(), _fixed(options), None
        else:
            machine = machine_name(device, dtypes)
            trial = None
            speed = _known_speed(options, machine, key)
            if speed is None:
                trial, speed = _tried(model, means)
            measured = _measured(options, speed, machine, key, needed)
            way, lack = measured.way, measured.lack
            pace = pace_of(speed, way.steps)
            tempo = trial or _expected(measured)
            if way.steps != quality.schedule.steps:
                tempo = _expected(measured)
                means = means.at(_quality(model, options, way.steps))
        longest = way.prompt if options.best else None
        prompts = Prompts(recordings, model.enrolment, model.examples, model=key, longest=longest)
        while prompts.prepare():
            pass
    reader = reader or EmotionReader(partial(load_emotion_model, options.folder / EMOTION_MODEL))
    planned = pace.shared(SHARING) if options.streaming else None
    prefixes = Prefixes(model.speaking, model=key)
    engine = IndexTTS2Engine(model, prompts, prefixes, means, tempo, reader, pace=planned)
    engine.lack = lack
    return engine


def machine_name(device: torch.device, dtypes: Dtypes) -> str:
    """Return what the measured speed is true of, as people know it."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else _processor()
    return f"{name}, {dtypes}, torch {torch.__version__}"


def _processor() -> str:
    threads = torch.get_num_threads()
    return f"CPU ({platform.machine()}, {threads} thread{'s' if threads > 1 else ''})"


def _quality(model: Model, options: IndexTTS2Options, steps: int) -> Quality:
    exercise = options.exercise
    return Quality(
        model.speaking.schedule(steps),
        options.guidance,
        Sampling(),
        options.training_positions,
        None if exercise is None else exercise.codes_per_token,
    )


def _fixed(options: IndexTTS2Options) -> Way:
    """Return the way of a machine that is not tried."""
    return Way(options.steps or REFERENCE.steps, options.prompt or REFERENCE.prompt)


def _memory(device: torch.device) -> int | None:
    """Return the bytes of a card's memory, None off a card."""
    if device.type != "cuda":
        return None
    total: int = torch.cuda.get_device_properties(device).total_memory
    return total


def _room(needed: Need, device: torch.device) -> torch.device | None:
    """Return where voices are enrolled if not on the device: a small card has no room for it.

    Raises:
        OutOfMemoryError: the card has not even room for the nets that speak.
    """
    if device.type != "cuda":
        return None
    free, _ = torch.cuda.mem_get_info(device)
    free += needed.cuda  # by now CUDA has taken its part
    if lacking := needed.short_of(free):
        if not needed.fits(free):
            raise OutOfMemoryError(lacking)
        log.warning("%s; long sentences may fail", lacking)
    log.info("IndexTTS2 needs %s; %.2f GB are free", needed.told(), free / GIGABYTE)
    return None if needed.enrols_beside(free) else torch.device("cpu")


def _known_speed(options: IndexTTS2Options, machine: str, key: str) -> Speed | None:
    """Return the speed that this server has measured already, of this model on this machine."""
    if options.since is None or when_measured(options.folder) < options.since:
        return None
    kept = load_measured(options.folder)
    same = kept is not None and (kept.machine, kept.model) == (machine, key)
    return kept.speed if kept is not None and same else None


def _expected(measured: Measured) -> Tempo:
    """Return the tempo of a machine that was measured."""
    tempo = Tempo()
    tempo.add(measured.forecast.whole, 1.0)
    return tempo


def _measured(
    options: IndexTTS2Options, speed: Speed, machine: str, key: str, needed: Need
) -> Measured:
    """Choose the way, keep what was measured, and say what the machine cannot do."""
    kept = load_measured(options.folder)
    same = kept is not None and (kept.machine, kept.model) == (machine, key)
    prompt = options.prompt if options.best else float(HEARD)
    before = kept.way if kept is not None and same else None
    way = choose(speed, steps=options.steps, prompt=prompt, before=before)
    measured = Measured(machine, key, speed, way, forecast(speed, way), needed.speaking)
    if speed.code > 0:
        save_measured(options.folder, measured)
        log.info("%s", measured.told())
        if measured.lack:
            log.warning("%s", measured.lack.en)
    return measured


class Untimed(Tempo):
    """Takes no time, so that nobody waits because of it."""

    def add(self, worked: float, spoken: float) -> None:
        """Count nothing."""


def _device(options: IndexTTS2Options) -> torch.device:
    there = torch.cuda.is_available()
    if options.device == "cuda" and not there:
        raise UnsupportedError("there is no CUDA here; `wyoming-indextts doctor` says more")
    return torch.device("cuda" if there and options.device != "cpu" else "cpu")


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
