"""One utterance as the body of one answer: chunk by chunk, as it is made.

Nothing is answered before the first sound is there, so that what can go wrong with an utterance
as a whole has its status and its code. What goes wrong afterwards cuts the connection: a body
that ended in order would be taken for all of the speech, and kept.
"""

import asyncio
import logging
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from aiohttp import web

from wyoming_indextts.edges.http.asker import asked_of
from wyoming_indextts.edges.http.formats import Format
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.traffic import count_sound
from wyoming_indextts.errors import SpeechError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.speaker import Speaker

log = logging.getLogger(__name__)

SESSION: Final = "X-Session-Id"
"""The header with the secret by which an answer's speech can be ended."""

HEADERS: Final = {"Cache-Control": "no-store", "X-Synthetic-Speech": "true"}
"""Of every answer that is speech."""


class Speech:
    """Answers requests with speech."""

    def __init__(self, speaker: Speaker, options: HttpOptions) -> None:
        self._speaker = speaker
        self._patience = options.write_timeout
        self._live: defaultdict[str, set[int]] = defaultdict(set)  # bounded by the connections

    def __len__(self) -> int:
        """Return how many answers sound."""
        return sum(map(len, self._live.values()))

    def check(self, wanted: Request) -> None:
        """Raise what `answer` would raise about the request itself."""
        self._speaker.check(wanted)

    def end(self, session: str) -> int:
        """End the answers of a session; return how many there were."""
        utterances = self._live.get(session, set())
        return sum(self._speaker.interrupt(utterance=utterance) for utterance in utterances)

    async def answer(
        self,
        request: web.Request,
        text: str,
        wanted: Request,
        packing: Format,
        session: str | None = None,
    ) -> web.StreamResponse:
        """Speak `text`; a client that leaves ends it, and so does `end` with the session's id.

        Raises:
            SpeechError: it cannot be spoken, and nothing was answered yet.
        """
        wanted = replace(wanted, asker=asked_of(request).asker())
        session = session or secrets.token_urlsafe(16)
        more = {SESSION: session}
        async with self._speaker.speak(_once(text), wanted) as sound:
            with self._sounding(session, sound.utterance):
                return await streamed(request, sound, packing, self._patience, more)

    @contextmanager
    def _sounding(self, session: str, utterance: int) -> Iterator[None]:
        self._live[session].add(utterance)
        try:
            yield
        finally:
            self._live[session].discard(utterance)
            if not self._live[session]:
                del self._live[session]


async def streamed(
    request: web.Request,
    sound: AsyncIterator[Pcm],
    packing: Format,
    patience: float,
    headers: Mapping[str, str] | None = None,
) -> web.StreamResponse:
    """Answer with `sound` as it comes; a client that takes nothing for `patience` seconds has gone.

    Raises:
        SpeechError: there is no sound, and nothing was answered yet.
    """
    first = await anext(sound)
    packer = packing.begin(first.rate)
    answer = web.StreamResponse(headers={**HEADERS, **(headers or {})})
    answer.headers["Content-Type"] = packing.content_type(first.rate)
    await answer.prepare(request)

    async def send(data: bytes) -> None:
        if data:
            async with asyncio.timeout(patience):
                await answer.write(data)
            count_sound(request, len(data))

    try:
        await send(packer.pack(first))
        async for pcm in sound:
            await send(packer.pack(pcm))
        await send(packer.end())
        await answer.write_eof()
    except SpeechError as error:
        log.info("%s broke off with %s: %s", request.path, error.code, error)
        _hang_up(request)
    except (ConnectionError, TimeoutError):
        log.debug("%s: the client has gone, or takes nothing", request.path)
        _hang_up(request)
    return answer


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _once(text: str) -> AsyncIterator[str]:
    yield text
