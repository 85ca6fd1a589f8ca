"""What many measurements come to: percentiles by nearest rank, so each is one that was measured."""

import math
from collections.abc import Collection


def percentile(values: Collection[float], percent: float) -> float:
    """Return the smallest of `values` that at least `percent` % of them do not exceed.

    Raises:
        ValueError: there are no values, or `percent` is not above 0 and at most 100.
    """
    if not 0 < percent <= 100:  # noqa: PLR2004 - what a percentage is
        raise ValueError(f"{percent} is not above 0 and at most 100")
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(1, math.ceil(len(values) * percent / 100)) - 1]


def median(values: Collection[float]) -> float:
    """Return the 50th percentile."""
    return percentile(values, 50)
