"""Counts who is connected and says who may still come."""

import ipaddress
from collections import Counter

from wyoming_indextts.edges.wyoming.options import WyomingOptions


class Guests:
    """The clients of one server, by address."""

    def __init__(self, options: WyomingOptions) -> None:
        self._options = options
        self._by_address: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._by_address.total()

    def admit(self, address: str) -> bool:
        """Count one more at `address` unless that is too many; say whether it was counted."""
        if len(self) >= self._options.connections:
            return False
        here = self._by_address[address]
        if here >= self._options.connections_per_address and not _is_loopback(address):
            return False
        self._by_address[address] += 1
        return True

    def leave(self, address: str) -> None:
        """One of those at `address` has gone."""
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback
