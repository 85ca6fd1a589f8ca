"""A program for the tests: looks for Wyoming servers as Home Assistant does.

    python -m tests.edges.mdns_browser

It says `browsing` and then, for each event, prints one line of JSON: what happened, the instance
and, unless it has gone, its addresses, those at which something listens, port, host and TXT.
"""

import asyncio
import json
import sys

from zeroconf import IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

SERVICE = "_wyoming._tcp.local."


async def answers(address: str, port: int) -> bool:
    """Say whether a server can be reached there."""
    try:
        async with asyncio.timeout(2):
            _, writer = await asyncio.open_connection(address, port)
    except OSError:
        return False
    writer.transport.abort()
    return True


async def tell(mdns: Zeroconf, change: ServiceStateChange, name: str) -> None:
    """Print the event."""
    line: dict[str, object] = {"event": change.name.lower(), "instance": name}
    if change is not ServiceStateChange.Removed:
        service = AsyncServiceInfo(SERVICE, name)
        await service.async_request(mdns, 3000)
        addresses = service.parsed_addresses()
        port = service.port or 0
        line["addresses"] = sorted(addresses)
        line["reached"] = sorted([one for one in addresses if await answers(one, port)])
        line |= {"port": port, "host": service.server, "txt": service.decoded_properties}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def browse() -> None:
    """Print events until killed."""
    async with AsyncZeroconf(ip_version=IPVersion.All) as mdns, asyncio.TaskGroup() as tasks:

        def changed(
            zeroconf: Zeroconf,
            service_type: str,  # noqa: ARG001 - the library passes it by name
            name: str,
            state_change: ServiceStateChange,
        ) -> None:
            tasks.create_task(tell(zeroconf, state_change, name))

        AsyncServiceBrowser(mdns.zeroconf, SERVICE, handlers=[changed])
        sys.stdout.write("browsing\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(browse())
