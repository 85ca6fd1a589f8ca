"""Text in, sound out: the whole way of an utterance, and the one place that can stop it.

    pieces of text -> markup -> sentences -> (style, normalised phrases) -> engine -> frames

The text is read and cut in a task of its own, so that an utterance knows whether its next
sentence is there; while it is not, its place in front of the engine is free for others.
"""

import asyncio
import itertools
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from wyoming_indextts.errors import InterruptedSpeechError, SpeechError, VoiceNotFoundError
from wyoming_indextts.speech.admission import SPEAKING, WAITING, Admission, Place
from wyoming_indextts.speech.audio import Pcm, silence
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.deeds import Recorder, unrecorded
from wyoming_indextts.speech.engine import EngineRunner, Job, Style
from wyoming_indextts.speech.holdback import Holdback
from wyoming_indextts.speech.markup import Markup
from wyoming_indextts.speech.normalise import Normaliser, unspeakable
from wyoming_indextts.speech.pauses import pause_after
from wyoming_indextts.speech.pipe import Pipe, piped
from wyoming_indextts.speech.progress import Followed, Listener, Progress, Punctuality
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.script import PLAIN, Pause, Phrase, Sentence
from wyoming_indextts.speech.sentences import Sentences
from wyoming_indextts.speech.testimony import Testimony

log = logging.getLogger(__name__)

FRAME: Final = 0.1
"""Seconds of the longest run of sound that leaves a speaker."""

AHEAD: Final = 64
"""Frames an utterance is made ahead of its reader before it pauses, beyond its sentence."""

MARGIN: Final = 1.0
"""Seconds that the next sentence of live speech is begun before the last one has been heard."""

MARGIN_BY_FACTOR: Final = 3.0
"""The same, for each second of work per second of speech, on top."""

SENTENCES_AHEAD: Final = 4096
"""Sentences cut ahead of the engine; an edge's limit on the text is reached long before."""

NOTHING: Final = 0.05
"""Seconds of silence that stand for a text without anything to say: a player needs some."""


@dataclass(frozen=True, slots=True)
class SpeakerOptions:
    """How many are spoken at once and may wait; silence in front, in seconds, by source."""

    speaking: int = SPEAKING
    waiting: int = WAITING
    lead_in: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Course:
    """What an utterance is asked and told while it is spoken, sentence by sentence.

    `request` gives how the next sentence is wanted, whatever was asked for at first; `begins` gets
    each sentence's text and where it begins, in seconds of the utterance's sound, shortly before
    that sound is given. One that is `live` is heard while it is made: no sentence is begun earlier
    than it must be, so that a change of mind is heard soon.
    """

    request: Callable[[], Request]
    begins: Callable[[str, float], None]
    live: bool = False


@dataclass(frozen=True, slots=True)
class _Live:
    source: str
    break_off: Callable[[Exception], None]


