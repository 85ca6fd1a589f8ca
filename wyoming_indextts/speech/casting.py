"""Casting: from what text, request and stage ask for to the one style a sentence is spoken in.

Precedence, for each quality by itself: the text (SSML, inline tags), the request (its emotion,
then its voice's variant), the stage, the voice's own.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

from wyoming_indextts.errors import VoiceNotFoundError
from wyoming_indextts.speech.emotion import Emotion, Preset, Presets, Weights, emotion
from wyoming_indextts.speech.engine import Style
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.script import PLAIN, Manner
from wyoming_indextts.speech.stage import Stage, check_ranges
from wyoming_indextts.speech.voices import Voice, Voices

SILENT: Final = -96.0
"""Gain in dB that stands for volume 0; below the last bit of 16."""


@dataclass(frozen=True, slots=True)
class Casting:
    """Decides styles; knows every voice and preset there is."""

    voices: Voices
    presets: Presets
    stage: Stage

    def check(self, request: Request) -> None:
        """Raise what `style` would raise for this request with any text.

        Raises:
            VoiceNotFoundError, EmotionNotFoundError, BadRequestError: as the names say.
        """
        self.style(request, PLAIN)
        check_ranges(request.intensity, request.speed, request.volume)

    def style(self, request: Request, manner: Manner) -> Style:
        """Return the style of a sentence; the stage is read now.

        Raises:
            VoiceNotFoundError, EmotionNotFoundError, BadRequestError: by the request; a voice
                that the text names and nobody has is passed over.
        """
        stage = self.stage.now
        voice, variant = self._voice(request, manner)
        own = self.presets.find(voice.emotion)
        wanted = self._wanted(request, manner, variant) or own
        preset = own if isinstance(wanted, tuple) else wanted
        intensity = _first(manner.intensity, request.intensity, stage.intensity)
        feeling = preset
        if isinstance(wanted, tuple):
            feeling = replace(preset, weights=wanted, prosody=None, from_text=False)
        volume = _first(request.volume, stage.volume)
        return Style(
            voice=voice.name,
            emotion=_emotion(feeling, intensity),
            speed=_first(request.speed, stage.speed) * manner.rate * preset.speed**intensity,
            pause=preset.pause**intensity,
            gain=_gain(volume) + manner.volume + preset.loudness * intensity,
        )

    def _voice(self, request: Request, manner: Manner) -> tuple[Voice, Preset | None]:
        if manner.voice is not None:
            try:
                return self.voices.find(manner.voice)
            except VoiceNotFoundError:
                pass  # SSML written for another server; its words are spoken all the same
        name = request.voice or self.stage.now.voice
        return self.voices.find(name) if name else (self.voices.default, None)

    def _wanted(
        self, request: Request, manner: Manner, variant: Preset | None
    ) -> Preset | Weights | None:
        """Return the emotion that is asked for or on the stage; None: the voice's own."""
        if manner.emotion:
            return self.presets.find(manner.emotion)
        if request.weights is not None:
            return request.weights
        if request.emotion:
            return self.presets.find(request.emotion)
        if variant:
            return variant
        staged = self.stage.now.emotion
        return self.presets.find(staged) if isinstance(staged, str) else staged


def _emotion(preset: Preset, intensity: float) -> Emotion:
    feeling = emotion(preset.weights, intensity=intensity, prosody=preset.prosody)
    return replace(feeling, from_text=intensity) if preset.from_text else feeling


def _first(*values: float | None) -> float:
    """Return the first value there is; the last one always is."""
    return next(value for value in values if value is not None)


def _gain(volume: float) -> float:
    return 20.0 * math.log10(volume) if volume > 0 else SILENT
