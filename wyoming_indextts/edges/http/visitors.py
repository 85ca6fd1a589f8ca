"""How much one client may ask for: requests by the second, and sessions at a time.

A client is an IPv4 address, or the network of an IPv6 one, whose machine may choose among 2**64.
This machine's own clients are not counted: a proxy that was not told of would be one of them.
"""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from aiohttp import web

from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.errors import BusyError

KNOWN: Final = 4096
"""Clients that are remembered; with one more the one who asked least lately is forgotten."""

NETWORK: Final = 64
"""Bits of an IPv6 address that tell one client from another."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class _Visitor:
    tokens: float
    since: float
    sessions: int = 0


class Visitors:
    """Counts what clients ask for: a token bucket each, and the sessions that each holds."""

    def __init__(self, options: HttpOptions, clock: Callable[[], float] = time.monotonic) -> None:
        self._options = options
        self._clock = clock
        self._known: OrderedDict[str, _Visitor] = OrderedDict()  # bounded by KNOWN and sessions
        self._sessions = 0

    def __len__(self) -> int:
        """Return how many clients are remembered."""
        return len(self._known)

    @web.middleware
    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Have a request handled, unless its client asks too often.

        Raises:
            BusyError: it does.
        """
        self.count(request.remote)
        return await handler(request)

    def count(self, address: str | None) -> None:
        """Count one request of a client.

        Raises:
            BusyError: it is one too many.
        """
        visitor = self._visitor(address)
        if visitor is None:
            return
        now, most = self._clock(), self._options.burst
        gained = (now - visitor.since) * self._options.requests
        visitor.tokens, visitor.since = min(visitor.tokens + gained, most), now
        if visitor.tokens < 1:
            raise BusyError(f"too many requests; {self._options.requests:g} a second go on and on")
        visitor.tokens -= 1

    @contextmanager
    def session(self, address: str | None) -> Iterator[None]:
        """Count one session of a client for as long as the block runs.

        Raises:
            BusyError: there are as many as there may be, of it or of all.
        """
        if self._sessions >= self._options.sessions:
            raise BusyError(f"{self._options.sessions} sessions are held already")
        visitor = self._visitor(address)
        if visitor is not None:
            if visitor.sessions >= self._options.sessions_per_client:
                raise BusyError("your address holds as many sessions as it may")
            visitor.sessions += 1
        self._sessions += 1
        try:
            yield
        finally:
            self._sessions -= 1
            if visitor is not None:
                visitor.sessions -= 1

    def _visitor(self, address: str | None) -> _Visitor | None:
        """Return a client, None for those that are not counted."""
        name = _client(address or "")
        if name is None:
            return None
        if name not in self._known:
            self._forget()
            self._known[name] = _Visitor(self._options.burst, self._clock())
        self._known.move_to_end(name)
        return self._known[name]

    def _forget(self) -> None:
        """Make room for one more; whoever holds a session is remembered."""
        if len(self._known) < KNOWN:
            return
        idle = next((name for name, known in self._known.items() if not known.sessions), None)
        if idle is not None:
            del self._known[idle]


def _client(address: str) -> str | None:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address or None
    if found.is_loopback:
        return None
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return None if found.ipv4_mapped.is_loopback else str(found.ipv4_mapped)
        return str(ip_network((int(found), NETWORK), strict=False).network_address)
    return str(found)
