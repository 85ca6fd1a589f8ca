"""Sound that a target fetches itself, by a link."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Final

from wyoming_indextts.errors import InterruptedSpeechError, SpeechError, TargetFailedError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.links import Link, Links
from wyoming_indextts.speech.queue import Ready
from wyoming_indextts.speech.recording import Recording

FETCHING: Final = 10.0
"""Seconds within which somebody must begin to fetch the sound."""

FILES: Final[Mapping[str, str]] = {
    "wav": "speech.wav",
    "mp3": "speech.mp3",
    "flac": "speech.flac",
    "opus": "speech.ogg",
}
"""What is behind a link, by format."""

LIVE: Final = "live.ogg"
"""What comes while it is made. Home Assistant's ffmpeg begins with it at once, and only after
seconds with WAV."""

PLAIN: Final = "live.wav"
"""The same where nothing can be packed."""

Base = Callable[[], str]
"""Gives where this server is reached, without a slash at its end; raises TargetFailedError."""


class LinkTarget:
    """Says by `ready` where the sound is; somebody else has it played."""

    def __init__(
        self, links: Links, base: Base, *, packing: bool = True, fetching: float = FETCHING
    ) -> None:
        """Take the parts; `packing` says whether anything but WAV can be made here."""
        self._links = links
        self._base = base
        self._packing = packing
        self._fetching = fetching

    async def play(self, sound: AsyncIterator[Pcm], ready: Ready) -> None:
        """Offer `sound`; return when whoever fetches it has had the time to play it.

        Cancelled, it breaks off what is fetched while it is made.

        Raises:
            TargetFailedError: nobody fetched it in time, or there is nowhere to fetch it from.
            SpeechError: what `sound` raises.
        """
        base = self._base()
        async with offered(self._links, sound) as link:
            await link.recording.begun()
            ready(addresses(base, link, packing=self._packing))
            await fetched(link, self._fetching)
            await heard(link)


@asynccontextmanager
async def offered(links: Links, sound: AsyncIterator[Pcm]) -> AsyncGenerator[Link, None]:
    """Give a link to `sound`, which is made while the block runs."""
    recording = Recording()
    link = links.offer(recording)
    feeding = asyncio.create_task(_feed(recording, sound), name="link")
    try:
        yield link
    finally:
        feeding.cancel()
        await asyncio.wait([feeding])
        recording.end(InterruptedSpeechError("somebody asked for silence"))


async def fetched(link: Link, seconds: float) -> None:
    """Wait until somebody begins to fetch the sound.

    Raises:
        TargetFailedError: nobody did in time.
    """
    try:
        async with asyncio.timeout(seconds):
            await link.fetched.wait()
    except TimeoutError:
        raise TargetFailedError(f"nobody fetched the sound within {seconds:g} s") from None


async def heard(link: Link) -> None:
    """Wait until a sound that is fetched from now on has been made, and has had its time.

    Raises:
        SpeechError: that with which it ended.
    """
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with aclosing(link.recording.sound()) as sound:
        async for _ in sound:
            pass
    left = begun + link.recording.seconds - loop.time()
    await asyncio.sleep(max(0.0, left))


def addresses(base: str, link: Link, *, packing: bool) -> Mapping[str, object]:
    """Return where the sound is, in the form of the event; without `packing` as WAV alone."""
    place = f"{base}/a/{link.name}"
    return {
        "url": f"{place}/{FILES['wav']}",
        "live_url": f"{place}/{LIVE if packing else PLAIN}",
        "urls": {kind: f"{place}/{f}" for kind, f in FILES.items() if packing or kind == "wav"},
    }


async def _feed(recording: Recording, sound: AsyncIterator[Pcm]) -> None:
    try:
        async for run in sound:
            recording.add(run)
    except SpeechError as error:
        recording.end(error)
    else:
        recording.end()
