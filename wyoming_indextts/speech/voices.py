"""The voices there are, and the variants that carry an emotion in their name.

Home Assistant hands on nothing but a voice's name, so `lan-happy` is the voice `lan` in the
emotion `happy`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from wyoming_indextts.errors import VoiceNotFoundError
from wyoming_indextts.speech.emotion import Preset, Presets


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice a user can choose; `name` is a slug without hyphens at its ends, for ever."""

    name: str
    description: str
    languages: tuple[str, ...]
    sex: Literal["female", "male"]
    emotion: str = "neutral"


class Voices:
    """Finds voices and their variants by name."""

    def __init__(self, voices: Sequence[Voice], presets: Presets, *, default: str) -> None:
        """Take the voices in the order they are shown.

        Raises:
            VoiceNotFoundError: `default` is none of them.
        """
        self._voices = {voice.name: voice for voice in voices}
        self._presets = presets
        self.default = self.find(default)[0]

    def __iter__(self) -> Iterator[Voice]:
        return iter(self._voices.values())

    def find(self, name: str) -> tuple[Voice, Preset | None]:
        """Return the voice of that name and the preset its variant names.

        Raises:
            VoiceNotFoundError: there is none.
        """
        if voice := self._voices.get(name):
            return voice, None
        for voice in self._voices.values():
            variant = name.removeprefix(f"{voice.name}-")
            if variant != name and variant in self._presets:
                return voice, self._presets.find(variant)
        known = ", ".join(self._voices)
        raise VoiceNotFoundError(f"no voice is named {name[:40]!r}; there are {known}")
