"""Quiet hours: the part of each day in which nobody is to be disturbed."""

import re
from dataclasses import dataclass
from datetime import datetime, time


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `begin` up to `end`, by the clock on this machine's wall; may go past midnight."""

    begin: time
    end: time

    @classmethod
    def parse(cls, text: str) -> "QuietHours":
        """Read `22:00-07:00`.

        Raises:
            ValueError: the text is nothing of the kind, or names no time at all.
        """
        found = re.fullmatch(r"(\d\d:\d\d)\s*[-–]\s*(\d\d:\d\d)", text.strip())
        try:
            begin, end = (
                (time.fromisoformat(part) for part in found.groups()) if found else (None,) * 2
            )
        except ValueError:
            begin = end = None
        if begin is None or end is None or begin == end:
            raise ValueError(f"must be HH:MM-HH:MM, like 22:00-07:00, not {text!r}")
        return cls(begin, end)

    def hold(self, at: float) -> bool:
        """Return whether `at`, in seconds since 1970, lies in them."""
        now = datetime.fromtimestamp(at).astimezone().time()
        if self.begin < self.end:
            return self.begin <= now < self.end
        return now >= self.begin or now < self.end
