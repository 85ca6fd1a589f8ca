"""The stage: which voice and emotion are on now, for everyone who does not ask for another.

Belongs to the event loop's thread. It is read at each sentence, so a change made while an
utterance is spoken is heard from the next sentence on.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from wyoming_indextts.errors import BadRequestError, VoiceNotFoundError
from wyoming_indextts.speech.emotion import Presets, Weights, emotion
from wyoming_indextts.speech.voices import Voices


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is on the stage. None leaves the choice to the default voice and its own emotion.

    `emotion` is a preset's name in either language, or eight raw weights; `intensity` is in
    [0, 1], `speed` a factor in [0.5, 2], `volume` a factor in [0, 2].
    """

    voice: str | None = None
    emotion: str | Weights | None = None
    intensity: float = 1.0
    speed: float = 1.0
    volume: float = 1.0


Listener = Callable[[Delivery], None]
"""Called in the loop's thread with what is now on; must not block."""


class Stage:
    """Holds the current delivery and tells its listeners of every change."""

    def __init__(self, voices: Voices, presets: Presets, now: Delivery | None = None) -> None:
        self._voices = voices
        self._presets = presets
        self._listeners: list[Listener] = []
        self._now = Delivery()
        self.change(now or self._now)
        voices.listen(self._part_with_the_gone)

    @property
    def now(self) -> Delivery:
        """What is on."""
        return self._now

    def change(self, delivery: Delivery) -> None:
        """Put `delivery` on and tell the listeners, unless nothing changes.

        Raises:
            VoiceNotFoundError, EmotionNotFoundError, BadRequestError: nothing was changed.
        """
        if delivery.voice is not None:
            self._voices.find(delivery.voice)
        if isinstance(delivery.emotion, str):
            self._presets.find(delivery.emotion)
        elif delivery.emotion is not None:
            emotion(delivery.emotion)
        check_ranges(delivery.intensity, delivery.speed, delivery.volume)
        if delivery == self._now:
            return
        self._now = delivery
        for listener in tuple(self._listeners):
            listener(delivery)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` at every change from now on; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _part_with_the_gone(self) -> None:
        """Leave the choice to the default voice and emotion where those on the stage are gone."""
        now = self._now
        if isinstance(now.emotion, str) and now.emotion not in self._presets:
            now = replace(now, emotion=None)
        if now.voice is not None:
            try:
                self._voices.find(now.voice)
            except VoiceNotFoundError:
                now = replace(now, voice=None)
        self.change(now)


def check_ranges(intensity: float | None, speed: float | None, volume: float | None) -> None:
    """Raise BadRequestError if a given value is outside its range."""
    for name, value, low, high in (
        ("intensity", intensity, 0.0, 1.0),
        ("speed", speed, 0.5, 2.0),
        ("volume", volume, 0.0, 2.0),
    ):
        if value is not None and not low <= value <= high:
            raise BadRequestError(f"{name} must be between {low:g} and {high:g}, not {value:g}")
