"""A program: our whole server around the tone engine, until SIGTERM.

    python -m bench.protocol.server --port PORT --engine thread|process ...

Text, voices, speaker and protocol are the real ones with the shipped configuration; only the
engine is not, and the limits are what the arguments say.
"""

import argparse
import asyncio
import logging
import signal
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from bench.processes import HOST
from bench.protocol.tone import FACTORY, ToneOptions, load
from wyoming_indextts.app import casting
from wyoming_indextts.edges.http.server import HttpServer, Served
from wyoming_indextts.edges.wyoming.options import WyomingOptions
from wyoming_indextts.edges.wyoming.server import WyomingServer
from wyoming_indextts.kokoro.options import RATE
from wyoming_indextts.process.supervisor import ProcessRunner
from wyoming_indextts.settings import Settings, texts_named
from wyoming_indextts.speech.lexicon import Lexicon
from wyoming_indextts.speech.normalise import Normaliser
from wyoming_indextts.speech.runner import Runner
from wyoming_indextts.speech.speaker import Speaker, SpeakerOptions


async def serve(arguments: argparse.Namespace) -> None:
    """Serve until SIGTERM."""
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    settings = Settings(data_dir=Path("/nonexistent"))
    cast = casting(settings)
    normaliser = Normaliser(Lexicon.parse_all(texts_named("lexicon.toml", settings)))
    normaliser.load()
    tones = ToneOptions(arguments.pace, arguments.rate)
    limits = WyomingOptions(connections=arguments.connections)
    async with AsyncExitStack() as opened:
        runner: Runner | ProcessRunner
        if arguments.engine == "process":
            runner = await opened.enter_async_context(ProcessRunner(FACTORY, tones))
        else:
            runner = await opened.enter_async_context(Runner(partial(load, tones)))
        waiting = SpeakerOptions(waiting=arguments.waiting)
        speaker = Speaker(runner, cast, normaliser, rate=arguments.rate, options=waiting)
        await runner.loaded()
        server = WyomingServer(speaker, cast.voices, cast.presets, limits)
        if arguments.http:
            pages = HttpServer(Served(speaker, cast, lambda: True))
            await opened.enter_async_context(pages.listen(HOST, arguments.http))
        await opened.enter_async_context(server.listen(HOST, arguments.port))
        await stopped.wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--engine", choices=("thread", "process"), required=True)
    parser.add_argument("--pace", type=float, default=0.0, help="seconds a step waits")
    parser.add_argument("--rate", type=int, default=RATE, help="samples per second")
    parser.add_argument("--http", type=int, help="port for HTTP; none: no HTTP")
    parser.add_argument("--connections", type=int, default=256)
    parser.add_argument("--waiting", type=int, default=32)
    logging.basicConfig(level=logging.INFO)  # the root's, which the engine's process takes over
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
