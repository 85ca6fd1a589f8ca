"""Who may talk to the server: Wyoming knows no password, so the network has to be the door.

A wish is a network (`192.168.1.0/24`), an address, or one of the words

    neighbours   the private networks that this machine's own interfaces are in
    private      every private network
    all          everybody

This machine itself may always.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv6Address,
    IPv6Interface,
    ip_address,
    ip_network,
)
from typing import Final

Interface = IPv4Interface | IPv6Interface
"""An address of this machine and the network it is in."""

NEIGHBOURS: Final = "neighbours"
PRIVATE: Final = "private"
ALL: Final = "all"

FRESH: Final = 1.0
"""Seconds that what the interfaces said is believed: a flood of strangers asks them no more."""


def checked_wish(wish: str) -> str:
    """Return `wish` if it is one.

    Raises:
        ValueError: it is neither a word from above nor a network.
    """
    if wish not in (NEIGHBOURS, PRIVATE, ALL):
        try:
            ip_network(wish)
        except ValueError:
            words = f"{NEIGHBOURS}, {PRIVATE}, {ALL}"
            raise ValueError(f"must be {words} or a network like 192.168.1.0/24") from None
    return wish


class Neighbourhood:
    """Who may come in; `own` gives this machine's interfaces as they are now."""

    def __init__(self, wishes: Sequence[str], own: Callable[[], Iterable[Interface]]) -> None:
        self._words = frozenset(wishes) & {NEIGHBOURS, PRIVATE, ALL}
        self._networks = [ip_network(wish) for wish in wishes if wish not in self._words]
        self._read = own
        self._own: list[Interface] = []
        self._read_at = -FRESH

    def admits(self, address: str) -> bool:
        """Return whether a client at `address` may come in."""
        guest = _plain(address)
        if ALL in self._words or guest.is_loopback:
            return True
        if PRIVATE in self._words and _is_private(guest):
            return True
        if any(guest in network for network in self._networks):
            return True
        return NEIGHBOURS in self._words and self._is_neighbour(guest)

    def _is_neighbour(self, guest: IPv4Address | IPv6Address) -> bool:
        if time.monotonic() - self._read_at >= FRESH:
            self._own, self._read_at = list(self._read()), time.monotonic()
        near = _is_private(guest)
        return any(guest == own.ip or (near and guest in own.network) for own in self._own)


def _is_private(address: IPv4Address | IPv6Address) -> bool:
    return address.is_private or address.is_link_local


def _plain(address: str) -> IPv4Address | IPv6Address:
    """Return the address without its scope; an IPv4 one inside an IPv6 one as itself."""
    plain = ip_address(address.partition("%")[0])
    return (plain.ipv4_mapped or plain) if isinstance(plain, IPv6Address) else plain
