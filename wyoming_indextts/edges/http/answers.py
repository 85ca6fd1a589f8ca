"""Answers in JSON; errors by the one list of codes, each with a status of HTTP that fits."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web

from wyoming_indextts.errors import (
    BadHeaderError,
    BadRequestError,
    NotFoundError,
    SpeechError,
    TooLargeError,
    UnsupportedError,
)

log = logging.getLogger(__name__)

STATUS: Final[Mapping[str, int]] = {
    "bad-request": 400,
    "bad-header": 400,
    "bad-data": 400,
    "bad-length": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not-found": 404,
    "voice-not-found": 404,
    "emotion-not-found": 404,
    "target-not-found": 404,
    "timeout": 408,
    "cancelled": 410,  # not one that clients try again by themselves: somebody wanted silence
    "duplicate": 409,
    "quiet": 409,
    "expired": 410,
    "too-large": 413,
    "unsupported": 422,
    "busy": 429,
    "engine-failed": 500,
    "synthesis-failed": 500,
    "out-of-memory": 500,
    "weights-corrupt": 500,
    "target-failed": 502,
    "weights-missing": 503,
    "model-loading": 503,
    "shutdown": 503,
    "storage-full": 507,
}
"""The status of each code."""

AGAIN: Final[Mapping[str, int]] = {"busy": 1, "model-loading": 5}
"""Seconds after which it makes sense to ask again."""


def json_answer(value: object, status: int = 200) -> web.Response:
    """Return an answer that nobody keeps."""
    headers = {"Cache-Control": "no-store"}
    return web.json_response(value, status=status, headers=headers)


def error_body(error: SpeechError) -> dict[str, dict[str, str]]:
    """Return what a client reads of `error`."""
    return {"error": {"code": error.code, "message": str(error)}}


def error_answer(
    error: SpeechError, status: int | None = None, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return the answer that tells of `error`; `status` None: the code's own."""
    answer = json_answer(error_body(error), status or STATUS[error.code])
    if after := AGAIN.get(error.code):
        answer.headers["Retry-After"] = str(after)
    if error.code == "unauthorized":
        answer.headers["WWW-Authenticate"] = "Bearer"
    answer.headers.update(headers or {})
    return answer


@web.middleware
async def errors_as_json(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer with every error that a caller may be told of, the library's own ones too."""
    try:
        return await handler(request)
    except SpeechError as error:
        log.info("%s %s ended with %s: %s", request.method, request.path, error.code, error)
        return error_answer(error)
    except web.HTTPException as refusal:
        if refusal.status < web.HTTPBadRequest.status_code:
            raise
        kept = {name: refusal.headers[name] for name in ("Allow",) if name in refusal.headers}
        return error_answer(_named(refusal, request), refusal.status, kept)


def _named(refusal: web.HTTPException, request: web.Request) -> SpeechError:
    match refusal.status:
        case 404:
            return NotFoundError("there is nothing here; /openapi.json lists what there is")
        case 405:
            return UnsupportedError(f"{request.method} is not done here; Allow says what is")
        case 413:
            return TooLargeError("the request is too large")
        case 417:
            return BadHeaderError("the only expectation that is met is 100-continue")
        case _:
            return BadRequestError(refusal.reason)
