"""Which of two ways of computing is quicker on this CPU, found by trying both.

In CPU time and in one thread, as two wait for each other: so that no busy moment decides.
"""

import time
from collections.abc import Callable
from typing import Final

import torch

TRIES: Final = 5
"""Of which the fastest counts: what others do meanwhile changes it little."""


def quicker(way: Callable[[], object], other: Callable[[], object], *, by: float) -> bool:
    """Return whether one way takes at least so many times less than the other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _seconds(way) * by < _seconds(other)
    finally:
        torch.set_num_threads(threads)


def _seconds(way: Callable[[], object]) -> float:
    taken = []
    for _ in range(TRIES):
        began = time.process_time()
        way()
        taken.append(time.process_time() - began)
    return min(taken)
