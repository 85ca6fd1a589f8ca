"""Which addresses of this machine other machines reach a server at.

Home Assistant takes any address it is told, so one that leads nowhere is worse than none:
those of loopback, of one link only, of tunnels, and of bridges that hold nothing but this
machine's own containers (Docker makes one on every machine it runs on) are left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv6Address,
    IPv6Interface,
    ip_address,
    ip_interface,
)
from pathlib import Path
from typing import Final

import ifaddr

Address = IPv4Address | IPv6Address

INTERFACES: Final = Path("/sys/class/net")
"""Where Linux describes its interfaces."""

IPV6_ADDRESSES: Final = Path("/proc/net/if_inet6")
"""Where Linux says in what state its IPv6 addresses are, one a line, flags in the fifth column."""

PASSING: Final = 0x01 | 0x08 | 0x20 | 0x40
"""Flags of an address nobody should be told: temporary, duplicate, deprecated, tentative
(`IFA_F_*` of linux/if_addr.h)."""

UP: Final = 0x1
POINT_TO_POINT: Final = 0x10
MULTICAST: Final = 0x1000
"""Flags of an interface (`IFF_*` of linux/if.h)."""


@dataclass(frozen=True, slots=True)
class Own:
    """An address this machine has; `shared` says whether other machines are behind it."""

    address: Address
    shared: bool


def own_addresses() -> frozenset[Own]:
    """Return what this machine has now, without addresses that come and go.

    Raises:
        OSError: the system does not say.
    """
    passing = _passing()
    return frozenset(
        Own(address, shared)
        for adapter in ifaddr.get_adapters()
        for shared in [is_shared(INTERFACES / adapter.name.partition(":")[0])]
        for address in [
            ip_address(ip.ip[0] if isinstance(ip.ip, tuple) else ip.ip) for ip in adapter.ips
        ]
        if address not in passing
    )


def own_interfaces() -> frozenset[IPv4Interface | IPv6Interface]:
    """Return this machine's addresses with their networks; none if the system does not say."""
    try:
        adapters = list(ifaddr.get_adapters())
    except OSError:
        return frozenset()
    return frozenset(
        ip_interface(f"{ip.ip[0] if isinstance(ip.ip, tuple) else ip.ip}/{ip.network_prefix}")
        for adapter in adapters
        for ip in adapter.ips
    )


def is_shared(interface: Path) -> bool:
    """Say whether other machines are behind the interface that Linux describes in that folder."""
    try:
        flags = int((interface / "flags").read_text("ascii"), 16)
        state = (interface / "operstate").read_text("ascii").strip()
    except OSError:  # not described: nothing is known against it
        return True
    if state not in ("up", "unknown"):
        return False
    if flags & (UP | MULTICAST | POINT_TO_POINT) != UP | MULTICAST:
        return False
    return not (interface / "bridge").exists() or _has_hardware(interface)


def may_be_reached(host: str) -> bool:
    """Say whether a server that listens at `host` could be reached from other machines at all."""
    address = _address(host)
    return not (address.is_loopback or address.is_link_local)


def reachable(listened: Sequence[tuple[str, int]], own: Iterable[Own]) -> frozenset[Address]:
    """Return the addresses of `own` that a server listening at `listened` is reached at.

    `0.0.0.0` stands for all of IPv4 and `::` for all of IPv6 (asyncio binds it to no more); an
    address that is named counts wherever it leads. Only the first one's port counts: there is
    one port in an announcement.
    """
    hosts = {_address(host) for host, port in listened if port == listened[0][1]}
    return frozenset(
        one.address
        for one in own
        if _is_real(one.address)
        and (one.address in hosts or (one.shared and _wildcard(one.address) in hosts))
    )


def _address(host: str) -> Address:
    return ip_address(host.partition("%")[0])


def _wildcard(address: Address) -> Address:
    return type(address)(0)


def _is_real(address: Address) -> bool:
    return not (
        address.is_loopback
        or address.is_link_local
        or address.is_unspecified
        or address.is_multicast
    )


def _has_hardware(interface: Path) -> bool:
    below = [
        interface.with_name(link.name.removeprefix("lower_")) for link in interface.glob("lower_*")
    ]
    return (interface / "device").exists() or any(map(_has_hardware, below))


def _passing() -> frozenset[Address]:
    try:
        rows = [line.split() for line in IPV6_ADDRESSES.read_text("ascii").splitlines()]
    except OSError:  # no IPv6 here
        return frozenset()
    return frozenset(
        IPv6Address(bytes.fromhex(row[0])) for row in rows if int(row[4], 16) & PASSING
    )
