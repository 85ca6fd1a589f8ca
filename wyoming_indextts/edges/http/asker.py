"""Who asks by a request: where from, with which token, and what that allows; and what it is about.

It is kept with the request, from the guard to the record.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from aiohttp import web

from wyoming_indextts.edges.http.route import SCOPES
from wyoming_indextts.speech.deeds import Asker

HEADER: Final = "X-Request-Id"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request's. `token` is an id that tells nothing of the token itself."""

    address: str
    request: str
    token: str | None = None
    scopes: frozenset[str] = frozenset(SCOPES)

    def asker(self, utterance: str = "") -> Asker:
        """Return who is put on record, for one utterance of many if it has a name."""
        actor = f"token:{self.token}@{self.address}" if self.token else self.address
        return Asker(actor, f"{self.request}/{utterance}" if utterance else self.request)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request is about: a voice, say, and what is to be known beside its name."""

    name: str
    more: Mapping[str, str | int | float]


ASKED: Final = web.RequestKey("asked", Asked)
"""Where it is kept in a request."""

SUBJECT: Final = web.RequestKey("subject", Subject)
"""Where it is kept what a request is about."""

NOTHING: Final = Subject("", {})


def asked_of(request: web.BaseRequest) -> Asked:
    """Return who asks, as far as it is known by now."""
    asked = request.get(ASKED)
    if asked is None:
        asked = request[ASKED] = Asked(request.remote or "", secrets.token_hex(8))
    return asked


def admit(request: web.BaseRequest, token: str, scopes: frozenset[str]) -> None:
    """Take note that a request carries a token, and of what that allows."""
    digest = hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
    request[ASKED] = replace(asked_of(request), token=digest[:8], scopes=scopes)


def about(request: web.BaseRequest, name: str, **more: str | float) -> None:
    """Take note of what a request is about, for the record."""
    request[SUBJECT] = Subject(name, more)


def subject_of(request: web.BaseRequest) -> Subject:
    """Return what a request is about; nothing if nobody took note."""
    return request.get(SUBJECT) or NOTHING


async def tell_request(request: web.Request, answer: web.StreamResponse) -> None:
    """Let the client know its request's id, which the record has too."""
    answer.headers[HEADER] = asked_of(request).request
