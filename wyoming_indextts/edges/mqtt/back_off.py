"""How long to wait before the next attempt to reach the broker."""

from typing import Final

SHORTEST: Final = 0.1
"""Seconds until the first new attempt; then twice as long each time, up to..."""

LONGEST: Final = 1.0
"""...this, while the loss is fresh: a broker that restarts is back soon."""

FRESH: Final = 60.0
"""Seconds for which a loss is fresh."""

SLOW: Final = 10.0
"""Seconds between attempts after that."""

REFUSED: Final = 60.0
"""Seconds between attempts where the broker answers and does not want us."""

DOUBLINGS: Final = 16
"""More of them change nothing."""


def pause(failures: int, lost: float, *, refused: bool) -> float:
    """Return the most seconds to wait after that many failures in a row.

    `lost` is for how many seconds there has been no connection; `refused` says that the broker
    answered the last attempt and did not want us.
    """
    longest = REFUSED if refused else LONGEST if lost < FRESH else SLOW
    return min(SHORTEST * 2.0 ** min(failures, DOUBLINGS), longest)
