"""Sound that is kept while it is made, so that whoever comes later hears it from its beginning."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

from wyoming_indextts.errors import SpeechError, TooLargeError
from wyoming_indextts.speech.audio import Pcm

LARGEST: Final = 32 * 2**20
"""Bytes of the longest recording: some ten minutes."""


class Recording:
    """One sound for any number of listeners. Belongs to the event loop's thread."""

    def __init__(self) -> None:
        self._runs: list[Pcm] = []
        self._size = 0
        self._ended = False
        self._error: SpeechError | None = None
        self._changed = asyncio.Event()

    @property
    def seconds(self) -> float:
        """How long it is so far."""
        return sum(run.seconds for run in self._runs)

    def add(self, run: Pcm) -> None:
        """Add what was made.

        Raises:
            TooLargeError: it would be longer than `LARGEST`.
        """
        if self._size + len(run.data) > LARGEST:
            raise TooLargeError("that is too long to be kept for whoever fetches it")
        self._size += len(run.data)
        self._runs.append(run)
        self._tell()

    def end(self, error: SpeechError | None = None) -> None:
        """Nothing more comes; with an error because of that. Only the first end counts."""
        if not self._ended:
            self._ended, self._error = True, error
            self._tell()

    async def begun(self) -> None:
        """Wait for the first sound, or the end."""
        while not (self._runs or self._ended):
            await self._changed.wait()

    async def sound(self) -> AsyncGenerator[Pcm, None]:
        """Yield it from its beginning, as it is made.

        Raises:
            SpeechError: that with which it ended.
        """
        at = 0
        while True:
            while at < len(self._runs):
                yield self._runs[at]
                at += 1
            if self._ended:
                break
            await self._changed.wait()
        if self._error:
            raise self._error

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