class Speaker:
    """Speaks for every edge. Belongs to the event loop's thread."""

    def __init__(
        self,
        runner: EngineRunner,
        casting: Casting,
        normaliser: Normaliser,
        *,
        rate: int,
        options: SpeakerOptions | None = None,
        record: Recorder = unrecorded,
    ) -> None:
        """Take the parts; `rate` is the engine's samples per second, known before it is loaded.

        `record` gets every utterance when it has ended.
        """
        options = options or SpeakerOptions()
        self._record = record
        self.rate = rate
        self._runner = runner
        self._casting = casting
        self._normaliser = normaliser
        self._lead_in = options.lead_in
        self._admission = Admission(speaking=options.speaking, waiting=options.waiting)
        self._ids = itertools.count(1)
        self._live: dict[int, _Live] = {}
        self._listeners: list[Listener] = []

    def check(self, request: Request) -> None:
        """Raise what `speak` would raise about the request itself.

        Raises:
            VoiceNotFoundError, EmotionNotFoundError, BadRequestError: as the names say.
        """
        self._casting.check(request)

    @asynccontextmanager
    async def speak(
        self, text: AsyncIterable[str], request: Request, course: Course | None = None
    ) -> AsyncGenerator[Followed, None]:
        """Speak `text` as it arrives; the block reads the sound in runs of at most `FRAME`.

        Leaving the block, by any road, ends the utterance. A text with nothing to say gives a
        moment of silence. With `course` a change is heard from the next sentence on that is not
        begun yet.

        Raises:
            SpeechError: on entering, what `check` raises; while reading, `BusyError` before any
                sound, `InterruptedSpeechError` after `interrupt`, or what the engine raises.
        """
        self.check(request)
        course = course or Course(lambda: request, lambda _text, _at: None)
        voice = self._casting.style(request, PLAIN).voice
        testimony = Testimony(request, voice, self._record)
        on_time = Punctuality()
        made = self._frames(testimony.heard(text), request, course, on_time)
        async with self._followed(made, on_time, testimony) as sound:
            yield sound

    @asynccontextmanager
    async def recite(
        self, phrases: tuple[Phrase, ...], style: Style, *, source: str, deadline: float
    ) -> AsyncGenerator[Followed, None]:
        """Speak one sentence as it was decided elsewhere; the block reads the engine's own runs.

        It waits its turn, is interrupted, told of and put on record like any utterance. `deadline`
        (time.monotonic) is when its sound begins to be late.

        Raises:
            SpeechError: while reading, as `speak` says; `VoiceNotFoundError` on entering.
        """
        if style.voice not in self._casting.voices:
            raise VoiceNotFoundError(f"no voice is named {style.voice[:40]!r}")
        words = " ".join(phrase.text for phrase in phrases)
        testimony = Testimony(Request(source), style.voice, self._record, words)
        made = self._recited(phrases, style, deadline)
        async with self._followed(made, Punctuality(), testimony) as sound:
            yield sound

    async def factor(self, voice: str | None = None) -> float:
        """Wait until the engine can speak; return its seconds of work per second of speech.

        Raises:
            SpeechError: it cannot be loaded, and why.
        """
        return await self._runner.loaded(voice)

    def interrupt(
        self,
        *,
        utterance: int | None = None,
        source: str | None = None,
        reason: SpeechError | None = None,
    ) -> int:
        """Break off one utterance, those of a source, or all; return how many there were.

        Their readers get `reason`, by default an `InterruptedSpeechError`.
        """
        chosen = [
            live
            for number, live in self._live.items()
            if utterance in (None, number) and source in (None, live.source)
        ]
        for live in chosen:
            live.break_off(reason or InterruptedSpeechError("somebody asked for silence"))
        return len(chosen)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with the progress of every utterance; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    def queue(self) -> tuple[int, int]:
        """How many utterances are spoken now, and how many wait for their turn."""
        return self._admission.taken, self._admission.waiting

    @property
    def live(self) -> Mapping[int, str]:
        """The source of every utterance under way, by the number that `interrupt` takes."""
        return {number: live.source for number, live in self._live.items()}

    def _tell(self, progress: Progress) -> None:
        for listener in tuple(self._listeners):
            listener(progress)

    @asynccontextmanager
    async def _followed(
        self, made: AsyncGenerator[Pcm, None], on_time: Punctuality, testimony: Testimony
    ) -> AsyncGenerator[Followed, None]:
        """Give an utterance's sound to the block, and tell how it comes along."""
        utterance = next(self._ids)
        source = testimony.source

        def tell(progress: Progress) -> None:
            self._tell(progress)
            testimony.follow(progress)

        async with piped(made, depth=AHEAD) as frames:
            self._live[utterance] = _Live(source, frames.break_off)
            sound = Followed(frames, utterance, source, on_time, tell)
            try:
                yield sound
            finally:
                del self._live[utterance]
                sound.leave()

    async def _recited(
        self, phrases: tuple[Phrase, ...], style: Style, deadline: float
    ) -> AsyncGenerator[Pcm, None]:
        with self._admission.place() as place:
            await place.take(deadline)
            job = Job(next(self._ids), phrases, style, deadline)
            async with aclosing(self._runner.run(job)) as runs:
                async for pcm in runs:
                    yield pcm

    async def _frames(
        self, text: AsyncIterable[str], request: Request, course: Course, on_time: Punctuality
    ) -> AsyncGenerator[Pcm, None]:
        """Yield the sound in frames, the first when no gap can follow."""
        hold = Holdback()
        begun = False
        waiting: list[Pcm] = []
        followed = _Followed(hold, on_time)
        async with aclosing(self._sound(text, request, course, followed)) as sound:
            async for pcm in sound:
                waiting += pcm.frames(FRAME)
                hold.add(pcm.seconds)
                begun = begun or hold.may_begin
                if begun:
                    for frame in waiting:
                        yield frame
                    waiting.clear()
        for frame in waiting:
            yield frame
        if not hold.made:
            yield silence(NOTHING, self.rate)

    async def _sound(
        self, text: AsyncIterable[str], request: Request, course: Course, followed: "_Followed"
    ) -> AsyncGenerator[Pcm, None]:
        """Yield the sound as the engine gives it, with the silences between."""
        clock, hold = _Clock(), followed.hold
        gap = asked = 0.0
        script = self._script(text, request, hold)
        with self._admission.place() as place:
            async with piped(script, depth=SENTENCES_AHEAD) as items:
                while (item := await _next(items, place, followed.on_time)) is not None:
                    if isinstance(item, Pause):
                        asked += item.seconds
                        continue
                    if course.live:
                        await _due(clock.deadline, hold, place)
                    await place.take(clock.deadline)
                    style = self._casting.style(course.request(), item.manner)
                    if not clock.started:
                        hold.real_time_factor = await self._runner.loaded(style.voice)
                        gap = self._lead_in.get(request.source, 0.0)
                    gap, asked = max(gap, asked), 0.0
                    begins: str | None = item.text
                    async with aclosing(self._spoken(item, style, clock.deadline)) as runs:
                        async for pcm in runs:
                            if gap:
                                yield clock.played(silence(gap, pcm.rate))
                                gap = 0.0
                            if begins is not None:
                                course.begins(begins, hold.made)
                                begins = None
                            yield clock.played(pcm)
                    hold.spoken += len(item.text)
                    gap = pause_after(item.text) * style.pause
        if asked:
            yield silence(asked, self.rate)

    async def _spoken(
        self, sentence: Sentence, style: Style, deadline: float
    ) -> AsyncGenerator[Pcm, None]:
        phrases = await asyncio.to_thread(self._normaliser.normalise, sentence)
        if skipped := unspeakable(sentence.text):
            log.info("no voice speaks %s; the rest of the sentence is spoken", ", ".join(skipped))
        if phrases:
            job = Job(next(self._ids), phrases, style, deadline)
            async with aclosing(self._runner.run(job)) as runs:
                async for pcm in runs:
                    yield pcm

    async def _script(
        self, text: AsyncIterable[str], request: Request, hold: Holdback
    ) -> AsyncGenerator[Sentence | Pause, None]:
        """Yield sentences and pauses, each as soon as it is certain."""
        markup = Markup(self._casting.presets, ssml=request.ssml)
        sentences = Sentences()
        async for piece in text:
            for span in markup.feed(piece):
                for item in sentences.feed(span):
                    hold.read += _length(item)
                    yield item
        for span in markup.flush():
            for item in sentences.feed(span):
                hold.read += _length(item)
                yield item
        for item in sentences.flush():
            hold.read += _length(item)
            yield item
        hold.complete = True


