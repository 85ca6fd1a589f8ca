"""Who speaks: the embedded voice, or a lead with the embedded voice as its stand-in.

The lead is IndexTTS2, here or, for a gateway, at another wyoming-indextts.
"""

import time
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from wyoming_indextts.errors import EngineFailedError, SpeechError
from wyoming_indextts.gateway import far_side
from wyoming_indextts.indextts2.options import HEAP, IndexTTS2Options
from wyoming_indextts.indextts2.options import RATE as INDEXTTS2_RATE
from wyoming_indextts.kokoro.options import RATE as KOKORO_RATE
from wyoming_indextts.kokoro.options import KokoroOptions
from wyoming_indextts.offering import Offering
from wyoming_indextts.process.options import ProcessOptions
from wyoming_indextts.process.supervisor import ProcessRunner
from wyoming_indextts.settings import Settings
from wyoming_indextts.speech.engine import Engine, EngineRunner
from wyoming_indextts.speech.ensemble import Ensemble
from wyoming_indextts.speech.runner import Runner
from wyoming_indextts.speech.stand_in import StandIns
from wyoming_indextts.store.voices import voices_folder
from wyoming_indextts.store.weights import are_there

KOKORO: Final = "wyoming_indextts.kokoro.engine:load"
"""The embedded voice's factory, as a process of its own finds it."""

INDEXTTS2: Final = "wyoming_indextts.engines:indextts2"
"""The other one's."""

MODEL: Final = "indextts2"
"""What its weights are downloaded as."""

EMBEDDED_NAME, LEAD_NAME = "the embedded voice", "IndexTTS2"
"""What the log and the metrics call the engines."""

CARD: Final = Path("/dev/nvidia0")
"""There where the driver has found a card."""

STEPS: Final = {"auto": None, "reference": 25, "balanced": 16, "fast": 10}
"""Of the flow, by the quality that is wanted; None leaves them to the machine's speed."""

LEAD_STEP: Final = 60.0
"""Seconds that IndexTTS2 may be silent at least: a voice may be enrolled in a step."""

LEAD_LOAD: Final = 1800.0
"""Seconds that it may take to load at least: the first time, 5 GB are converted."""


def is_led(settings: Settings) -> bool:
    """Return whether IndexTTS2 is to speak here: where it can, or because somebody says so."""
    match settings.engine:
        case "embedded" | "remote":
            return False
        case "indextts2":
            return True
        case _ if is_gateway(settings):
            return False
        case _:
            wanted = may_load(settings) or settings.accept_licence
            return wanted and CARD.exists() and find_spec("torch") is not None


def is_gateway(settings: Settings) -> bool:
    """Return whether another wyoming-indextts is to speak."""
    return settings.engine in ("auto", "remote") and settings.remote.url is not None


def decided(settings: Settings) -> Settings:
    """Return the settings with `engine` as it is from now on, whatever comes to the disk."""
    here = "indextts2" if is_led(settings) else "embedded"
    engine = "remote" if is_gateway(settings) else here
    return settings.model_copy(update={"engine": engine})


def may_load(settings: Settings) -> bool:
    """Return whether IndexTTS2's files are all there, whatever is in them."""
    return are_there(MODEL, settings.cache_dir)


def rate_of(settings: Settings) -> int:
    """Return the samples per second that everybody speaks at.

    A gateway's is IndexTTS2's, and known before the far side is: utterances begin without it.
    """
    led = is_led(settings) or is_gateway(settings)
    return INDEXTTS2_RATE if led else KOKORO_RATE


@asynccontextmanager
async def running(
    settings: Settings, offering: Offering, *, apart: bool, patient: bool
) -> AsyncGenerator[EngineRunner, None]:
    """Give what runs the engines, which are loading; leaving ends them.

    `apart` gives each a process of its own; `patient` lets whoever wants IndexTTS2 wait for it,
    instead of hearing its stand-in.
    """
    if is_gateway(settings):
        async with _running_far(settings, offering, patient=patient) as ensemble:
            yield ensemble
        return
    voices = offering.casting.voices
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


@asynccontextmanager
async def _running_far(
    settings: Settings, offering: Offering, *, patient: bool
) -> AsyncGenerator[Ensemble, None]:
    """Give the far side, and the embedded voice as its stand-in.

    That has a process of its own in any case, and is loaded at once only where somebody may have
    to hear it at once.
    """
    fallback = settings.remote.fallback
    async with (
        _embedded(settings, apart=True, eager=fallback and not patient) as embedded,
        far_side(settings, offering, rate=rate_of(settings)) as lead,
    ):
        if patient:  # what is asked for may be a voice that only the far side knows
            with suppress(SpeechError):
                await lead.loaded()
        yield Ensemble(
            lead,
            StandIns(embedded, offering.casting.voices.stand_in_for),
            is_led=offering.is_far,
            patient=patient,
            fallback=fallback,
            refusal=lambda: EngineFailedError("the far side is not there"),
        )


def _embedded(
    settings: Settings, *, apart: bool, eager: bool = True
) -> AbstractAsyncContextManager[EngineRunner]:
    options = KokoroOptions(
        cache_dir=settings.cache_dir,
        model_file=settings.embedded.model_file,
        voices_dir=settings.embedded.voices_dir,
        threads=settings.embedded.threads,
        rate=rate_of(settings),
        arithmetic=settings.embedded.arithmetic,
    )
    if not apart:
        return Runner(lambda: _kokoro_here(options), EMBEDDED_NAME)
    wanted = settings.process
    limits = ProcessOptions(
        name=EMBEDDED_NAME,
        step_timeout=wanted.step_timeout,
        load_timeout=wanted.load_timeout,
        idle_unload=wanted.idle_unload,
        memory_limit=wanted.memory_limit,
    )
    return ProcessRunner(KOKORO, options, limits, eager=eager)


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
        prompt=wanted.prompt_seconds,
        streaming=wanted.mode == "streaming",
        training_positions=wanted.positions == "training",
        graphs=wanted.graphs,
        slots=wanted.slots,
        int8=wanted.weights == "int8",
        since=time.time(),
    )


def lead_limits(settings: Settings) -> ProcessOptions:
    """Return what IndexTTS2's process is allowed; it may give the card back sooner than others."""
    wanted, own = settings.process, settings.indextts2.idle_unload
    return ProcessOptions(
        name=LEAD_NAME,
        environment=HEAP,
        step_timeout=max(wanted.step_timeout, LEAD_STEP),
        load_timeout=max(wanted.load_timeout, LEAD_LOAD),
        idle_unload=wanted.idle_unload if own is None else own or None,
        prepared=True,
    )


def _lead(settings: Settings, *, apart: bool) -> AbstractAsyncContextManager[EngineRunner]:
    options = lead_options(settings)
    if not apart:
        return Runner(lambda: _indextts2_here(options), LEAD_NAME)
    return ProcessRunner(INDEXTTS2, options, lead_limits(settings), eager=False)


def _kokoro_here(options: KokoroOptions) -> Engine:
    from wyoming_indextts.kokoro import engine  # noqa: PLC0415 - 60 MB that only this way needs

    return engine.load(options)


def _indextts2_here(options: IndexTTS2Options) -> Engine:
    from wyoming_indextts import engines  # noqa: PLC0415 - likewise, 300 MB

    return engines.indextts2(options)
