"""Examines the port and the addresses that clients come to."""

import asyncio
import errno
import ipaddress
import socket
from collections.abc import Iterable, Iterator
from typing import Final

from wyoming_indextts.doctor.finding import Finding
from wyoming_indextts.edges.wyoming.client import describe
from wyoming_indextts.edges.wyoming.info import PROGRAM
from wyoming_indextts.settings import Address

PATIENCE: Final = 5.0
"""Seconds a server may take to describe itself; as long as Home Assistant waits."""

ELSEWHERE: Final = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses of documentation, for asking which of ours would talk to the world."""

EVERYWHERE: Final = "--uri tcp://0.0.0.0:{port}, or `uri` under [wyoming] in the settings file"
"""What makes a server reachable from other machines."""


async def port(address: Address) -> Finding:
    """Say whether the server could listen at `address`, or does."""
    try:
        _try_to_listen(address)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            text = f"cannot listen at {address}: {error.strerror}"
            return Finding("port", "error", text, EVERYWHERE.format(port=address.port))
        return await _occupied(address)
    return Finding("port", "ok", f"{address} is free")


async def answer(address: Address) -> str | None:
    """Return name and version of the speech server at `address`, None if it is none.

    Raises:
        OSError: nobody listens there, or nobody answers in time.
    """
    async with asyncio.timeout(PATIENCE):
        info = await describe(_approachable(address.host), address.port)
    if info is None:
        return None
    return next((f"{program.name} {program.version or ''}".strip() for program in info.tts), None)


def addresses(address: Address, own: Iterable[str]) -> Finding:
    """Say at which of this machine's `own` addresses clients reach a server at `address`."""
    if not _is_everywhere(address.host):
        own = [address.host]
    reachable = [str(Address(host, address.port)) for host in own if not _is_loopback(host)]
    if reachable:
        return Finding("addresses", "ok", ", ".join(reachable))
    if _is_loopback(address.host):
        text = f"{address} is reached from this machine only"
        return Finding("addresses", "warning", text, EVERYWHERE.format(port=address.port))
    text = "this machine has no address that others could reach"
    return Finding("addresses", "warning", text, "connect it to the network: ip address")


def own_addresses() -> list[str]:
    """Return this machine's addresses towards the world, those of its name after them."""
    return list(dict.fromkeys((*_towards_the_world(), *_by_name())))


def _try_to_listen(address: Address) -> None:
    infos = socket.getaddrinfo(
        address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    family, _, _, _, place = infos[0]
    socket.create_server(place[:2], family=family).close()


async def _occupied(address: Address) -> Finding:
    try:
        name = await answer(address)
    except OSError:
        name = None
    if name is not None and name.startswith(PROGRAM):
        return Finding("port", "ok", f"{name} answers at {address}")
    who = name or "another program"
    text = f"{who} listens at {address}"
    mend = f"--uri tcp://{address.host}:{address.port + 1}, or end it: ss -ltnp"
    return Finding("port", "error", text, mend)


def _towards_the_world() -> Iterator[str]:
    for family, elsewhere in ELSEWHERE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as asking:
                asking.connect((elsewhere, 9))  # sends nothing: it is a datagram socket
                yield asking.getsockname()[0]
        except OSError:
            continue  # no such family, or no way out in it


def _by_name() -> Iterator[str]:
    try:
        infos = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)
    except OSError:
        return  # the name is nobody's
    for *_, place in infos:
        yield str(place[0])


def _approachable(host: str) -> str:
    """Return where a server that listens at `host` is met from this machine."""
    if not _is_everywhere(host):
        return host
    return "::1" if ":" in host else "127.0.0.1"


def _is_everywhere(host: str) -> bool:
    ip = _ip(host)
    return ip is not None and ip.is_unspecified


def _is_loopback(host: str) -> bool:
    ip = _ip(host)
    return ip.is_loopback if ip else host == "localhost"


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None  # a name
