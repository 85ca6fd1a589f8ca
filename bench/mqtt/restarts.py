"""How soon the house is back after its broker was."""

import asyncio
import signal
import time
from typing import Final

from tests.edges.mqtt_broker import Broker, guest

DOWN: Final = (0.2, 1.0)
"""Seconds for which the broker is down; in turn, from the first to the second."""

UP: Final = 0.5
"""Seconds for which it is up."""


async def reconnections(there: Broker, status: str, times: int) -> list[float]:
    """Kill the broker so often; return the seconds from its return to `online` at `status`."""
    waits = []
    first, last = DOWN
    for number in range(times):
        await there.end(signal.SIGKILL)
        await asyncio.sleep(first + (last - first) * number / times)
        await there.start()
        back = time.monotonic()
        async with guest(there.port, status) as other:
            await other.until(status, lambda word: word == "online")
        waits.append(time.monotonic() - back)
        await asyncio.sleep(UP)
    return waits
