"""What is on the stage, as MQTT shows and changes it: by the names of entities.

A stage may leave the choice open, hold a voice's variant, or raw weights; an entity wants one
name out of its list and eight numbers.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from wyoming_indextts.edges.mqtt.payload import Fields, known, number, seconds, whole, word
from wyoming_indextts.errors import BadRequestError
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.emotion import AXES, NO_WEIGHTS, Weights
from wyoming_indextts.speech.interlude import MOST, Interlude
from wyoming_indextts.speech.stage import Delivery

CUSTOM: Final = ("custom", "自定义")
"""What weights of one's own are called, in English and Chinese."""

OPEN: Final = "(default)"
"""Leaves the choice of voice or emotion to the house again."""

EMOTION_FIELDS: Final = ("preset", "weights", "intensity", "for", "until", "next", "ts")
"""What an emotion as an object may say."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is on: names, and the weights they stand for."""

    voice: str
    emotion: str
    emotion_zh: str
    weights: Weights


class Mood:
    """Shows the stage of `casting` and changes it. Belongs to the event loop's thread.

    Every change raises `VoiceNotFoundError`, `EmotionNotFoundError` or `BadRequestError` where
    it cannot be made; nothing was changed then.
    """

    def __init__(self, casting: Casting, interlude: Interlude) -> None:
        self._casting = casting
        self._interlude = interlude
        self._own: Weights | None = None  # the last custom ones

    @property
    def shown(self) -> Shown:
        """What is on now."""
        voice, emotion = self._on(self._casting.stage.now)
        if isinstance(emotion, tuple):
            return Shown(voice, *CUSTOM, emotion)
        preset = self._casting.presets.find(emotion)
        return Shown(voice, preset.name, preset.zh, preset.weights)

    def voice(self, name: str) -> None:
        """Put on a voice, or with its variant an emotion too."""
        now = self._casting.stage.now
        if name == OPEN:
            self._change(replace(now, voice=None))
            return
        voice, variant = self._casting.voices.find(name)
        emotion = variant.name if variant else now.emotion
        self._change(replace(now, voice=voice.name, emotion=emotion))

    def emotion(self, name: str) -> None:
        """Put on a preset by either name, the last weights of one's own, or nothing special."""
        self._change(self._with(self._named(name)))

    def weight(self, axis: str, value: float) -> None:
        """Put on what is on with one weight changed."""
        weights = list(self.shown.weights)
        weights[AXES.index(axis)] = value
        h, a, s, f, d, m, u, c = weights
        self._change(self._with((h, a, s, f, d, m, u, c)))

    def intensity(self, value: float) -> None:
        """Put on more or less of the emotion."""
        self._change(replace(self._casting.stage.now, intensity=value))

    def speed(self, value: float) -> None:
        """Put on a pace, as a factor."""
        self._change(replace(self._casting.stage.now, speed=value))

    def volume(self, percent: float) -> None:
        """Put on a loudness."""
        self._change(replace(self._casting.stage.now, volume=percent / 100))

    def feel(self, fields: Fields) -> None:
        """Put on an emotion as an object says it, perhaps only for a while."""
        known(fields, EMOTION_FIELDS)
        if ("preset" in fields) == ("weights" in fields):
            raise BadRequestError("an emotion has either a preset or weights")
        if "preset" in fields:
            delivery = self._with(self._named(word(fields["preset"], "preset")))
        else:
            delivery = self._with(weights_of(fields["weights"]))
        if "intensity" in fields:
            wanted = number(fields["intensity"], "intensity", 0.0, 1.0)
            delivery = replace(delivery, intensity=wanted)
        lasting = _lasting(fields)
        utterances = whole(fields["next"], "next", 1, MOST) if "next" in fields else None
        self._interlude.begin(delivery, seconds=lasting, utterances=utterances)
        self._remember(delivery)

    def _on(self, now: Delivery) -> tuple[str, str | Weights]:
        """Return the voice's own name, and the emotion that a request without one gets."""
        voices = self._casting.voices
        voice, variant = voices.find(now.voice) if now.voice else (voices.default, None)
        return voice.name, variant.name if variant else now.emotion or voice.emotion

    def _named(self, name: str) -> str | Weights | None:
        presets = self._casting.presets
        if name not in presets:  # a preset of the user's goes before these words
            if name == OPEN:
                return None
            if name.casefold() in CUSTOM:
                return self._own or self.shown.weights
        return presets.find(name).name

    def _with(self, emotion: str | Weights | None) -> Delivery:
        """Return what is on with this emotion; a variant would go before it, so it is undone.

        The intensity of an emotion that is on for a while goes with that emotion.
        """
        now = self._casting.stage.now
        voice = now.voice and self._casting.voices.find(now.voice)[0].name
        _, intensity = self._interlude.lasting
        return replace(now, voice=voice, emotion=emotion, intensity=intensity)

    def _change(self, delivery: Delivery) -> None:
        self._casting.stage.change(delivery)
        self._remember(delivery)

    def _remember(self, delivery: Delivery) -> None:
        if isinstance(delivery.emotion, tuple):
            self._own = delivery.emotion


def _lasting(fields: Fields) -> float | None:
    """Return for how many seconds, None if that is not said."""
    if "until" not in fields:
        return seconds(fields["for"], "for") if "for" in fields else None
    if "for" in fields:
        raise BadRequestError("an emotion has either for or until")
    try:
        end = datetime.fromisoformat(word(fields["until"], "until")).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequestError("until must be a date and time, like 2026-11-24T22:00") from None
    return (end - datetime.now(UTC)).total_seconds()


def weights_of(value: object) -> Weights:
    """Return eight weights from a list of them, or from an object with some of them.

    Raises:
        BadRequestError: they are no weights.
    """
    if isinstance(value, dict):
        known(value, AXES)
        value = [value.get(axis, weight) for axis, weight in zip(AXES, NO_WEIGHTS, strict=True)]
    if not isinstance(value, list) or len(value) != len(AXES):
        raise BadRequestError(f"weights must be {len(AXES)} numbers, or an object of some by name")
    h, a, s, f, d, m, u, c = (number(weight, "a weight", 0.0, 1.0) for weight in value)
    return (h, a, s, f, d, m, u, c)
