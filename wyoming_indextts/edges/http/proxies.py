"""Who really asks where a reverse proxy hands requests on: whatever the proxies we trust say.

    X-Forwarded-For                       where the client is
    X-Forwarded-Proto, X-Forwarded-Host   what it called: http or https, and by which name
    X-Ingress-Path, X-Forwarded-Prefix    the path below which it sees this server

Anybody can send these, so they are read only if who is connected is one of `trusted_proxies`. Each
proxy adds an entry at the right of what came in, so what is right of the last trusted one is true
and what is left of it is hearsay.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from aiohttp import web

PREFIX: Final = web.RequestKey("prefix", str)
"""Where a request keeps the path below which its client sees this server; "" if at the root."""

PATH: Final = re.compile(r"(/[A-Za-z0-9._~%@:+-]{1,128}){1,16}")
"""What may be such a path: it comes to stand in a cookie."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class _Asked:
    client: str
    entries: int
    """How many of the proxies that the request went through are trusted."""


class Proxies:
    """Knows which proxies to believe."""

    def __init__(self, trusted: Sequence[str]) -> None:
        """Take addresses and networks, such as `127.0.0.1` and `172.30.32.0/23`.

        Raises:
            ValueError: one is neither.
        """
        self._trusted = [ip_network(network, strict=False) for network in trusted]

    def trusts(self, address: str | None) -> bool:
        """Return whether what this address says of its clients is believed."""
        found = _address(address or "")
        return found is not None and any(found in network for network in self._trusted)

    @web.middleware
    async def unveil(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Have the request handled as its client sent it, wherever the proxy stands."""
        if not self.trusts(request.remote):
            return await handler(request)
        asked = self._asked(request)
        headers = request.headers.copy()
        if host := _entry(request, "X-Forwarded-Host", asked.entries):
            headers["Host"] = host
        scheme = _entry(request, "X-Forwarded-Proto", asked.entries).lower()
        if scheme not in ("http", "https"):
            scheme = request.scheme
        told = request.clone(headers=headers, scheme=scheme, remote=asked.client)
        told[PREFIX] = _prefix(request)
        return await handler(told)

    def _asked(self, request: web.Request) -> _Asked:
        """Return the first address from the right that is no proxy of ours."""
        entries, client = 1, request.remote or ""
        for told in reversed(_entries(request, "X-Forwarded-For")):
            address = _address(told)
            if address is None:
                break
            client = str(address)
            if not self.trusts(client):
                break
            entries += 1
        return _Asked(client, entries)


def prefix_of(request: web.Request) -> str:
    """Return the path below which the client sees this server, without a slash at its end."""
    found: str = request.get(PREFIX, "")
    return found


def _prefix(request: web.Request) -> str:
    for name in ("X-Ingress-Path", "X-Forwarded-Prefix"):
        told = request.headers.get(name, "").rstrip("/")
        if PATH.fullmatch(told):
            return told
    return ""


def _entries(request: web.Request, name: str) -> list[str]:
    """Return all that a list of a header holds; it may be parted among several lines."""
    lines = request.headers.getall(name, ())
    return [entry.strip() for line in lines for entry in line.split(",") if entry.strip()]


def _entry(request: web.Request, name: str, from_right: int) -> str:
    """Return what the outermost trusted proxy wrote; one that writes no lists wrote it alone."""
    entries = _entries(request, name)
    return entries[-min(from_right, len(entries))] if entries else ""


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address that is meant, with or without a port; None if none is."""
    bare = text.partition("%")[0]
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
