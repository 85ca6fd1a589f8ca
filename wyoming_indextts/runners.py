"""Who speaks: the embedded voice, or IndexTTS2 with the embedded voice as its stand-in."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from wyoming_indextts.indextts2.options import RATE as INDEXTTS2_RATE
from wyoming_indextts.indextts2.options import IndexTTS2Options
from wyoming_indextts.kokoro.options import RATE as KOKORO_RATE
from wyoming_indextts.kokoro.options import KokoroOptions
from wyoming_indextts.process.options import ProcessOptions
from wyoming_indextts.process.supervisor import ProcessRunner
from wyoming_indextts.settings import Settings
from wyoming_indextts.speech.engine import Engine, EngineRunner
from wyoming_indextts.speech.ensemble import Ensemble
from wyoming_indextts.speech.runner import Runner
from wyoming_indextts.speech.stand_in import StandIns
from wyoming_indextts.speech.voices import Voices
from wyoming_indextts.store.voices import voices_folder
from wyoming_indextts.store.weights import are_there

KOKORO: Final = "wyoming_indextts.kokoro.engine:load"
"""The embedded voice's factory, as a process of its own finds it."""

INDEXTTS2: Final = "wyoming_indextts.engines:indextts2"
"""The other one's."""

MODEL: Final = "indextts2"
"""What its weights are downloaded as."""

CARD: Final = Path("/dev/nvidia0")
"""There where the driver has found a card."""

STEPS: Final = {"reference": 25, "balanced": 16, "fast": 10}
"""Of the flow, by the quality that is wanted."""

LEAD_STEP: Final = 60.0
"""Seconds that IndexTTS2 may be silent at least: a voice may be enrolled in a step."""

LEAD_LOAD: Final = 1800.0
"""Seconds that it may take to load at least: the first time, 5 GB are converted."""


def is_led(settings: Settings) -> bool:
    """Return whether IndexTTS2 is to speak: where it can, or because somebody says so."""
    match settings.engine:
        case "embedded":
            return False
        case "indextts2":
            return True
        case _:
            wanted = may_load(settings) or settings.accept_licence
            return wanted and CARD.exists() and find_spec("torch") is not None


def decided(settings: Settings) -> Settings:
    """Return the settings with `engine` as it is from now on, whatever comes to the disk."""
    engine = "indextts2" if is_led(settings) else "embedded"
    return settings.model_copy(update={"engine": engine})


def may_load(settings: Settings) -> bool:
    """Return whether IndexTTS2's files are all there, whatever is in them."""
    return are_there(MODEL, settings.cache_dir)


def rate_of(settings: Settings) -> int:
    """Return the samples per second that everybody speaks at."""
    return INDEXTTS2_RATE if is_led(settings) else KOKORO_RATE


@asynccontextmanager
async def running(
    settings: Settings, voices: Voices, *, apart: bool, patient: bool
) -> AsyncGenerator[EngineRunner, None]:
    """Give what runs the engines, which are loading; leaving ends them.

    `apart` gives each a process of its own; `patient` lets whoever wants IndexTTS2 wait for it,
    instead of hearing its stand-in.
    """
    async with _embedded(settings, apart=apart) as embedded:
        stand_ins = StandIns(embedded, voices.stand_in_for)
        if not is_led(settings):
            yield stand_ins
            return
        async with _lead(settings, apart=apart) as lead:
            ensemble = Ensemble(
                lead,
                stand_ins,
                is_led=lambda name: voices.stand_in_for(name) is not None,
                may_load=lambda: may_load(settings),
                patient=patient,
                fallback=settings.indextts2.fallback,
            )
            ensemble.wake()
            yield ensemble


def _embedded(settings: Settings, *, apart: bool) -> AbstractAsyncContextManager[EngineRunner]:
    options = KokoroOptions(
        cache_dir=settings.cache_dir,
        model_file=settings.embedded.model_file,
        voices_dir=settings.embedded.voices_dir,
        threads=settings.embedded.threads,
        rate=rate_of(settings),
    )
    if not apart:
        return Runner(lambda: _kokoro_here(options))
    wanted = settings.process
    limits = ProcessOptions(
        name="the embedded voice",
        step_timeout=wanted.step_timeout,
        load_timeout=wanted.load_timeout,
        idle_unload=wanted.idle_unload,
        memory_limit=wanted.memory_limit,
    )
    return ProcessRunner(KOKORO, options, limits)


def lead_options(settings: Settings) -> IndexTTS2Options:
    """Return how the settings want IndexTTS2 to speak."""
    wanted = settings.indextts2
    return IndexTTS2Options(
        folder=settings.cache_dir,
        voices=voices_folder(settings.data_dir),
        device=wanted.device,
        precision=wanted.precision,
        steps=STEPS[wanted.quality] if wanted.steps is None else wanted.steps,
        guidance=wanted.guidance,
        best=wanted.best_seconds,
        streaming=wanted.mode == "streaming",
        training_positions=wanted.positions == "training",
    )


def _lead(settings: Settings, *, apart: bool) -> AbstractAsyncContextManager[EngineRunner]:
    options = lead_options(settings)
    if not apart:
        return Runner(lambda: _indextts2_here(options))
    limits = ProcessOptions(
        name="IndexTTS2",
        step_timeout=max(settings.process.step_timeout, LEAD_STEP),
        load_timeout=max(settings.process.load_timeout, LEAD_LOAD),
        idle_unload=settings.process.idle_unload,
    )
    return ProcessRunner(INDEXTTS2, options, limits, eager=False)


def _kokoro_here(options: KokoroOptions) -> Engine:
    from wyoming_indextts.kokoro import engine  # noqa: PLC0415 - 60 MB that only this way needs

    return engine.load(options)


def _indextts2_here(options: IndexTTS2Options) -> Engine:
    from wyoming_indextts import engines  # noqa: PLC0415 - likewise, 300 MB

    return engines.indextts2(options)
