"""What the server says of itself: one program, its voices, and each voice in every emotion.

The program's name is part of Home Assistant's unique id of this server and never changes.
Home Assistant hands on a voice's name and nothing else, so an emotion is chosen there by a
variant's name; other clients may name it as the speaker.
"""

from typing import Final

from wyoming.info import Attribution, Info, TtsProgram, TtsVoice, TtsVoiceSpeaker

from wyoming_indextts import __version__
from wyoming_indextts.speech.emotion import Presets
from wyoming_indextts.speech.voices import Voice, Voices

PROGRAM: Final = "wyoming-indextts"
"""The name, for ever."""

INDEXTTS2: Final = Attribution(name="IndexTTS2", url="https://github.com/index-tts/index-tts")
"""The model that enrolled voices are spoken by, and that the server is named after."""

KOKORO: Final = Attribution(name="Kokoro-82M", url="https://huggingface.co/hexgrad/Kokoro-82M")
"""The model of the embedded voices."""


def info(voices: Voices, presets: Presets, *, variants: bool) -> Info:
    """Return the answer to describe; `variants` offers every voice in every emotion too."""
    program = TtsProgram(
        name=PROGRAM,
        attribution=INDEXTTS2,
        installed=True,
        description="Speaks Chinese and English, with emotion",
        version=__version__,
        voices=[entry for voice in voices for entry in _entries(voice, presets, variants=variants)],
        supports_synthesize_streaming=True,
    )
    return Info(tts=[program])


def _entries(voice: Voice, presets: Presets, *, variants: bool) -> list[TtsVoice]:
    speakers = [TtsVoiceSpeaker(preset.name) for preset in presets]
    plain = _entry(voice, voice.name, voice.description, speakers)
    if not variants:
        return [plain]
    return [plain] + [
        _entry(
            voice,
            f"{voice.name}-{preset.name}",
            f"{voice.description} - {preset.name} {preset.zh}",
        )
        for preset in presets
    ]


def _entry(
    voice: Voice, name: str, description: str, speakers: list[TtsVoiceSpeaker] | None = None
) -> TtsVoice:
    return TtsVoice(
        name=name,
        attribution=KOKORO if voice.stand_in is None else INDEXTTS2,
        installed=True,
        description=description,
        version=__version__,
        languages=list(voice.languages),
        speakers=speakers,
    )
