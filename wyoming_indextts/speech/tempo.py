"""How fast a machine makes speech, followed run by run."""

from collections import deque
from statistics import median
from typing import Final

RUNS: Final = 9
"""Of these last runs the median counts: one busy moment of the machine changes nothing."""


class Tempo:
    """Seconds of work per second of speech. Belongs to the engine's thread."""

    def __init__(self) -> None:
        self._factors: deque[float] = deque(maxlen=RUNS)

    def add(self, worked: float, spoken: float) -> None:
        """Count a run that made `spoken` seconds of speech in `worked` seconds; none is skipped."""
        if spoken > 0.0:
            self._factors.append(worked / spoken)

    @property
    def real_time_factor(self) -> float:
        """The median of the last runs; 0 before the first."""
        return median(self._factors) if self._factors else 0.0
