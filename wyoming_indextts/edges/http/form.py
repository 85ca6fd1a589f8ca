"""Reads a form with a file in it: a few short fields and one recording, never more or longer."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_exceptions import HTTPException
from aiohttp.web_protocol import RequestPayloadError

from wyoming_indextts.edges.http.asking import check_known
from wyoming_indextts.errors import BadDataError, BadRequestError, TimedOutError, TooLargeError

KIND: Final = "multipart/form-data"

FILE: Final = "file"
"""The one field that is a file; its name and type are nobody's business."""

LONGEST_FIELD: Final = 8192
"""Bytes of another field."""

PARTS: Final = 32
"""Fields of the longest form."""

OVERHEAD: Final = 256 * 1024
"""Bytes that the other fields and the form itself may have beside the file."""

BROKEN: Final = (
    HttpProcessingError, HTTPException, RequestPayloadError,
    ValueError, AssertionError, RuntimeError, LookupError,
)  # fmt: skip
"""What the library raises when a form is none."""


@dataclass(slots=True)
class Form:
    """What was filled in, in the order in which it came."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    file: bytes | None = None

    def one(self, name: str) -> str | None:
        """Return a field without the space around it; None if it is empty or not there.

        Raises:
            BadRequestError: it is there twice.
        """
        values = self.fields.get(name, [])
        if len(values) > 1:
            raise BadRequestError(f"{name} is there twice")
        return values[0].strip() or None if values else None

    def several(self, name: str) -> tuple[str, ...]:
        """Return all values of a field that say something."""
        values = (value.strip() for value in self.fields.get(name, []))
        return tuple(value for value in values if value)


async def read_form(
    request: web.Request, known: Collection[str], largest: int, patience: float
) -> Form:
    """Return the form that the body is.

    Raises:
        BadDataError: it is none, or is cut off.
        BadRequestError: a field is not `known`, no text, or there are too many; or two files.
        TooLargeError: the file has more than `largest` bytes, or a field is too long.
        TimedOutError: it was not there after `patience` seconds.
    """
    too_large = TooLargeError(f"the file may have {largest} bytes")
    if (request.content_length or 0) > largest + OVERHEAD:
        raise too_large
    form = Form()
    count = 0
    async with _readable(patience):
        reader = await request.multipart()
        while (part := await _next(reader)) is not None:
            name = part.name or ""
            check_known([name], [FILE, *known])
            count += 1
            if count > PARTS:
                raise BadRequestError(f"a form may have {PARTS} fields")
            if name != FILE:
                content = await _content(part, LONGEST_FIELD, TooLargeError(f"{name} is too long"))
                form.fields.setdefault(name, []).append(_text(content, name))
            elif form.file is None:
                form.file = await _content(part, largest, too_large)
            else:
                raise BadRequestError("one file is enrolled at a time")
    return form


@asynccontextmanager
async def _readable(patience: float) -> AsyncGenerator[None, None]:
    """Turn what the library says of a broken form into our errors, and end a slow one."""
    try:
        async with asyncio.timeout(patience):
            yield
    except TimeoutError:
        raise TimedOutError(f"the form was not complete after {patience:g} s") from None
    except BROKEN:
        raise BadDataError("the form cannot be read, or is cut off") from None


async def _next(reader: MultipartReader) -> BodyPartReader | None:
    part = await reader.next()
    if part is None or isinstance(part, BodyPartReader):
        return part
    raise BadDataError("a form in a form is not read")


async def _content(part: BodyPartReader, limit: int, too_large: TooLargeError) -> bytes:
    content = bytearray()
    while piece := await part.read_chunk(64 * 1024):
        content += piece
        if len(content) > limit:
            raise too_large
    return bytes(content)


def _text(content: bytes, name: str) -> str:
    with suppress(UnicodeDecodeError):
        return content.decode()
    raise BadRequestError(f"{name} is not UTF-8 text")
