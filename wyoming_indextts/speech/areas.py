"""Areas: places of the house that may have an emotion of their own, whatever is on the stage.

Belongs to the event loop's thread. A restart forgets what an area has.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from wyoming_indextts.errors import TargetNotFoundError
from wyoming_indextts.speech.emotion import Presets, Weights, emotion
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.stage import check_ranges


@dataclass(frozen=True, slots=True)
class Feeling:
    """A preset's name in either language, or eight raw weights; `intensity` None: the stage's."""

    emotion: str | Weights
    intensity: float | None = None


Listener = Callable[[str], None]
"""Called in the loop's thread with the area that has changed; must not block."""


class Areas:
    """Holds what each area has."""

    def __init__(self, names: Sequence[str], presets: Presets) -> None:
        self._presets = presets
        self._feelings: dict[str, Feeling | None] = dict.fromkeys(names)
        self._listeners: list[Listener] = []

    @property
    def names(self) -> Sequence[str]:
        """All areas."""
        return tuple(self._feelings)

    def feeling(self, area: str) -> Feeling | None:
        """Return what an area has; None: what is on the stage."""
        return self._feelings.get(area)

    def change(self, area: str, feeling: Feeling | None) -> None:
        """Give an area a feeling of its own, or none.

        Raises:
            TargetNotFoundError, EmotionNotFoundError, BadRequestError: nothing was changed.
        """
        if area not in self._feelings:
            known = ", ".join(self._feelings) or "none"
            raise TargetNotFoundError(f"no area is named {area[:40]!r}; there are {known}")
        if feeling:
            if isinstance(feeling.emotion, str):
                self._presets.find(feeling.emotion)
            else:
                emotion(feeling.emotion)
            check_ranges(feeling.intensity, None, None)
        self._feelings[area] = feeling
        for listener in tuple(self._listeners):
            listener(area)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` at every change from now on; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def applied(self, area: str, request: Request) -> Request:
        """Return `request` as it is spoken there: one that says how it feels stays as it is."""
        feeling = self._feelings.get(area)
        if feeling is None or request.emotion or request.weights is not None:
            return request
        intensity = feeling.intensity if request.intensity is None else request.intensity
        if isinstance(feeling.emotion, str):
            return replace(request, emotion=feeling.emotion, intensity=intensity)
        return replace(request, weights=feeling.emotion, intensity=intensity)
