"""Trying again what may go right a little later, with growing waits, and not for ever."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import TypeVar

from wyoming_indextts.errors import InterruptedSpeechError, SpeechError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for a hub, in seconds, and how often one thing is tried in a row."""

    read: float = 20.0
    """For the connection, and then for each next byte."""
    tries: int = 6
    wait: float = 1.0
    """Before the second try; each next wait is twice as long."""
    longest_wait: float = 60.0
    """Whatever the hub asks for."""


class PassingError(Exception):
    """It may go right a little later; `error` is what to tell if it does not.

    `wait` is how many seconds the other side has asked to wait.
    """

    def __init__(self, error: SpeechError, *, wait: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait = wait


def insist(
    attempt: Callable[[], T],
    patience: Patience,
    stop: Event,
    *,
    reached: Callable[[], int] = lambda: 0,
) -> T:
    """Return what `attempt` returns, tried again after each `PassingError`.

    Tries are counted from the last one after which `reached` was more than ever before.

    Raises:
        SpeechError: that of the last `PassingError`, or any that `attempt` raises by itself.
        InterruptedSpeechError: `stop` was set before the next try.
    """
    best = reached()
    failures = 0
    wait = 0.0
    while not stop.wait(min(wait, patience.longest_wait)):
        try:
            return attempt()
        except PassingError as passing:
            failures += 1
            if (now := reached()) > best:
                best, failures = now, 1
            if failures >= patience.tries:
                raise passing.error from passing
            wait = passing.wait or patience.wait * 2 ** (failures - 1)
    raise InterruptedSpeechError("the download was stopped")
