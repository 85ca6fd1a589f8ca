"""An announcement's sound: spoken once, as it is wanted, however many targets play it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, aclosing
from typing import Final

from wyoming_indextts.errors import SpeechError
from wyoming_indextts.speech.announcement import Announcement
from wyoming_indextts.speech.audio import Pcm, silence
from wyoming_indextts.speech.chime import chime
from wyoming_indextts.speech.loudness import amplified, with_gain
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.speaker import FRAME, Speaker

GAP: Final = 1.0
"""Seconds of silence before an announcement is said again."""

BREATH: Final = 0.15
"""Seconds of silence between the chime and the first word."""

Spawn = Callable[[Coroutine[object, object, None]], object]
"""Runs something to its end beside whoever asks."""


class Performance:
    """One announcement on its way to its targets. Belongs to the event loop's thread.

    The sound is kept until the last target leaves; the limit on the message bounds it.
    """

    def __init__(
        self,
        announcement: Announcement,
        request: Request,
        speaker: Speaker,
        *,
        chimes: bool,
        gain: Callable[[], Awaitable[float]],
        targets: int,
        spawn: Spawn,
    ) -> None:
        """Take the parts; `gain` is its voice's in dB, `targets` how often `leave` is called."""
        self.announcement = announcement
        self._request = request
        self._speaker = speaker
        self._chimes = chimes
        self._gain = gain
        self._listeners = targets
        self._spawn = spawn
        self._opened = AsyncExitStack()
        self._speech: AsyncIterator[Pcm] | None = None
        self._frames: list[Pcm] = []
        self._ended = False
        self._error: SpeechError | None = None
        self._turn = asyncio.Lock()

    async def sound(self) -> AsyncGenerator[Pcm, None]:
        """Yield all one target is to play, in runs of at most `FRAME`, as it is made.

        Raises:
            SpeechError: what the speaker raises, at every target.
        """
        await self._begin()
        rate = self._speaker.rate
        if self._chimes:
            volume = self.announcement.volume
            sound = chime(rate) if volume is None else amplified(chime(rate), volume)
            for run in (sound, silence(BREATH, rate)):
                for frame in run.frames(FRAME):
                    yield frame
        for time in range(self.announcement.repeat):
            if time:
                for frame in silence(GAP, rate).frames(FRAME):
                    yield frame
            async with aclosing(self._said()) as speech:
                async for frame in speech:
                    yield frame

    def leave(self) -> None:
        """One target needs it no more; after the last one nothing is made any longer."""
        self._listeners -= 1
        if not self._listeners:
            self._frames.clear()
            self._ended = True
            self._spawn(self._opened.aclose())

    async def _said(self) -> AsyncGenerator[Pcm, None]:
        """Yield the speech from its beginning."""
        at = 0
        while await self._reaches(at):
            yield self._frames[at]
            at += 1

    async def _reaches(self, at: int) -> bool:
        """Return whether there is a frame `at`, once that is known."""
        while len(self._frames) <= at:
            async with self._turn:
                if len(self._frames) > at:
                    break
                if self._error:
                    raise self._error
                if self._ended:
                    return False
                await self._make_one()
        return True

    async def _make_one(self) -> None:
        speech = await self._open()
        try:
            frame = await anext(speech, None)
        except SpeechError as error:
            self._error = error
            raise
        if frame is None:
            self._ended = True
        else:
            self._frames.append(frame)

    async def _begin(self) -> None:
        """Have the engine begin, so that it works while the target connects and chimes."""
        async with self._turn:
            if not self._ended:
                await self._open()

    async def _open(self) -> AsyncIterator[Pcm]:
        if self._speech is None:
            speaking = self._speaker.speak(_whole(self.announcement.message), self._request)
            speech = await self._opened.enter_async_context(speaking)
            gained = with_gain(speech, await self._gain())
            self._speech = await self._opened.enter_async_context(aclosing(gained))
        return self._speech


async def _whole(text: str) -> AsyncIterator[str]:
    yield text
