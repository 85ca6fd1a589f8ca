"""A program: our HTTP server around the tone engine in its process, until its input ends.

    python -m bench.page.server

It prints its port. For each line of its input it prints one of JSON: how late its event loop was
since the last one (milliseconds, median, p90 and most), and the CPU seconds it has used so far.
"""

import asyncio
import json
import logging
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from bench.percentiles import median, percentile
from bench.processes import HOST
from bench.protocol.tone import FACTORY, ToneOptions
from wyoming_indextts.app import casting
from wyoming_indextts.edges.http.server import HttpServer, Served
from wyoming_indextts.kokoro.options import RATE
from wyoming_indextts.process.supervisor import ProcessRunner
from wyoming_indextts.settings import Settings, texts_named
from wyoming_indextts.speech.lexicon import Lexicon
from wyoming_indextts.speech.normalise import Normaliser
from wyoming_indextts.speech.speaker import Speaker, SpeakerOptions

NAP: Final = 0.005
"""Seconds that the watch of the loop sleeps at a time."""


async def serve() -> None:
    """Serve until the input ends."""
    settings = Settings(data_dir=Path("/nonexistent"))
    cast = casting(settings)
    normaliser = Normaliser(Lexicon.parse_all(texts_named("lexicon.toml", settings)))
    normaliser.load()
    async with AsyncExitStack() as opened:
        runner = await opened.enter_async_context(ProcessRunner(FACTORY, ToneOptions()))
        limits = SpeakerOptions(speaking=32, waiting=32)
        speaker = Speaker(runner, cast, normaliser, rate=RATE, options=limits)
        await runner.loaded()
        server = HttpServer(Served(speaker, cast, lambda: runner.ready))
        ((_, port),) = await opened.enter_async_context(server.listen(HOST, 0))
        _print(port)
        late: list[float] = []
        watching = asyncio.create_task(_watch(late))
        try:
            while await asyncio.to_thread(sys.stdin.readline):
                used = time.process_time()
                found = [round(1000 * at, 2) for at in (median(late), percentile(late, 90))]
                _print({"late": [*found, round(1000 * max(late), 2)], "cpu": used})
                late.clear()
                late.append(0.0)
        finally:
            watching.cancel()


async def _watch(late: list[float]) -> None:
    """Note how much later than asked for each nap ends."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + NAP
        await asyncio.sleep(NAP)
        late.append(loop.time() - due)


def _print(value: object) -> None:
    sys.stdout.write(f"{json.dumps(value)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(serve())
