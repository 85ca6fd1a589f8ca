"""How an utterance comes along, for whoever shows or counts it."""

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final, Literal

from wyoming_indextts.errors import InterruptedSpeechError, ShutdownError, SpeechError
from wyoming_indextts.speech.audio import Pcm

State = Literal["asked", "started", "finished", "interrupted", "failed"]
"""`started` with the first sound; the last three end an utterance, exactly one of them."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of one utterance.

    `utterance` is the number that `Speaker.interrupt` takes; `waited` is seconds since it was
    asked for, `sound` seconds of sound given so far, `underruns` how often somebody who plays it
    as it comes had nothing to play by then; `code` is the error's, if it failed.
    """

    utterance: int
    source: str
    state: State
    waited: float = 0.0
    sound: float = 0.0
    code: str | None = None
    underruns: int = 0


GAP: Final = 0.02
"""Seconds that every player bridges."""


@dataclass(slots=True)
class Punctuality:
    """Counts the gaps that somebody hears who plays sound as it comes. Pure arithmetic, no clock.

    A reader that takes its time is in nobody's debt, and nobody speaks text that is not there:
    neither makes a gap that counts.
    """

    underruns: int = 0
    text_came: float = 0.0
    """When text came that had been waited for."""
    _until: float | None = None

    def give(self, asked: float, given: float, seconds: float) -> None:
        """Count a run of sound: when it was asked for, when it was given, and how long it is."""
        if self._until is None:
            self._until = given
        due = max(self._until, asked)
        if given > due + GAP and self.text_came <= due:
            self.underruns += 1
        self._until = max(due, given) + seconds


Listener = Callable[[Progress], None]
"""Called in the loop's thread; must not block."""


class Followed(AsyncIterator[Pcm]):
    """The sound of an utterance; tells `listener` how it comes along, from `asked` on."""

    def __init__(
        self,
        sound: AsyncIterator[Pcm],
        utterance: int,
        source: str,
        punctuality: Punctuality,
        listener: Listener,
    ) -> None:
        self._sound = sound
        self.utterance = utterance
        """The number that `Speaker.interrupt` takes."""
        self._source = source
        self._punctuality = punctuality
        self._listener = listener
        self._asked = time.monotonic()
        self._seconds = 0.0
        self._ended = False
        self._tell("asked")

    async def __anext__(self) -> Pcm:
        asked = time.monotonic()
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
        self._punctuality.give(asked, time.monotonic(), pcm.seconds)
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
        self._listener(
            Progress(
                self.utterance,
                self._source,
                state,
                waited,
                self._seconds,
                code,
                self._punctuality.underruns,
            )
        )
