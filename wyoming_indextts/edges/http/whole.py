"""Finished files: all of an utterance in one, which is fetched at once or in parts."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from wyoming_indextts.edges.http.formats import FORMATS
from wyoming_indextts.edges.http.speaking import HEADERS
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.wav import wav_head

FILES: Final = 8
"""Finished files kept for whoever fetches them in parts."""


def packed(runs: Sequence[Pcm], name: str) -> tuple[bytes, str]:
    """Return a finished file of a format and its type; takes a moment.

    Raises:
        UnsupportedError: what makes such files is not installed.
    """
    packing = FORMATS[name]
    rate = runs[0].rate
    data = b"".join(run.data for run in runs)
    kind = packing.content_type(rate)
    if name == "wav":
        return wav_head(rate, len(data)) + data, kind
    packer = packing.begin(rate)
    return packer.pack(Pcm(data, rate)) + packer.end(), kind


def part_of(request: web.Request, content: bytes, kind: str) -> web.Response:
    """Return the range that is asked for, or all; `HEAD` gets the same without the body."""
    size = len(content)
    headers = {**HEADERS, "Content-Type": kind, "Accept-Ranges": "bytes"}
    try:
        wanted = request.http_range
    except ValueError:  # one that cannot be read, or several: as if none were asked for
        wanted = slice(None)
    if wanted.start is None and wanted.stop is None:
        return web.Response(body=content, headers=headers)
    start, stop, _ = wanted.indices(size)
    if start >= stop:
        headers["Content-Range"] = f"bytes */{size}"
        return web.Response(status=416, headers=headers)
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return web.Response(status=206, body=content[start:stop], headers=headers)
