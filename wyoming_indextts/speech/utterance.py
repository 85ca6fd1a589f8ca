"""One request on its way to being answered: its text as it comes in, and how it ends early."""

import asyncio
from collections.abc import AsyncIterator

from wyoming_indextts.errors import SpeechError, TimedOutError
from wyoming_indextts.speech.interruption import Interruption
from wyoming_indextts.speech.request import Request


class Utterance:
    """Filled by the listening task, spoken by the answering one."""

    def __init__(
        self, request: Request, *, streamed: bool = False, text_idle_timeout: float
    ) -> None:
        """Wait at most `text_idle_timeout` seconds for more text."""
        self.request = request
        """May be replaced while it is spoken; see `Speaker.speak`."""
        self.streamed = streamed
        self.interruption = Interruption()
        self.failure: SpeechError | None = None
        """What the client is to be told instead of hearing the rest."""
        self._patience = text_idle_timeout
        self._pieces: asyncio.Queue[str | None] = asyncio.Queue()  # its edge limits the text

    def say(self, text: str) -> None:
        """Add text."""
        self._pieces.put_nowait(text)

    def complete(self) -> None:
        """No more text will come."""
        self._pieces.put_nowait(None)

    def fail(self, error: SpeechError) -> None:
        """End with `error`, unless it has been interrupted before."""
        if not self.interruption.asked:
            self.failure = error
            self.interruption.ask()

    def take_back(self) -> None:
        """End without a word."""
        self.interruption.ask()

    async def text(self) -> AsyncIterator[str]:
        """Yield the text as it comes; the utterance fails when it stops coming."""
        while (piece := await self._next()) is not None:
            yield piece

    async def _next(self) -> str | None:
        try:
            async with asyncio.timeout(self._patience):
                return await self._pieces.get()
        except TimeoutError:
            self.fail(TimedOutError(f"no text came for {self._patience:g} s"))
            return None
