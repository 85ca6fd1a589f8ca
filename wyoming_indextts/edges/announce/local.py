"""A target that is this machine's own sound card, through a player of the system's."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from wyoming_indextts.errors import TargetFailedError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.queue import Ready

Outlet = AbstractAsyncContextManager[Callable[[Pcm], Awaitable[None]]]
"""Gives what takes the sound; leaving waits until it was heard, or ends it on an error."""


class LocalTarget:
    """Plays here."""

    def __init__(self, outlet: Callable[[], Outlet], broken: type[Exception]) -> None:
        """Take what opens the sound card; `broken` is what it raises, with a message for people."""
        self._outlet = outlet
        self._broken = broken

    async def play(self, sound: AsyncIterator[Pcm], ready: Ready) -> None:  # noqa: ARG002 - the port's
        """Play `sound`; return when it was heard. Cancelled, the player is ended at once.

        Raises:
            TargetFailedError: this machine cannot play, and why.
            SpeechError: what `sound` raises.
        """
        try:
            async with self._outlet() as hear:
                async for run in sound:
                    await hear(run)
        except self._broken as error:
            raise TargetFailedError(str(error)) from None
