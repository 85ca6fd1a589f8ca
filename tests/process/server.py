"""A server that only holds an engine's process: a script for those who kill it.

Prints the engine's process once it speaks, and speaks on until it is killed.
"""

import asyncio
import sys

from tests.process.engines import Tones
from tests.process.house import engine_pid, job, process


async def serve(pace: float) -> None:
    """Speak for ever."""
    async with process(Tones(pace=pace)) as runner:
        pid = await engine_pid(runner)
        sound = runner.run(job(1, "x" * 10_000))
        await anext(sound)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        async for _ in sound:
            pass


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
