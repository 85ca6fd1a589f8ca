"""One utterance of a session: its text as it comes, its sound as it goes, and how it ends."""

from collections import deque
from collections.abc import Mapping
from typing import Protocol

from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.errors import BadRequestError, SpeechError, TooLargeError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.speaker import Course, Speaker
from wyoming_indextts.speech.utterance import Utterance

Message = Mapping[str, object]


class Outbox(Protocol):
    """Carries to the client. `tell` and `sound` wait for room; one task at a time calls either."""

    async def tell(self, message: Mapping[str, object]) -> None:
        """Send a message."""
        ...

    async def sound(self, pcm: Pcm) -> None:
        """Send sound."""
        ...

    async def flush(self) -> None:
        """Wait until all of an utterance's sound has left."""
        ...

    def drop(self) -> None:
        """Send no more of an utterance's sound: it was ended."""
        ...


class Spoken:
    """Filled by what receives, spoken by what sends; both of one event loop."""

    def __init__(self, name: str, request: Request, options: HttpOptions) -> None:
        self.id = name
        self.begun = False
        """Whether `speak` was called."""
        self._utterance = Utterance(request, text_idle_timeout=options.text_idle_timeout)
        self._room = options.text_characters
        self._open = True
        self._sentences: deque[tuple[str, float]] = deque()

    @property
    def request(self) -> Request:
        """How the next sentence is wanted."""
        return self._utterance.request

    @request.setter
    def request(self, wanted: Request) -> None:
        self._utterance.request = wanted

    @property
    def cancelled(self) -> bool:
        """Whether it was ended from outside, or failed."""
        return self._utterance.interruption.asked

    def say(self, text: str) -> None:
        """Add text.

        Raises:
            BadRequestError: its end was told before.
            TooLargeError: there is too much by now; nothing was added.
        """
        if not self._open:
            raise BadRequestError("this utterance takes no more text")
        if len(text) > self._room:
            raise TooLargeError("the text of this utterance has become too long")
        self._room -= len(text)
        self._utterance.say(text)

    def complete(self) -> None:
        """No more text will come."""
        if self._open:
            self._open = False
            self._utterance.complete()

    def cancel(self) -> None:
        """End it."""
        self._utterance.take_back()

    def fail(self, error: SpeechError) -> None:
        """End it with `error`."""
        self._utterance.fail(error)

    async def speak(self, speaker: Speaker, outbox: Outbox) -> Message:
        """Speak it; return the message that tells how it ended."""
        self.begun = True
        told: Message = {"type": "cancelled", "id": self.id}
        async with self._utterance.interruption.interruptible():
            try:
                seconds = await self._spoken(speaker, outbox)
            except SpeechError as error:
                outbox.drop()
                return self._failed(error)
            return {"type": "end", "id": self.id, "seconds": round(seconds, 3)}
        outbox.drop()
        failure = self._utterance.failure
        return self._failed(failure) if failure else told

    async def _spoken(self, speaker: Speaker, outbox: Outbox) -> float:
        course = Course(
            lambda: self._utterance.request,
            lambda text, at: self._sentences.append((text, at)),
            live=True,
        )
        seconds = 0.0
        text = self._utterance.text()
        async with speaker.speak(text, self._utterance.request, course) as sound:
            async for pcm in sound:
                if not seconds:
                    await outbox.tell({"type": "start", "id": self.id})
                await self._tell_sentences(seconds, outbox)
                await outbox.sound(pcm)
                seconds += pcm.seconds
        await outbox.flush()
        return seconds

    async def _tell_sentences(self, heard: float, outbox: Outbox) -> None:
        """Tell of each sentence just before its sound."""
        while self._sentences and self._sentences[0][1] <= heard + 1e-6:
            text, at = self._sentences.popleft()
            message = {"type": "sentence", "id": self.id, "text": text, "at": round(at, 3)}
            await outbox.tell(message)

    def _failed(self, error: SpeechError) -> Message:
        return {"type": "error", "id": self.id, "code": error.code, "text": str(error)}
