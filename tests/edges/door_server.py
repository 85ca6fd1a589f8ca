"""A program for the tests: a server that speaks in tones to those it lets in.

python -m tests.edges.door_server PORT ALLOWED...
"""

import asyncio
import logging
import sys

from tests.house import PRESETS, speaking, voices
from tests.tone import ToneEngine
from wyoming_indextts.edges.discovery.addresses import own_interfaces
from wyoming_indextts.edges.wyoming.options import WyomingOptions
from wyoming_indextts.edges.wyoming.server import WyomingServer

log = logging.getLogger(__name__)


async def serve(port: int, *allow: str) -> None:
    """Serve until killed."""
    options = WyomingOptions(allow=allow)
    async with speaking(ToneEngine()) as speaker:
        server = WyomingServer(speaker, voices(), PRESETS, options, own_interfaces=own_interfaces)
        async with server.listen("0.0.0.0", port):  # noqa: S104 - inside a namespace
            log.warning("serving")
            await asyncio.Event().wait()


if __name__ == "__main__":
    logging.basicConfig(format="%(levelname)s %(message)s", stream=sys.stdout)
    asyncio.run(serve(int(sys.argv[1]), *sys.argv[2:]))
