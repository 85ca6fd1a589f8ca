"""Decides when the first sound of an utterance may leave, so that no gap can follow it.

A machine that makes speech faster than it is heard may begin at once. A slower one begins when
what is made lasts until the rest will be made. Pure arithmetic, no clock.
"""

from dataclasses import dataclass
from typing import Final

HEADROOM: Final = 1.15
"""Factor on the measured real-time factor: what else the machine does from time to time."""


@dataclass(slots=True)
class Holdback:
    """Follows one utterance: `read` characters of text, `spoken` of them made into sound.

    `complete` says that no more text will come; `real_time_factor` is seconds of work per
    second of speech.
    """

    real_time_factor: float = 0.0
    read: int = 0
    spoken: int = 0
    made: float = 0.0
    longest: float = 0.0
    complete: bool = False

    def add(self, seconds: float) -> None:
        """Count a run of sound that was made."""
        self.made += seconds
        self.longest = max(self.longest, seconds)

    @property
    def keeps_up(self) -> bool:
        """Whether speech is made faster than it is heard."""
        return self.real_time_factor * HEADROOM <= 1.0

    @property
    def may_begin(self) -> bool:
        """Whether the sound made so far may be heard now.

        Speech of `left` seconds takes `left * factor` to make. Its listener, once begun, has
        `made + left` seconds until he has heard it all, less the last run, which he gets only
        when the whole of it is made.
        """
        if self.keeps_up:
            return True
        if not self.complete:
            return False
        factor = self.real_time_factor * HEADROOM
        if self.spoken >= self.read:
            return True
        if not self.spoken:
            return False
        left = (self.read - self.spoken) * self.made / self.spoken
        return self.made >= left * (factor - 1.0) + self.longest
