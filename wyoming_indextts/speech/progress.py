"""How an utterance comes along, for whoever shows or counts it."""

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Literal

from wyoming_indextts.errors import InterruptedSpeechError, ShutdownError, SpeechError
from wyoming_indextts.speech.audio import Pcm

State = Literal["asked", "started", "finished", "interrupted", "failed"]
"""`started` with the first sound; the last three end an utterance, exactly one of them."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of one utterance.

    `utterance` is the number that `Speaker.interrupt` takes; `waited` is seconds since it was
    asked for, `sound` seconds of sound given so far; `code` is the error's, if it failed.
    """

    utterance: int
    source: str
    state: State
    waited: float = 0.0
    sound: float = 0.0
    code: str | None = None


Listener = Callable[[Progress], None]
"""Called in the loop's thread; must not block."""


class Followed(AsyncIterator[Pcm]):
    """The sound of an utterance; tells `listener` how it comes along, from `asked` on."""

    def __init__(
        self, sound: AsyncIterator[Pcm], utterance: int, source: str, listener: Listener
    ) -> None:
        self._sound = sound
        self._utterance = utterance
        self._source = source
        self._listener = listener
        self._asked = time.monotonic()
        self._seconds = 0.0
        self._ended = False
        self._tell("asked")

    async def __anext__(self) -> Pcm:
        try:
            pcm = await anext(self._sound)
        except StopAsyncIteration:
            self._end("finished")
            raise
        except (InterruptedSpeechError, ShutdownError) as error:
            self._end("interrupted", error.code)
            raise
        except SpeechError as error:
            self._end("failed", error.code)
            raise
        if not self._seconds:
            self._tell("started")
        self._seconds += pcm.seconds
        return pcm

    def leave(self) -> None:
        """Take note that nobody reads on; what has not ended was interrupted."""
        self._end("interrupted")

    def _end(self, state: State, code: str | None = None) -> None:
        if not self._ended:
            self._ended = True
            self._tell(state, code)

    def _tell(self, state: State, code: str | None = None) -> None:
        waited = time.monotonic() - self._asked
        self._listener(Progress(self._utterance, self._source, state, waited, self._seconds, code))
