"""Who may ask: by the name the server is called by, by the page that asks, and by a token.

A page of another site that a browser in the house has open can send requests here, and a name of
its own can be made to lead here (DNS rebinding). So a request is refused whose Host is no address,
no name of a local network and no name of the settings, and one that another site's page sent.
A token, in the header `Authorization: Bearer` or in the page's cookie, tells what is allowed.
Who comes through Home Assistant's ingress (`ingress`) has been asked there.
"""

import hmac
import time
from collections import Counter
from collections.abc import Collection
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from wyoming_indextts.edges.http.asker import admit
from wyoming_indextts.edges.http.ingress import Ingress
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.origin import is_foreign
from wyoming_indextts.edges.http.route import Handler, Route, Scope
from wyoming_indextts.errors import BusyError, ForbiddenError, UnauthorizedError

COOKIE: Final = "wyoming-indextts"
"""The cookie in which a browser keeps its token."""

LOCAL: Final = ("localhost", "local", "lan", "home", "internal", "home.arpa", "localdomain")
"""What names end in that nobody outside can own."""

GUESSES: Final = 20
"""Wrong tokens from one address in `FORGOTTEN` seconds; with more it is told `busy`."""

FORGOTTEN: Final = 60.0

CORS: Final = {
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
    "Access-Control-Max-Age": "600",
}
"""What another site that may use this server may send."""


class Guard:
    """Admits requests."""

    def __init__(self, options: HttpOptions) -> None:
        self._hosts = frozenset(name.lower().rstrip(".") for name in options.hosts)
        self._origins = frozenset(origin.lower().rstrip("/") for origin in options.origins)
        self._ingress = Ingress(options.ingress)
        self._tokens = options.tokens
        self._wrong: Counter[str] = Counter()  # bounded: forgotten as a whole
        self._since = time.monotonic()

    def guarded(self, route: Route) -> Handler:
        """Return the route's handler behind this guard."""

        async def handler(request: web.Request) -> web.StreamResponse:
            if self._ingress.has_sent(request):
                if not route.elsewhere:
                    self._ingress.check_origin(request)
                return await route.handler(request)
            self.check_name(request)
            if not route.elsewhere:
                self.check_origin(request)
            if route.scope is not None:
                try:
                    self.check_token(request, route.scope)
                except UnauthorizedError:
                    if "text/html" in request.headers.get("Accept", ""):
                        raise web.HTTPSeeOther("login") from None
                    raise
            return await route.handler(request)

        return handler

    async def preflight(self, request: web.Request) -> web.StreamResponse:
        """Answer a browser that asks whether another site's page may send what it wants to."""
        self.check_name(request)
        self.check_origin(request)
        return web.Response(status=204, headers=CORS)

    async def mark(self, request: web.Request, answer: web.StreamResponse) -> None:
        """Let a page of a site that may use this server read the answer."""
        origin = request.headers.get("Origin", "").lower()
        if origin in self._origins:
            answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers["Access-Control-Expose-Headers"] = "Link, Location, X-Session-Id"
            answer.headers["Vary"] = "Origin"

    def check_name(self, request: web.Request) -> None:
        """Check what the server is called.

        Raises:
            ForbiddenError: it is a name that others may own.
        """
        name = _hostname(request.headers.get("Host", "localhost"))
        if not (name in self._hosts or _is_ours(name)):
            raise ForbiddenError(
                f"this server is not called {name[:80]!r}; http.hosts names what it is called"
            )

    def check_origin(self, request: web.Request) -> None:
        """Check whose page asks.

        Raises:
            ForbiddenError: it is another site's.
        """
        own = request.headers.get("Host", "").lower()
        if is_foreign(request, {own}, self._origins):
            raise ForbiddenError("another site's page may not do that; http.origins names who may")

    def check_token(self, request: web.Request, scope: Scope) -> None:
        """Check that a request carries a token with `scope`.

        Raises:
            UnauthorizedError, ForbiddenError, BusyError: there is none that is known, or it does
                not allow that, or there were too many wrong ones.
        """
        if self._tokens is None:
            return
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            given = request.cookies.get(COOKIE, "")
        scopes = self.scopes(given.strip(), request.remote or "")
        admit(request, given.strip(), frozenset(scopes))
        if scope not in scopes:
            raise ForbiddenError(f"this token does not allow to {scope}")

    def scopes(self, given: str, address: str) -> Collection[str]:
        """Return what a token allows, whoever gives it; takes the same time for all that are wrong.

        Raises:
            UnauthorizedError, BusyError: see `check_token`.
        """
        now = time.monotonic()
        if now - self._since > FORGOTTEN:
            self._wrong.clear()
            self._since = now
        if self._wrong[address] >= GUESSES:
            raise BusyError("too many wrong tokens; try again in a minute")
        found: Collection[str] | None = None
        for token, scopes in (self._tokens or {}).items():
            if hmac.compare_digest(token.encode(), given.encode("utf-8", "replace")):
                found = scopes
        if found is None:
            if given:
                self._wrong[address] += 1
            raise UnauthorizedError("a token is needed, as Authorization: Bearer TOKEN")
        return found


def _hostname(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_ours(name: str) -> bool:
    """Return whether a name is an address, or one that only a local network knows."""
    try:
        ip_address(name.partition("%")[0])
    except ValueError:
        return bool(name) and ("." not in name or name.endswith(tuple(f".{end}" for end in LOCAL)))
    return True
