"""Which ids were taken lately, so that nothing is handled twice."""

from typing import Final

WINDOW: Final = 600.0
"""Seconds for which an id is known."""

MOST: Final = 8_192
"""Ids known at a time; of more the oldest are forgotten."""


class Seen:
    """Remembers ids for a while, and no more than so many."""

    def __init__(self, window: float = WINDOW, most: int = MOST) -> None:
        self._window = window
        self._most = most
        self._when: dict[str, float] = {}

    def has(self, name: str, now: float) -> bool:
        """Return whether it was added less than `window` seconds before `now`."""
        return now - self._when.get(name, -float("inf")) < self._window

    def add(self, name: str, now: float) -> None:
        """Remember it as of `now`."""
        self._when.pop(name, None)
        self._when[name] = now
        oldest = next(iter(self._when))
        while len(self._when) > self._most or now - self._when[oldest] >= self._window:
            del self._when[oldest]
            oldest = next(iter(self._when))
