"""A program for the tests: knocks from an address, and prints what it is answered.

python -m tests.edges.door_guest SOURCE HOST PORT
"""

import asyncio
import sys

from wyoming.event import async_read_event, async_write_event
from wyoming.ping import Ping


async def knock(source: str, host: str, port: int) -> str:
    """Return the type, and the code if any, of the first event."""
    reader, writer = await asyncio.open_connection(host, port, local_addr=(source, 0))
    try:
        await async_write_event(Ping().event(), writer)
        event = await async_read_event(reader)
    finally:
        writer.close()
    return f"{event.type} {event.data.get('code', '')}".strip() if event else "nothing"


if __name__ == "__main__":
    print(asyncio.run(knock(sys.argv[1], sys.argv[2], int(sys.argv[3]))))  # noqa: T201 - its job
