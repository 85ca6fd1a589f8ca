"""Home Assistant's ingress: its own proxy, behind its login, in front of an app's page.

A request that comes from the ingress's address and names the path below which the page is shown
has passed Home Assistant's login. So it needs no token, and the name by which its browser calls
Home Assistant is none of ours. From anywhere else that header means nothing. Another site's page
is kept out here as it is elsewhere.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from aiohttp import web

from wyoming_indextts.edges.http.origin import is_foreign
from wyoming_indextts.errors import ForbiddenError

PATH: Final = "X-Ingress-Path"
"""The header in which the ingress names the path below which the page is shown."""

NAMES: Final = ("Host", "X-Forwarded-Host")
"""Headers with Home Assistant's own name: a proxy in front of it may have changed the first."""


class Ingress:
    """Knows requests that Home Assistant has let in."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self._addresses = frozenset(ip_address(address) for address in addresses)

    def has_sent(self, request: web.Request) -> bool:
        """Return whether a request came through the ingress."""
        return PATH in request.headers and _peer(request) in self._addresses

    def check_origin(self, request: web.Request) -> None:
        """Check whose page asks.

        Raises:
            ForbiddenError: it is another site's.
        """
        own = {request.headers.get(name, "").lower() for name in NAMES}
        if is_foreign(request, own):
            raise ForbiddenError("another site's page may not do that")


def _peer(request: web.Request) -> IPv4Address | IPv6Address | None:
    """Return who has connected; no header has a say in that."""
    peer = request.transport.get_extra_info("peername") if request.transport else None
    if not peer:
        return None
    address = ip_address(str(peer[0]).partition("%")[0])
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
