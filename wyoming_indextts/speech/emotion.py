"""Emotion: eight weights, presets with names in two languages, and how they blend.

The axes and their order are IndexTTS2's; so are the bias, which tames the axes that model
overdoes, and the cap on the sum (its web page's `normalize_emo_vec`). Both are applied once,
here; engines take the weights as given.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from wyoming_indextts.errors import BadRequestError, EmotionNotFoundError

AXES: Final = (
    "happy", "angry", "sad", "afraid", "disgusted", "melancholic", "surprised", "calm",
)  # fmt: skip
"""The eight emotions, in IndexTTS2's order."""

BIAS: Final = (0.9375, 0.875, 1.0, 1.0, 0.9375, 0.9375, 0.6875, 0.5625)
"""Factor per axis, as the reference's web page applies it."""

CAP: Final = 0.8
"""The weights' sum is scaled down to this where it is more (same source)."""

FULL: Final = tuple(min(bias, CAP) for bias in BIAS)
"""What each axis alone at weight 1 comes to after bias and cap."""

Weights = tuple[float, float, float, float, float, float, float, float]
"""One weight in [0, 1] per axis."""

NO_WEIGHTS: Final[Weights] = (0.0,) * 8


@dataclass(frozen=True, slots=True)
class Prosody:
    """What the embedded voice's own controls are set to; the defaults change nothing.

    `speed`, `shift` (of F0) and `range` (of F0 around the voice's centre) are factors, `energy`
    is added to the model's energy curve, `gain` is in dB.
    """

    speed: float = 1.0
    shift: float = 1.0
    range: float = 1.0
    energy: float = 0.0
    gain: float = 0.0

    def __pow__(self, amount: float) -> "Prosody":
        """Return this prosody at `amount` (1 = full), log-linear in the factors."""
        return Prosody(
            self.speed**amount,
            self.shift**amount,
            self.range**amount,
            self.energy * amount,
            self.gain * amount,
        )

    def __mul__(self, other: "Prosody") -> "Prosody":
        """Return both at once."""
        return Prosody(
            self.speed * other.speed,
            self.shift * other.shift,
            self.range * other.range,
            self.energy + other.energy,
            self.gain + other.gain,
        )


@dataclass(frozen=True, slots=True)
class Emotion:
    """What an engine is told: weights after bias and cap, and the embedded voice's override.

    `from_text`, if any, is the intensity at which an engine that can reads the weights from the
    sentence itself; `weights` are then for those that cannot, and for when it fails.
    """

    weights: Weights = NO_WEIGHTS
    prosody: Prosody | None = None
    from_text: float | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """A named emotion as `config/emotions.toml` writes it, at full intensity.

    `weights` are raw (no bias, no cap); `speed` and `pause` are factors, `loudness` is in dB;
    `prosody`, if any, replaces the embedded voice's blend of its rows. With `from_text`, engines
    that can read the weights from each sentence do so.
    """

    name: str
    zh: str
    weights: Weights = NO_WEIGHTS
    speed: float = 1.0
    pause: float = 1.0
    loudness: float = 0.0
    prosody: Prosody | None = None
    from_text: bool = False


class Presets:
    """The presets there are, found by either name, whatever its case.

    They change only together with the voices: `Voices.replace` tells of it.
    """

    def __init__(self, presets: Sequence[Preset]) -> None:
        self.replace(presets)

    def replace(self, presets: Sequence[Preset]) -> None:
        """Know these from now on; for `Voices` to call."""
        self._presets = tuple(presets)
        self._by_name = {
            name.casefold(): preset for preset in presets for name in (preset.zh, preset.name)
        }

    def __iter__(self) -> Iterator[Preset]:
        return iter(self._presets)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.strip().casefold() in self._by_name

    def find(self, name: str) -> Preset:
        """Return the preset called `name` in English or Chinese.

        Raises:
            EmotionNotFoundError: there is none.
        """
        try:
            return self._by_name[name.strip().casefold()]
        except KeyError:
            known = ", ".join(f"{preset.name} ({preset.zh})" for preset in self._presets)
            raise EmotionNotFoundError(
                f"no emotion is named {name[:40]!r}; there are {known}"
            ) from None


def emotion(weights: Weights, *, intensity: float = 1.0, prosody: Prosody | None = None) -> Emotion:
    """Return raw `weights` at `intensity`, biased and capped, as engines take them.

    Raises:
        BadRequestError: a weight or the intensity is outside [0, 1].
    """
    if not all(0.0 <= value <= 1.0 for value in (*weights, intensity)):
        raise BadRequestError("emotion weights and intensity must be between 0 and 1")
    biased = [w * b * intensity for w, b in zip(weights, BIAS, strict=True)]
    scale = min(1.0, CAP / total) if (total := sum(biased)) else 1.0
    h, a, s, f, d, m, u, c = (value * scale for value in biased)
    return Emotion((h, a, s, f, d, m, u, c), prosody**intensity if prosody else None)
