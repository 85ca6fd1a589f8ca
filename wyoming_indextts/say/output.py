"""Where the sound of `say` goes: the port that a file and the sound card implement."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from wyoming_indextts.speech.audio import Pcm

Hear = Callable[[Pcm], Awaitable[None]]
"""Takes the next run of sound; all of an output's sound has one rate."""

Output = AbstractAsyncContextManager[Hear]
"""Gives what takes the sound; leaving it without an error delivers the rest."""


class OutputError(Exception):
    """The sound cannot be delivered; the message is one line that says why."""