@dataclass(frozen=True, slots=True)
class _Followed:
    """What is noted of one utterance on its way."""

    hold: Holdback
    on_time: Punctuality


class _Clock:
    """When a listener who plays at once will have heard what was sent."""

    def __init__(self) -> None:
        self.deadline = time.monotonic()
        self.started = False

    def played(self, pcm: Pcm) -> Pcm:
        """Count `pcm` as sent; return it."""
        if not self.started:
            self.started, self.deadline = True, time.monotonic()
        self.deadline = max(self.deadline, time.monotonic()) + pcm.seconds
        return pcm


async def _next(
    items: Pipe[Sentence | Pause], place: Place, on_time: Punctuality
) -> Sentence | Pause | None:
    """Return the next item, None at the end; the place is free while there is none."""
    if items.ready:
        return await anext(items, None)
    place.release()
    item = await anext(items, None)
    on_time.text_came = time.monotonic()
    return item


async def _due(deadline: float, hold: Holdback, place: Place) -> None:
    """Wait until the next sentence of live speech must be begun; the place is free meanwhile."""
    early = MARGIN + MARGIN_BY_FACTOR * hold.real_time_factor
    if hold.keeps_up and (wait := deadline - early - time.monotonic()) > 0:
        place.release()
        await asyncio.sleep(wait)


def _length(item: Sentence | Pause) -> int:
    return len(item.text) if isinstance(item, Sentence) else 0
