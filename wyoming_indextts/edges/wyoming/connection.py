"""One client: a task that listens and a task that answers.

The listening task never waits for speech, so `describe` and `ping` are answered while the
client's own text is spoken, and its leaving is noticed at once. The end of what a client sends
is its leaving, and cancels what it asked for: TCP cannot tell a client that has only finished
sending from one that has gone.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace

from wyoming.error import Error
from wyoming.event import Event
from wyoming.ping import Pong as PongEvent
from wyoming.tts import SynthesizeStopped

from wyoming_indextts.edges.wyoming.dialogue import (
    Begin,
    Command,
    Describe,
    Dialogue,
    End,
    Fail,
    Pong,
    Say,
    TakeBack,
)
from wyoming_indextts.edges.wyoming.options import WyomingOptions
from wyoming_indextts.edges.wyoming.reader import received
from wyoming_indextts.edges.wyoming.writer import AudioCycle, EventWriter
from wyoming_indextts.errors import BusyError, ShutdownError, SpeechError
from wyoming_indextts.speech.deeds import Asker
from wyoming_indextts.speech.interruption import Interruption
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.speech.utterance import Utterance

log = logging.getLogger(__name__)


def error_event(error: SpeechError) -> Event:
    """Return the event that tells a client of `error`."""
    return Error(text=str(error), code=error.code).event()


class Connection:
    """Holds the conversation with one client."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: EventWriter,
        speaker: Speaker,
        info: Callable[[], bytes],
        options: WyomingOptions,
        asker: Asker | None = None,
    ) -> None:
        """Take the two sides of the connection; `info` gives the frame that answers describe.

        `asker` is who its utterances are recorded for.
        """
        self._asker = asker
        self._reader = reader
        self._writer = writer
        self._speaker = speaker
        self._info = info
        self._options = options
        self._dialogue = Dialogue(options.text_characters)
        self._listening = Interruption()
        self._unanswered: deque[Utterance] = deque()  # bounded by options.waiting_requests
        self._changed = asyncio.Event()

    async def serve(self) -> None:
        """Hold the conversation until the client leaves or `shut_down`, then close."""
        try:
            async with asyncio.TaskGroup() as tasks:
                answering = tasks.create_task(self._answer(), name="wyoming-answer")
                async with self._listening.interruptible():
                    await self._listen()
                    answering.cancel()
            if self._listening.asked:
                await self._writer.part()
        except* SpeechError as lost:
            await self._writer.part(error_event(_first(lost)))
        except* OSError:
            pass  # the client left while it was written to: the same as leaving at any time
        finally:
            await self._writer.close()

    def shut_down(self) -> None:
        """Listen no more, answer every open request with `shutdown`, and end."""
        self._listening.ask()
        for utterance in self._unanswered:
            utterance.fail(ShutdownError("the server is going down"))
        self._changed.set()

    async def _listen(self) -> None:
        async with aclosing(received(self._reader, self._options)) as events:
            async for event in events:
                if isinstance(event, SpeechError):
                    commands = self._dialogue.refuse(event)
                else:
                    commands = self._dialogue.receive(event)
                for command in commands:
                    await self._obey(command)

    async def _obey(self, command: Command) -> None:
        match command:
            case Describe():
                await self._writer.send_frame(self._info())
            case Pong(text):
                await self._writer.send(PongEvent(text).event())
            case Begin():
                self._begin(command)
            case Say(text):
                self._unanswered[-1].say(text)
            case End():
                self._unanswered[-1].complete()
            case Fail(error):
                self._unanswered[-1].fail(error)
            case TakeBack():
                self._unanswered[-1].take_back()

    def _begin(self, begin: Begin) -> None:
        if len(self._unanswered) >= self._options.waiting_requests:
            raise BusyError(f"{len(self._unanswered)} requests are unanswered on this connection")
        self._unanswered.append(
            Utterance(
                replace(begin.request, asker=self._asker),
                streamed=begin.streamed,
                text_idle_timeout=self._options.text_idle_timeout,
            )
        )
        self._changed.set()

    async def _answer(self) -> None:
        """Answer the requests one after the other, in the order they came."""
        while True:
            while self._unanswered:
                await self._speak(self._unanswered[0])
                self._unanswered.popleft()
            if self._listening.asked:
                return
            self._changed.clear()
            await self._changed.wait()

    async def _speak(self, utterance: Utterance) -> None:
        """End in exactly one of: audio-stop, synthesize-stopped, error; or taken back."""
        cycle = AudioCycle(self._writer)
        try:
            await self._play(utterance, cycle)
        except SpeechError as error:
            utterance.fail(error)
        if utterance.failure:
            if utterance is self._unanswered[-1]:
                self._dialogue.stream_failed()
            log.info("a request ended with %s: %s", utterance.failure.code, utterance.failure)
            await self._writer.send(error_event(utterance.failure))
        else:
            await cycle.end()
        if utterance.streamed and (utterance.failure or not utterance.interruption.asked):
            await self._writer.send(SynthesizeStopped().event())

    async def _play(self, utterance: Utterance, cycle: AudioCycle) -> None:
        async with utterance.interruption.interruptible():
            text, request = utterance.text(), utterance.request
            async with self._speaker.speak(text, request) as sound:
                async for pcm in sound:
                    await cycle.play(pcm)


def _first(group: ExceptionGroup[SpeechError]) -> SpeechError:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, ExceptionGroup) else error
