"""A program for the tests: announces itself without asking whether its name is taken.

python -m tests.edges.mdns_rival NAME HOST ADDRESS
"""

import asyncio
import sys

from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

SERVICE = "_wyoming._tcp.local."


async def claim(name: str, host: str, address: str) -> None:
    """Claim the name until killed."""
    service = AsyncServiceInfo(
        SERVICE, f"{name}.{SERVICE}", port=9, server=host, parsed_addresses=[address]
    )
    async with AsyncZeroconf() as mdns:
        await mdns.async_register_service(service, cooperating_responders=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(claim(*sys.argv[1:]))
