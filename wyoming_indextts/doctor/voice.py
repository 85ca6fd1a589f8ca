"""Examines the embedded voice: its weights, who speaks, and how fast on this machine."""

import os
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

from wyoming_indextts.doctor.finding import Finding
from wyoming_indextts.errors import SpeechError, WeightsMissingError
from wyoming_indextts.kokoro.converted import is_converted
from wyoming_indextts.kokoro.engine import FOLDER
from wyoming_indextts.kokoro.memory import computes_in_integers
from wyoming_indextts.kokoro.weights import find_model
from wyoming_indextts.say.words import whole
from wyoming_indextts.settings import Settings
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.holdback import HEADROOM
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.speaker import Speaker

SOURCE: Final = "doctor"
"""What the doctor's utterances are called in the speaker."""

WARMING: Final = "好。"
"""Spoken first and not measured: it loads everything."""

MEASURED: Final = (
    "早上好，客厅的温度是二十三度，窗户都关好了。Good morning, the front door is locked."
)
"""About six seconds of speech, in clauses as they are in a house."""

Speaking = Callable[[Settings], AbstractAsyncContextManager[Speaker]]
"""Gives a speaker without any edge."""


def weights(settings: Settings) -> Finding:
    """Say whether the voice's model is here and is what it should be."""
    model_file = settings.embedded.model_file
    try:
        model = find_model(model_file)
        model.read()
    except SpeechError as error:
        if isinstance(error, WeightsMissingError) and model_file is None and is_prepared(settings):
            return Finding("weights", "ok", "not here, but the voice that was made of them is")
        what, _, mend = str(error).partition(": ")
        return Finding("weights", "error", what, mend.removeprefix("run ").strip("`"))
    except OSError as error:
        text = f"{model_file} cannot be read: {error.strerror}"
        return Finding("weights", "error", text, "model_file under [embedded] in the settings")
    text = f"{model_file or 'the bundled model'}, SHA-256 {model.sha256[:12]}…"
    return Finding("weights", "ok", text)


def is_prepared(settings: Settings) -> bool:
    """Return whether the voice can speak without its `weights`, which are in order or not here."""
    return _prepared(settings)[0]


def _prepared(settings: Settings) -> tuple[bool, bool]:
    """Return whether it is, and whether it computes in integers on this machine."""
    model = find_model(settings.embedded.model_file)
    folder = settings.cache_dir / FOLDER
    integer = computes_in_integers(model, folder, settings.embedded.arithmetic)
    return is_converted(model, folder, integer=integer), integer


def graph(settings: Settings) -> Finding:
    """Say whether the voice is prepared for this machine; its `weights` are in order."""
    prepared, integer = _prepared(settings)
    if prepared:
        how = ", in integers" if integer else ""
        return Finding("graph", "ok", f"prepared, and as it was made{how}")
    return Finding("graph", "ok", "not prepared yet; the first start does it, in ten seconds")


def voices(settings: Settings, cast: Callable[[Settings], Casting]) -> Finding:
    """Say who speaks, and whether the chosen voice and emotion are among them."""
    try:
        casting = cast(settings)
    except SpeechError as error:
        mend = "voice, [stage] emotion or [embedded] voices_dir in the settings"
        return Finding("voices", "error", str(error), mend)
    names = ", ".join(voice.name for voice in casting.voices)
    return Finding("voices", "ok", f"{names}; {casting.voices.default.name} speaks by default")


async def speed(settings: Settings, speaking: Speaking) -> Finding:
    """Load the voice, let it speak, and say how its pace compares with a listener's."""
    try:
        async with speaking(settings) as speaker:
            await _speak(speaker, WARMING)
            began = time.perf_counter()
            seconds = await _speak(speaker, MEASURED)
            factor = (time.perf_counter() - began) / seconds
    except SpeechError as error:
        mend = "mend what is wrong above; --debug tells more"
        return Finding("speed", "error", f"the voice cannot speak: {error}", mend)
    text = f"{factor:.2f} s of work for a second of speech on {os.cpu_count()} CPU cores"
    if factor * HEADROOM <= 1.0:
        return Finding("speed", "ok", text)
    text += ": slower than real time, so the first sound waits until no gap can follow"
    mend = "end what else uses the CPU, or set threads under [embedded] to the number of cores"
    return Finding("speed", "warning", text, mend)


async def _speak(speaker: Speaker, text: str) -> float:
    """Speak to nobody; return the seconds of sound."""
    async with speaker.speak(whole(text), Request(SOURCE)) as frames:
        return sum([pcm.seconds async for pcm in frames])
