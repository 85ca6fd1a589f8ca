"""How well a line carries sound, and so how it is encoded."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Quality:
    """How to encode: bits per second, and the percentage of packets that is expected to be lost.

    Where none is, packets carry nothing that mends the one before them.
    """

    bitrate: int
    losses: int


QUALITIES: Final = (Quality(48_000, 5), Quality(32_000, 10), Quality(24_000, 20))
"""From the best line to the worst."""
