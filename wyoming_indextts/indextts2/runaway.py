"""Notices a segment that has run away: it repeats itself, or goes on long after its text.

Both happen to language models of speech: a loop over the same few codes, of which an endless
silence is the shortest, or a babble that never comes to the stop code. Speech of people repeats
nothing exactly for a second and a half, and no token of a text lasts more than half a second.
"""

from collections.abc import Sequence
from typing import Final

LONGEST_LOOP: Final = 25
"""Codes, half a second: the longest loop that is looked for."""

REPEATED: Final = 75
"""Codes, one and a half seconds: the shortest repetition that is a runaway."""

TIMES: Final = 3
"""A loop is gone through at least so often."""

BREATH: Final = 100
"""Codes that a segment of any length may have."""

CODES_PER_TOKEN: Final = 25
"""What each token of text adds to that: half a second."""


def most_codes(tokens: int) -> int:
    """Return from how many codes on a segment of so many tokens has run away."""
    return BREATH + CODES_PER_TOKEN * tokens


def looping_since(codes: Sequence[int]) -> int | None:
    """Return where a repetition begins that lasts to the end of `codes`; None if there is none.

    What is before that place is speech, and the first time through the loop is.
    """
    for period in range(1, LONGEST_LOOP + 1):
        wanted = max(REPEATED, TIMES * period)
        if len(codes) < wanted or codes[-period:] != codes[-2 * period : -period]:
            continue
        same = period
        while same < len(codes) and codes[-1 - same] == codes[-1 - same + period]:
            same += 1
        if same >= wanted:
            return len(codes) - same + period
    return None
