"""A network for the tests alone, with an address that WebRTC uses: it leaves loopback out."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from aioice.ice import get_host_addresses

from tests.edges.mdns_network import run

ADDRESS: Final = "10.77.0.1"

NAMESPACE: Final = 0x40000000
"""CLONE_NEWNET of sched.h."""


@contextmanager
def own_network() -> Iterator[str]:
    """Move this thread, and all it starts, to a network of its own; gives the address there.

    Whoever is not root stays in the machine's, if that has an address. The network vanishes with
    the last that was started in it.
    """
    if os.geteuid() != 0:
        found = get_host_addresses(use_ipv4=True, use_ipv6=False)
        if not found:
            pytest.fail("no address but loopback's, and a network of one's own needs root")
        yield found[0]
        return
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        _must(libc.unshare(NAMESPACE))
        for command in (
            "link set lo up",
            "link add v0 type veth peer name v1",
            f"address add {ADDRESS}/24 dev v0",
            "link set v0 up",
            "link set v1 up",
        ):
            run("ip", *command.split())
        yield ADDRESS
    finally:
        _must(libc.setns(before, NAMESPACE))
        os.close(before)


def _must(done: int) -> None:
    if done:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
