"""The composition root of IndexTTS2's process: puts the enrolled voices and the model together.

`process` finds `indextts2` here by its name.
"""

from pathlib import Path
from typing import Final

from wyoming_indextts.indextts2.options import IndexTTS2Options
from wyoming_indextts.indextts2.prompts import Recording
from wyoming_indextts.indextts2.starting import start
from wyoming_indextts.speech.clip import Clip
from wyoming_indextts.speech.engine import Engine
from wyoming_indextts.store.enrolment import clip_of
from wyoming_indextts.store.voices import Enrolled, find_voice, read_voices

INDEXTTS2: Final = f"{__name__}:indextts2"
"""The factory's name."""


def indextts2(options: IndexTTS2Options) -> Engine:
    """Start IndexTTS2 with the enrolled voices; raises what `starting.start` does."""
    names = [voice.name for voice in read_voices(options.voices).voices]
    return start(options, lambda name: _recording(options.voices, name), names)


def _recording(folder: Path, name: str) -> Recording:
    voice = find_voice(folder, name)
    return Recording(voice.record.consent.audio, voice.prompts, lambda: _clip(voice))


def _clip(voice: Enrolled) -> Clip:
    return clip_of(voice)
