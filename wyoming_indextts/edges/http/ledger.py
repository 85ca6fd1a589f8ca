"""Puts requests on record: those that do something, and those that are refused."""

import time
from typing import Final

from aiohttp import web

from wyoming_indextts.edges.http.asker import asked_of, subject_of
from wyoming_indextts.edges.http.route import Handler, Route
from wyoming_indextts.errors import ForbiddenError, SpeechError, UnauthorizedError
from wyoming_indextts.speech.deeds import OK, Deed, Recorder

REFUSALS: Final = 60
"""Refused requests that are recorded in `PERIOD` seconds; of more only the number is."""

PERIOD: Final = 60.0


class Ledger:
    """Records what comes of requests."""

    def __init__(self, record: Recorder) -> None:
        self._record = record
        self._since = time.monotonic()
        self._refused = 0

    def recorded(self, route: Route, handler: Handler) -> Handler:
        """Return the handler of a route, guard and all, with its record."""

        async def recorded(request: web.Request) -> web.StreamResponse:
            try:
                answer = await handler(request)
            except (UnauthorizedError, ForbiddenError) as error:
                self._refuse(request, route, error.code)
                raise
            except SpeechError as error:
                self._do(request, route, error.code)
                raise
            if answer.status == web.HTTPUnauthorized.status_code:
                self._refuse(request, route, UnauthorizedError.code)
            else:
                self._do(request, route, OK)
            return answer

        return recorded

    def _do(self, request: web.Request, route: Route, result: str) -> None:
        if route.action is not None:
            subject = subject_of(request)
            asker = asked_of(request).asker()
            self._record(Deed(route.action, asker, subject.name, result, subject.more))

    def _refuse(self, request: web.Request, route: Route, code: str) -> None:
        """Record it by its route: what stands in an address may be a secret.

        Whoever is refused must not be able to push out all that was recorded before.
        """
        now = time.monotonic()
        if now - self._since > PERIOD:
            unlisted = max(0, self._refused - REFUSALS)
            self._since, self._refused = now, 0
        else:
            unlisted = 0
        self._refused += 1
        if self._refused <= REFUSALS:
            more = {"unlisted": unlisted} if unlisted else {}
            where = f"{route.method} {route.path}"
            self._record(Deed("refused", asked_of(request).asker(), where, code, more))
