"""The composition root of IndexTTS2's process: puts the enrolled voices and the model together.

`process` finds `indextts2` here by its name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from wyoming_indextts.indextts2.emotion_reader import EmotionReader
from wyoming_indextts.indextts2.emotion_text import EmotionModel, load_emotion_model
from wyoming_indextts.indextts2.layout import EMOTION_MODEL
from wyoming_indextts.indextts2.options import IndexTTS2Options
from wyoming_indextts.indextts2.prompts import Recording
from wyoming_indextts.indextts2.starting import start
from wyoming_indextts.speech.engine import Engine
from wyoming_indextts.store.enrolment import clip_of
from wyoming_indextts.store.lock import require
from wyoming_indextts.store.voices import find_voice, read_voices

MODEL: Final = "indextts2"
"""What its weights are downloaded as."""

READER: Final = "qwen"
"""What those are downloaded as that read the emotion of texts."""


def indextts2(options: IndexTTS2Options) -> Engine:
    """Start IndexTTS2 with the enrolled voices; raises what `starting.start` does.

    Files that are not as they were downloaded are refused; those that came by another way are not
    known, and only what is in them decides.
    """
    require(MODEL, options.folder)
    reader = EmotionReader(partial(_emotion_model, options.folder))
    return start(options, Enrolments(options.voices), reader)


def _emotion_model(folder: Path) -> EmotionModel:
    require(READER, folder)
    return load_emotion_model(folder / EMOTION_MODEL)


@dataclass(frozen=True, slots=True)
class Enrolments:
    """The enrolled voices in a folder, as the model is shown them."""

    folder: Path

    def names(self) -> Sequence[str]:
        """Return the names of all there are now."""
        return [voice.name for voice in read_voices(self.folder).voices]

    def find(self, name: str) -> Recording:
        """Return what a voice was enrolled with.

        Raises:
            VoiceNotFoundError: there is no voice of that name.
        """
        voice = find_voice(self.folder, name)
        return Recording(voice.record.consent.audio, voice.prompts, partial(clip_of, voice))
