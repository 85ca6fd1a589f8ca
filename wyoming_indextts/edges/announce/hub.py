"""A target that is an entity of Home Assistant's: a satellite, or a media player.

Over its REST interface: `assist_satellite.announce`, whose call ends when the sound has been
played, or `media_player.play_media`, whose call ends at once. Home Assistant hides that a link
leads nowhere, so what tells is whether the sound was fetched.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from wyoming_indextts.edges.announce.offered import (
    FETCHING,
    LIVE,
    PLAIN,
    Base,
    fetched,
    heard,
    offered,
)
from wyoming_indextts.errors import SpeechError, TargetFailedError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.links import Link, Links
from wyoming_indextts.speech.queue import Ready

UNAUTHORIZED: Final = 401
GOOD: Final = range(200, 300)

SATELLITE: Final = "assist_satellite"

STOPPING: Final = 2.0
"""Seconds that a player is given to fall silent."""


@dataclass(frozen=True, slots=True)
class HubOptions:
    """Where Home Assistant is, and who we are there."""

    url: str
    """Without a slash at its end."""

    token: str | None = None
    """A long-lived access token."""

    token_file: Path | None = None
    """Holds it; read for each announcement."""

    fetching: float = FETCHING
    """Seconds within which the sound must be fetched."""

    packing: bool = True
    """Whether anything but WAV can be made here.

    Where it can, satellites are given Ogg Opus: Home Assistant hands them the sound through
    ffmpeg, which looks at four seconds of WAV before it gives any, and at one of Opus (Home
    Assistant 2026.11, a live link).
    """

    answering: float = 15.0
    """Seconds beyond the sound's own that a satellite may take."""


class HubTarget:
    """Plays at one entity."""

    def __init__(self, entity: str, links: Links, base: Base, options: HubOptions) -> None:
        """Take the entity's id, such as `media_player.kitchen`."""
        self._entity = entity
        self._links = links
        self._base = base
        self._options = options

    async def play(self, sound: AsyncIterator[Pcm], ready: Ready) -> None:  # noqa: ARG002 - the port's
        """Have Home Assistant play `sound`; return when it was heard.

        Cancelled, it breaks off what is fetched, and stops a media player.

        Raises:
            TargetFailedError: Home Assistant is not reached, refuses, or does not fetch the sound.
            SpeechError: what `sound` raises.
        """
        base = self._base()
        limit = aiohttp.ClientTimeout(total=None, sock_connect=self._options.fetching)
        async with (
            offered(self._links, sound) as link,
            aiohttp.ClientSession(timeout=limit) as client,
        ):
            await link.recording.begun()
            try:
                await self._played(client, base, link)
            except asyncio.CancelledError:
                await self._stop(client)
                raise

    async def _played(self, client: aiohttp.ClientSession, base: str, link: Link) -> None:
        place = f"{base}/a/{link.name}"
        if self._satellite:
            live = f"{place}/{LIVE if self._options.packing else PLAIN}"
            asked = self._call(client, "announce", media_id=live, preannounce=False)
        else:
            asked = self._call(
                client,
                "play_media",
                media_content_id=f"{place}/speech.wav",
                media_content_type="music",
                announce=True,
            )
        calling = asyncio.create_task(asked, name="hub")
        fetching = asyncio.create_task(fetched(link, self._options.fetching), name="hub-fetch")
        try:
            await asyncio.wait([calling, fetching], return_when=asyncio.FIRST_COMPLETED)
            if calling.done():
                calling.result()
            await fetching
            await heard(link)
            await self._ended(calling)
        finally:
            for task in (calling, fetching):
                task.cancel()
            await asyncio.wait([calling, fetching])

    async def _ended(self, calling: asyncio.Task[None]) -> None:
        try:
            async with asyncio.timeout(self._options.answering):
                await calling
        except TimeoutError:
            raise TargetFailedError(f"{self._entity} does not say that it has played") from None

    async def _call(self, client: aiohttp.ClientSession, service: str, **data: object) -> None:
        """Call a service of the entity's kind.

        Raises:
            TargetFailedError: it is not reached, or refuses.
        """
        kind = self._entity.partition(".")[0]
        url = f"{self._options.url}/api/services/{kind}/{service}"
        token = await asyncio.to_thread(self._token)
        headers = {"Authorization": f"Bearer {token}"}
        body = {"entity_id": self._entity, **data}
        try:
            async with client.post(url, json=body, headers=headers) as answer:
                status = answer.status
        except aiohttp.ClientError as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise TargetFailedError(f"Home Assistant is not reached: {reason}") from None
        except TimeoutError:
            raise TargetFailedError("Home Assistant does not answer") from None
        if status == UNAUTHORIZED:
            raise TargetFailedError("Home Assistant does not know our token")
        if status not in GOOD:
            raise TargetFailedError(f"Home Assistant answers {status} for {self._entity}")

    async def _stop(self, client: aiohttp.ClientSession) -> None:
        """Have a media player fall silent, as far as it listens."""
        if not self._satellite:
            try:
                async with asyncio.timeout(STOPPING):
                    await self._call(client, "media_stop")
            except (SpeechError, TimeoutError):
                pass

    @property
    def _satellite(self) -> bool:
        return self._entity.startswith(f"{SATELLITE}.")

    def _token(self) -> str:
        if self._options.token_file is None:
            return self._options.token or ""
        try:
            return self._options.token_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise TargetFailedError("the token for Home Assistant cannot be read") from None
