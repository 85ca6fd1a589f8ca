"""A program for the tests: a server that hangs up on everybody, and is announced.

    python -m tests.edges.mdns_server DATA_DIR PORT NAME HOST...

It looks at its addresses five times a second and logs to stdout; SIGTERM ends it.
"""

import asyncio
import logging
import signal
import sys
from pathlib import Path

from wyoming_indextts.edges.discovery.announcement import DiscoveryOptions, announced

log = logging.getLogger(__name__)


async def serve(data_dir: Path, port: int, name: str, *hosts: str) -> None:
    """Be announced until SIGTERM; an empty `name` leaves the choice to the server."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = await asyncio.start_server(lambda _, writer: writer.close(), hosts, port)
    listened = [socket.getsockname()[:2] for socket in server.sockets]
    async with server, announced(DiscoveryOptions(data_dir, name or None, 0.2), listened):
        log.info("serving")
        await stop.wait()
        log.info("stopping")
    log.info("stopped")


if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG, format="%(levelname)s %(message)s", stream=sys.stdout)
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]))
