"""Reads what a request carries, never more of it and never longer than allowed."""

import asyncio
import json

from aiohttp import web
from aiohttp.web_exceptions import HTTPException

from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.errors import (
    BadDataError,
    BadRequestError,
    TimedOutError,
    TooLargeError,
)


async def read_json(request: web.Request, options: HttpOptions) -> dict[str, object]:
    """Return the JSON object that the body is.

    A page of another site cannot send the type `application/json` without asking first.

    Raises:
        BadRequestError: it is said to be of another type.
        BadDataError: it is no JSON object.
        TooLargeError, TimedOutError: as the names say.
    """
    if request.content_type != "application/json":
        raise BadRequestError("the body must be JSON, with Content-Type: application/json")
    content = await read_bytes(request, options.json_bytes, options.body_timeout)
    return object_of(content)


def object_of(content: str | bytes) -> dict[str, object]:
    """Return the JSON object that `content` is.

    Raises:
        BadDataError: it is none.
    """
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise BadDataError("what was sent is not JSON") from None
    if not isinstance(value, dict):
        raise BadDataError("what was sent is not a JSON object")
    return value


async def read_bytes(request: web.Request, limit: int, patience: float) -> bytes:
    """Return the whole body.

    Raises:
        TooLargeError: it is longer than `limit` bytes.
        TimedOutError: it was not there after `patience` seconds.
    """
    too_large = TooLargeError(f"the body may have {limit} bytes")
    if (request.content_length or 0) > limit:
        raise too_large
    content = bytearray()
    try:
        async with asyncio.timeout(patience):
            while piece := await request.content.readany():
                content += piece
                if len(content) > limit:
                    raise too_large
    except TimeoutError:
        raise TimedOutError(f"the body was not complete after {patience:g} s") from None
    except HTTPException:
        raise BadDataError("the body cannot be read") from None
    return bytes(content)
