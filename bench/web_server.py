"""A program: our HTTP server around the tone engine in its process, until its input ends.

    python -m bench.web_server PACE

It prints its port. For each line of its input it prints one of JSON: how late its event loop was
since the last one, what it has used and holds, and when the engine dropped jobs since then.
"""

import asyncio
import json
import logging
import os
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from bench.percentiles import median
from bench.processes import HOST
from bench.protocol import tone
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

SPEAKING: Final = 32
"""Utterances at once, and as many that wait: more than are ever there."""


class Drops(logging.Handler):
    """Keeps when the engine says that it dropped a job (time.monotonic)."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of a record, if it is one of those."""
        _, said, at = record.getMessage().rpartition(tone.CANCELLED)
        if said:
            self.times.append(float(at))


async def serve(pace: float) -> None:
    """Serve until the input ends."""
    settings = Settings(data_dir=Path("/nonexistent"))
    cast = casting(settings)
    normaliser = Normaliser(Lexicon.parse_all(texts_named("lexicon.toml", settings)))
    normaliser.load()
    drops = Drops()
    logging.getLogger("wyoming_indextts").setLevel(logging.INFO)
    logging.getLogger(tone.__name__).addHandler(drops)
    logging.getLogger(tone.__name__).setLevel(logging.INFO)
    async with AsyncExitStack() as opened:
        runner = await opened.enter_async_context(
            ProcessRunner(tone.FACTORY, tone.ToneOptions(pace))
        )
        limits = SpeakerOptions(speaking=SPEAKING, waiting=SPEAKING)
        speaker = Speaker(runner, cast, normaliser, rate=RATE, options=limits)
        await runner.loaded()
        server = HttpServer(Served(speaker, cast, lambda: runner.ready))
        ((_, port),) = await opened.enter_async_context(server.listen(HOST, 0))
        _print(port)
        late = [0.0]
        watching = asyncio.create_task(_watch(late))
        try:
            while await asyncio.to_thread(sys.stdin.readline):
                _print({**_look(late, server), "dropped": drops.times})
                late[:], drops.times = [0.0], []
        finally:
            watching.cancel()


def _look(late: list[float], server: HttpServer) -> dict[str, object]:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return {
        "late": [round(1000 * at, 2) for at in (median(late), max(late))],
        "cpu": time.process_time(),
        "memory": pages * os.sysconf("SC_PAGE_SIZE"),
        "files": len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - of no file system
        "tasks": len(asyncio.all_tasks()),
        "sessions": server.sessions,
    }


async def _watch(late: list[float]) -> None:
    while True:
        due = time.monotonic() + NAP
        await asyncio.sleep(NAP)
        late.append(time.monotonic() - due)


def _print(value: object) -> None:
    sys.stdout.write(f"{json.dumps(value)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
