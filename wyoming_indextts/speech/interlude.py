"""An emotion for a while: put on the stage for some seconds or some utterances, then taken off.

Whoever changes the emotion meanwhile, from anywhere, has the last word: the interlude is over
and nothing is brought back. Belongs to the event loop's thread; a restart forgets it.
"""

import asyncio
import time
from dataclasses import dataclass, replace
from typing import Final

from wyoming_indextts.errors import BadRequestError
from wyoming_indextts.speech.emotion import Weights
from wyoming_indextts.speech.progress import Progress
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.speech.stage import Delivery, Stage

LONGEST: Final = 86_400.0
"""Seconds of the longest interlude: a day."""

MOST: Final = 1_000
"""Utterances of the longest interlude."""

Feeling = tuple[str | Weights | None, float]
"""A stage's emotion and its intensity."""


@dataclass(slots=True)
class _Passing:
    feeling: Feeling
    before: Feeling
    until: float | None
    left: int | None
    timer: asyncio.TimerHandle | None


class Interlude:
    """Changes the stage's emotion for a while; at most one at a time, the newest."""

    def __init__(self, stage: Stage, speaker: Speaker) -> None:
        self._stage = stage
        self._passing: _Passing | None = None
        self._counted: set[int] = set()  # utterances under way since it began
        self._leave = (
            stage.listen(self._changed),
            speaker.listen(self._followed),
        )

    @property
    def until(self) -> float | None:
        """When it ends by itself (time.time), if it ends by the clock."""
        return self._passing.until if self._passing else None

    @property
    def left(self) -> int | None:
        """Utterances until it ends, if they are counted."""
        return self._passing.left if self._passing else None

    @property
    def lasting(self) -> Feeling:
        """What is on for longer than an interlude: emotion and intensity."""
        return self._passing.before if self._passing else _feeling(self._stage.now)

    def begin(
        self, delivery: Delivery, *, seconds: float | None = None, utterances: int | None = None
    ) -> None:
        """Put on `delivery`, and take its emotion and intensity off again, whatever comes first.

        With neither limit it stays.

        Raises:
            BadRequestError: a limit is out of its range; and what `Stage.change` raises. Nothing
                was changed.
        """
        if seconds is not None and not 0 < seconds <= LONGEST:
            raise BadRequestError(f"it must end within {LONGEST:g} seconds from now")
        if utterances is not None and not 0 < utterances <= MOST:
            raise BadRequestError(f"next must be a number of utterances up to {MOST}")
        before = self.lasting
        passing, self._passing = self._passing, None
        try:
            self._stage.change(delivery)
        except BaseException:
            self._passing = passing
            raise
        if passing and passing.timer:
            passing.timer.cancel()
        self._counted.clear()
        if seconds is None and utterances is None:
            return
        timer = until = None
        if seconds is not None:
            until = time.time() + seconds
            timer = asyncio.get_running_loop().call_later(seconds, self.end)
        self._passing = _Passing(_feeling(delivery), before, until, utterances, timer)

    def end(self) -> None:
        """Bring back what was on before, if an interlude is on."""
        if passing := self._passing:
            self._forget()
            emotion, intensity = passing.before
            self._stage.change(replace(self._stage.now, emotion=emotion, intensity=intensity))

    def close(self) -> None:
        """Listen no more; what is on stays."""
        self._forget()
        for leave in self._leave:
            leave()

    def _forget(self) -> None:
        if self._passing and self._passing.timer:
            self._passing.timer.cancel()
        self._passing = None
        self._counted.clear()

    def _changed(self, delivery: Delivery) -> None:
        if self._passing and _feeling(delivery) != self._passing.feeling:
            self._forget()

    def _followed(self, progress: Progress) -> None:
        passing = self._passing
        if passing is None or passing.left is None:
            return
        if progress.state == "asked":
            self._counted.add(progress.utterance)
        elif progress.state != "started" and progress.utterance in self._counted:
            self._counted.remove(progress.utterance)
            passing.left -= 1
            if not passing.left:
                self.end()


def _feeling(delivery: Delivery) -> Feeling:
    return delivery.emotion, delivery.intensity
