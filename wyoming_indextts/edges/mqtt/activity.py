"""What goes on: utterances under way, how the last ones went, as entities show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from wyoming_indextts.speech.progress import Progress

Activity = Literal["idle", "loading", "queued", "speaking", "error"]

ACTIVITIES: Final[tuple[Activity, ...]] = ("idle", "loading", "queued", "speaking", "error")

EVENTS: Final[Mapping[str, str]] = {
    "asked": "queued",
    "started": "started",
    "finished": "finished",
    "interrupted": "interrupted",
    "failed": "failed",
}
"""Step of an utterance -> event_type."""

NOT_OURS: Final = {"busy", "bad-request", "voice-not-found", "emotion-not-found"}
"""Codes of failures that say nothing about the engine."""


@dataclass(slots=True)
class Watch:
    """Counts what goes on."""

    first_audio: float | None = None
    """Seconds to the first sound of the last utterance that had one."""

    spoken: int = 0
    failed: int = 0
    last_error: str | None = None
    """Code of the last utterance's error that was the engine's own; None: it went well."""

    was_ready: bool = False
    _waiting: set[int] = field(default_factory=set)
    _sounding: set[int] = field(default_factory=set)

    def follow(self, progress: Progress) -> None:
        """Take note of one step."""
        number = progress.utterance
        match progress.state:
            case "asked":
                self._waiting.add(number)
            case "started":
                self._waiting.discard(number)
                self._sounding.add(number)
                self.first_audio = progress.waited
            case _:
                self._waiting.discard(number)
                self._sounding.discard(number)
        if progress.state == "finished":
            self.spoken += 1
            self.last_error = None
        elif progress.state == "failed":
            self.failed += 1
            if progress.code not in NOT_OURS:
                self.last_error = progress.code

    @property
    def waiting(self) -> int:
        """Utterances without a sound yet."""
        return len(self._waiting)

    def activity(self, *, ready: bool) -> Activity:
        """Return the one word for all of it; `ready` is whether the engine is loaded now."""
        self.was_ready = self.was_ready or ready
        if self._sounding:
            return "speaking"
        if self._waiting:
            return "queued" if ready else "loading"
        if not self.was_ready:
            return "loading"  # later it may sleep, which is no news
        return "error" if self.last_error else "idle"


def event(progress: Progress) -> dict[str, object]:
    """Return the event that tells this step."""
    told: dict[str, object] = {
        "event_type": EVENTS[progress.state],
        "id": progress.utterance,
        "source": progress.source,
    }
    if progress.state != "asked":
        told["waited"] = round(progress.waited, 3)
        told["seconds"] = round(progress.sound, 3)
    if progress.code:
        told["code"] = progress.code
    return told
