"""The voices there are, and the variants that carry an emotion in their name.

Home Assistant hands on nothing but a voice's name, so `lan-happy` is the voice `lan` in the
emotion `happy`. Voices come and go while the program runs; everybody looks them up here.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from wyoming_indextts.errors import BadRequestError, VoiceNotFoundError
from wyoming_indextts.speech.emotion import Preset, Presets

Sex = Literal["female", "male"]

PREVIEW: Final = "你好，这就是我的声音。Hello, this is what I sound like."
"""What a voice says to be heard: a sentence in each language."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice a user can choose; `name` is a slug without hyphens at its ends, for ever.

    `stand_in` is the embedded voice that speaks for an enrolled one while its model cannot; None:
    the voice is embedded itself.
    """

    name: str
    description: str
    languages: tuple[str, ...]
    sex: Sex
    emotion: str = "neutral"
    stand_in: str | None = None


Listener = Callable[[], None]
"""Called in the loop's thread after the voices have changed; must not block."""


class Voices:
    """Finds voices and their variants by name. Belongs to the event loop's thread."""

    def __init__(
        self,
        voices: Sequence[Voice],
        presets: Presets,
        *,
        default: str | None,
        may_come: bool = False,
    ) -> None:
        """Take the voices in the order they are shown; no default means always the first.

        Raises:
            VoiceNotFoundError: `default` is none of them, and none that `may_come` later.
        """
        self._voices = {voice.name: voice for voice in voices}
        self._presets = presets
        self._listeners: list[Listener] = []
        self._wanted = ""
        if default:
            try:
                self._wanted = self.find(default)[0].name
            except VoiceNotFoundError:
                if not may_come:
                    raise
                self._wanted = default

    def __iter__(self) -> Iterator[Voice]:
        return iter(self._voices.values())

    def __contains__(self, name: object) -> bool:
        """Return whether a voice itself has that name."""
        return name in self._voices

    @property
    def default(self) -> Voice:
        """The voice of whoever asks for none; the first one while the wanted one is away."""
        return self._voices.get(self._wanted) or next(iter(self))

    @property
    def embedded(self) -> Sequence[Voice]:
        """Those that need no model but the embedded one."""
        return [voice for voice in self if voice.stand_in is None]

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

    def stand_in_for(self, name: str) -> str | None:
        """Return who speaks for an enrolled voice; None for embedded and unknown ones."""
        voice = self._voices.get(name)
        return voice.stand_in if voice else None

    def check_free(self, name: str) -> None:
        """Make sure that a new voice of that name would be confused with no other.

        Raises:
            BadRequestError: it, or its variant in some emotion, means a voice that there is.
        """
        for taken in (name, *(f"{name}-{preset.name}" for preset in self._presets)):
            try:
                voice, preset = self.find(taken)
            except VoiceNotFoundError:
                continue
            meant = f"the voice {voice.name}"
            if preset:
                meant += f" in the emotion {preset.name}"
            raise BadRequestError(f"{taken!r} means {meant} already; choose another name")

    def replace(self, voices: Sequence[Voice], presets: Sequence[Preset] | None = None) -> None:
        """Know these from now on, at least one, and tell the listeners, unless nothing changes.

        With `presets` all who share ours know those emotions too: each is a variant of each voice.
        """
        if presets is not None and list(presets) != list(self._presets):
            self._presets.replace(presets)
        elif list(voices) == list(self):
            return
        self._voices = {voice.name: voice for voice in voices}
        with suppress(VoiceNotFoundError):  # the wanted one may have come, or be away
            self._wanted = self.find(self._wanted)[0].name
        for listener in tuple(self._listeners):
            listener()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after every change from now on; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)
