"""One utterance as the body of one answer: chunk by chunk, as it is made.

Nothing is answered before the first sound is there, so that what can go wrong with an utterance
as a whole has its status and its code. What goes wrong afterwards cuts the connection: a body
that ended in order would be taken for all of the speech, and kept.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

from aiohttp import web

from wyoming_indextts.edges.http.asker import asked_of
from wyoming_indextts.edges.http.formats import Format
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.errors import SpeechError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.speaker import Speaker

log = logging.getLogger(__name__)

HEADERS: Final = {"Cache-Control": "no-store", "X-Synthetic-Speech": "true"}
"""Of every answer that is speech."""


class Speech:
    """Answers requests with speech."""

    def __init__(self, speaker: Speaker, options: HttpOptions) -> None:
        self._speaker = speaker
        self._patience = options.write_timeout

    def check(self, wanted: Request) -> None:
        """Raise what `answer` would raise about the request itself."""
        self._speaker.check(wanted)

    async def answer(
        self, request: web.Request, text: str, wanted: Request, packing: Format
    ) -> web.StreamResponse:
        """Speak `text`; a client that leaves ends it.

        Raises:
            SpeechError: it cannot be spoken, and nothing was answered yet.
        """
        wanted = replace(wanted, asker=asked_of(request).asker())
        async with self._speaker.speak(_once(text), wanted) as sound:
            return await streamed(request, sound, packing, self._patience)


async def streamed(
    request: web.Request, sound: AsyncIterator[Pcm], packing: Format, patience: float
) -> web.StreamResponse:
    """Answer with `sound` as it comes; a client that takes nothing for `patience` seconds has gone.

    Raises:
        SpeechError: there is no sound, and nothing was answered yet.
    """
    first = await anext(sound)
    packer = packing.begin(first.rate)
    answer = web.StreamResponse(headers=HEADERS)
    answer.headers["Content-Type"] = packing.content_type(first.rate)
    await answer.prepare(request)
    try:
        await _send(answer, packer.pack(first), patience)
        async for pcm in sound:
            await _send(answer, packer.pack(pcm), patience)
        await _send(answer, packer.end(), patience)
        await answer.write_eof()
    except SpeechError as error:
        log.info("%s broke off with %s: %s", request.path, error.code, error)
        _hang_up(request)
    except (ConnectionError, TimeoutError):
        log.debug("%s: the client has gone, or takes nothing", request.path)
        _hang_up(request)
    return answer


async def _send(answer: web.StreamResponse, data: bytes, patience: float) -> None:
    if data:
        async with asyncio.timeout(patience):
            await answer.write(data)


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _once(text: str) -> AsyncIterator[str]:
    yield text
