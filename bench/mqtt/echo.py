"""A program: says at `echo/state` what it is told at `echo/set`; nothing can be quicker.

    python -m bench.mqtt.echo PORT

With the library that we use, so that what lies between the two is ours.
"""

import asyncio
import sys

from aiomqtt import Client, ProtocolVersion

from bench.processes import HOST


async def echo(port: int) -> None:
    """Echo until SIGTERM."""
    async with Client(HOST, port, protocol=ProtocolVersion.V5) as client:
        await client.subscribe("echo/set", qos=1)
        await client.publish("echo/status", "online", qos=1, retain=True)
        async for message in client.messages:
            await client.publish("echo/state", message.payload, qos=1, retain=True)


if __name__ == "__main__":
    asyncio.run(echo(int(sys.argv[1])))
