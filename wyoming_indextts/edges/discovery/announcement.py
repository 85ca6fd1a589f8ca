"""The announcement: a server tells the network by mDNS that it is there, where, and when it goes.

Speech never depends on it: where mDNS cannot be used it is tried again and again in silence,
after one warning.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zeroconf import (  # type: ignore[attr-defined]  # DNSService is offered, not in its __all__
    DNSService,
    Error,
    NonUniqueNameException,
)
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from wyoming_indextts import __version__
from wyoming_indextts.edges.discovery.addresses import (
    Address,
    may_be_reached,
    own_addresses,
    reachable,
)
from wyoming_indextts.edges.discovery.names import candidates, clean, host_name, kept_name, yields

log = logging.getLogger(__name__)

SERVICE: Final = "_wyoming._tcp.local."
"""The service type Home Assistant looks for."""

SRV: Final = 33
"""Type of a DNS record that says at which host and port a service is (RFC 2782)."""

INTERNET: Final = 1
"""Class of all DNS records there are (RFC 1035 3.2.4)."""


@dataclass(frozen=True, slots=True)
class DiscoveryOptions:
    """How a server is announced."""

    data_dir: Path
    """Folder in which the name chosen at the first start is kept."""

    name: str | None = None
    """What to be called instead; it should be the only one of its name in the house."""

    poll: float = 3.0
    """Seconds between two looks at this machine's addresses and for others of our name."""


@asynccontextmanager
async def announced(
    options: DiscoveryOptions, listened: Sequence[tuple[str, int]]
) -> AsyncGenerator[None, None]:
    """Announce a server that listens at `listened` (hosts and ports) while the block runs.

    Never raises and never waits for the network before the block. Leaving it, by any road,
    says goodbye, which takes about a quarter of a second.
    """
    if not any(may_be_reached(host) for host, _ in listened):
        log.info("not announced on the network: the server can be reached from this machine only")
        yield
        return
    announcing = asyncio.create_task(_announce(options, listened), name="discovery")
    try:
        yield
    finally:
        announcing.cancel()
        await asyncio.wait([announcing])


async def _announce(options: DiscoveryOptions, listened: Sequence[tuple[str, int]]) -> None:
    try:
        kept = await asyncio.to_thread(kept_name, options.data_dir)
        with _library_silent():
            await _Announcer(options, listened, kept).run()
    except Exception:  # this task's outermost boundary: a bug here must not end speech
        log.exception("discovery broke off")


class _TakenError(Exception):
    """Somebody else has the name."""


class _Announcer:
    """Keeps one server announced: one responder after another, each for one set of addresses.

    A changed address is a new link (RFC 6762 section 8: probe and announce again). The old
    records are taken back first, since Home Assistant keeps a found server's first address
    until it hears that the server has gone.
    """

    def __init__(
        self, options: DiscoveryOptions, listened: Sequence[tuple[str, int]], kept: str
    ) -> None:
        self._poll = options.poll
        self._listened = listened
        self._port = listened[0][1]
        self._seed = f"{kept}:{self._port}"
        self._names = candidates(clean(options.name or "") or kept, self._seed)
        self._turn = 0
        self._said: AsyncServiceInfo | None = None
        self._troubled = False

    async def run(self) -> None:
        """Announce until cancelled."""
        while True:
            try:
                await self._while_unchanged(self._reachable())
            except (_TakenError, NonUniqueNameException):
                await self._take_next_name()
            except (OSError, Error) as error:
                await self._trouble(str(error) or type(error).__name__)

    async def _while_unchanged(self, addresses: frozenset[Address]) -> None:
        service = self._service(addresses)
        async with _responder(addresses) as mdns:
            await mdns.zeroconf.async_wait_for_start()
            self._take_back(mdns)
            await (await mdns.async_register_service(service))
            self._said = service
            self._tell(service)
            while self._reachable() == addresses:
                await asyncio.sleep(self._poll)
                self._give_way(mdns, service)

    def _take_back(self, mdns: AsyncZeroconf) -> None:
        # the address it was said from may be gone and could not say goodbye itself
        if self._said:
            mdns.zeroconf.async_send(mdns.zeroconf.generate_service_broadcast(self._said, ttl=0))
        self._said = None

    def _reachable(self) -> frozenset[Address]:
        return reachable(self._listened, own_addresses())

    def _service(self, addresses: frozenset[Address]) -> AsyncServiceInfo:
        name = self._names[self._turn]
        return AsyncServiceInfo(
            SERVICE,
            f"{name}.{SERVICE}",
            port=self._port,
            properties={"txtvers": "1", "version": __version__},
            server=host_name(name, self._seed),
            parsed_addresses=sorted(map(str, addresses)),
        )

    def _give_way(self, mdns: AsyncZeroconf, service: AsyncServiceInfo) -> None:
        # who probes when nobody can answer yet gets a taken name (RFC 6762 section 9)
        responder = mdns.zeroconf
        records = responder.cache.async_all_by_details(service.name, SRV, INTERNET)
        rivals = {r.server for r in records if isinstance(r, DNSService)} - {service.server}
        if any(yields(str(service.server), rival) for rival in rivals):
            responder.registry.async_remove(service)  # no goodbye: it would be the other's too
            self._said = None
            raise _TakenError

    async def _take_next_name(self) -> None:
        taken = self._names[self._turn]
        self._turn = (self._turn + 1) % len(self._names)
        if not self._turn:
            await self._trouble(f"{self._names[0]!r} and all names like it are taken")
        elif not self._troubled:
            log.warning("%r is taken by another server; trying %r", taken, self._names[self._turn])

    def _tell(self, service: AsyncServiceInfo) -> None:
        back = "again " if self._troubled else ""
        self._troubled = False
        where = ", ".join(service.parsed_addresses())
        log.info("announced %sas %r at %s, port %s", back, service.get_name(), where, service.port)

    async def _trouble(self, reason: str) -> None:
        level = logging.DEBUG if self._troubled else logging.WARNING
        log.log(level, "not announced on the network, speech goes on: %s", reason)
        self._troubled = True
        await asyncio.sleep(self._poll)


def _responder(addresses: frozenset[Address]) -> AsyncZeroconf:
    if not addresses:
        raise OSError("no network interface has an address")
    try:
        return AsyncZeroconf(interfaces=[*map(str, addresses)])
    except (OSError, RuntimeError) as error:  # the latter where an address has just gone
        raise OSError(f"UDP port 5353 cannot be used: {error}") from error


@contextmanager
def _library_silent() -> Generator[None, None, None]:
    """Keep the library's own warnings out of the log: they repeat, and we say it once."""
    library = logging.getLogger("zeroconf")
    before = library.level
    library.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        library.setLevel(before)
