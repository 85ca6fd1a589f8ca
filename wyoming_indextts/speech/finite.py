"""A number that somebody else sent: JSON has numbers that no float can hold, and truth is none."""

import math


def finite(value: object) -> float | None:
    """Return `value` as a float if it is a finite number, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
