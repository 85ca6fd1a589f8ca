"""Starts the engine: where it runs, what it loads, how fast the machine is, who is enrolled."""

import logging
from functools import partial
from typing import Final

import torch

from wyoming_indextts.errors import OutOfMemoryError, UnsupportedError
from wyoming_indextts.indextts2.config import Config, read_config
from wyoming_indextts.indextts2.decoding import slots_for
from wyoming_indextts.indextts2.emotion_reader import EmotionReader
from wyoming_indextts.indextts2.emotion_text import load_emotion_model
from wyoming_indextts.indextts2.engine import IndexTTS2Engine
from wyoming_indextts.indextts2.layout import EMOTION_MODEL
from wyoming_indextts.indextts2.loading import Model, load_model
from wyoming_indextts.indextts2.memory import GIGABYTE, Need, need
from wyoming_indextts.indextts2.model_key import model_key
from wyoming_indextts.indextts2.options import IndexTTS2Options
from wyoming_indextts.indextts2.plan import Pace
from wyoming_indextts.indextts2.precision import Dtypes, dtypes_for
from wyoming_indextts.indextts2.prefixes import Prefixes
from wyoming_indextts.indextts2.prompts import Prompts, Recordings
from wyoming_indextts.indextts2.reckoning import SHARING, pace_of
from wyoming_indextts.indextts2.rendering import Quality
from wyoming_indextts.indextts2.sampler import Sampling
from wyoming_indextts.indextts2.speed_file import Measured, Way
from wyoming_indextts.indextts2.trial import Machine, paced
from wyoming_indextts.indextts2.utterance import Means
from wyoming_indextts.speech.best_seconds import LONGEST_KEPT
from wyoming_indextts.speech.tempo import Tempo

log = logging.getLogger(__name__)

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
    config = read_config(options.folder)
    dtypes = dtypes_for(options.precision, device, config)
    slots = options.slots or slots_for(config.voice, dtypes.voice, _memory(device))
    model, needed = _loaded(options, config, device, dtypes, slots)
    key = model_key(options.folder)
    with torch.inference_mode():
        quality = _quality(model, options, options.steps or REFERENCE.steps)
        means = Means.of(model.speaking, quality, slots=slots)
        tempo, found = _paced(model, means, options, Machine(device, dtypes, key, needed))
        way = _fixed(options) if found is None else found.way
        if way.steps != quality.schedule.steps:
            means = means.at(_quality(model, options, way.steps))
        longest = way.prompt if options.best else None
        prompts = Prompts(recordings, model.enrolment, model.examples, model=key, longest=longest)
        while prompts.prepare():
            pass
    pace = Pace() if found is None else pace_of(found.speed, way.steps)
    engine = IndexTTS2Engine(
        model,
        prompts,
        Prefixes(model.speaking, model=key),
        means,
        tempo,
        reader or EmotionReader(partial(load_emotion_model, options.folder / EMOTION_MODEL)),
        pace=pace.shared(SHARING) if options.streaming else None,
    )
    engine.lack = None if found is None else found.lack
    return engine


def _loaded(
    options: IndexTTS2Options, config: Config, device: torch.device, dtypes: Dtypes, slots: int
) -> tuple[Model, int]:
    """Return the model, and the bytes that speaking with it takes; raises what `start` does."""
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
    return model, needed.speaking


def _paced(
    model: Model, means: Means, options: IndexTTS2Options, machine: Machine
) -> tuple[Tempo, Measured | None]:
    """Return how fast the machine is, and what is kept of it; a benchmark may not want to know."""
    exercise = options.exercise
    if exercise is not None and exercise.eager:
        return Untimed(), None
    return paced(model, means, options, machine)


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


class Untimed(Tempo):
    """Takes no time, so that nobody waits because of it."""

    def add(self, worked: float, spoken: float) -> None:
        """Count nothing."""


def _device(options: IndexTTS2Options) -> torch.device:
    there = torch.cuda.is_available()
    if options.device == "cuda" and not there:
        raise UnsupportedError("there is no CUDA here; `wyoming-indextts doctor` says more")
    return torch.device("cuda" if there and options.device != "cpu" else "cpu")
