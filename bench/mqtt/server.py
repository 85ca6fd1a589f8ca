"""A program: our whole house at a broker, around an engine that only waits, until SIGTERM.

    python -m bench.mqtt.server --port PORT --broker PORT --snd PORT --http PORT --node NODE

MQTT, announcements, links and speaker are the real ones as the settings make them; only the
engine is not. It has two targets: `kitchen`, the snd service, and `attic`, a link.
"""

import argparse
import asyncio
import logging
import signal
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Final

from bench.processes import HOST
from bench.protocol.tone import ToneOptions, load
from wyoming_indextts.announcing import Served, announced_at_targets
from wyoming_indextts.app import casting
from wyoming_indextts.edges.wyoming.options import WyomingOptions
from wyoming_indextts.edges.wyoming.server import WyomingServer
from wyoming_indextts.kokoro.options import RATE
from wyoming_indextts.mqtt import shown_over_mqtt
from wyoming_indextts.settings import Settings, texts_named
from wyoming_indextts.speech.lexicon import Lexicon
from wyoming_indextts.speech.links import Links
from wyoming_indextts.speech.normalise import Normaliser
from wyoming_indextts.speech.runner import Runner
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.web import page_served

PACE: Final = 0.1
"""Seconds in which the engine makes its first 0.4 s of sound, and each 0.4 s after that."""


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Return what a user would have written."""
    targets = {"kitchen": {"snd": f"tcp://{HOST}:{arguments.snd}"}, "attic": {"link": True}}
    return Settings.model_validate({
        "data_dir": Path("/nonexistent"),
        "http": {"listen": f"{HOST}:{arguments.http}"},
        "mqtt": {"host": HOST, "port": arguments.broker, "node": arguments.node},
        "announce": {"chime": False, "targets": targets},
    })  # fmt: skip


async def serve(arguments: argparse.Namespace) -> None:
    """Serve until SIGTERM."""
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    settings = settings_of(arguments)
    cast = casting(settings)
    normaliser = Normaliser(Lexicon.parse_all(texts_named("lexicon.toml", settings)))
    normaliser.load()
    async with AsyncExitStack() as opened:
        runner = await opened.enter_async_context(Runner(partial(load, ToneOptions(PACE))))
        speaker = Speaker(runner, cast, normaliser, rate=RATE)
        await runner.loaded()
        links = Links()
        at = await opened.enter_async_context(page_served(settings, speaker, cast, runner, links))
        announcer = await opened.enter_async_context(
            announced_at_targets(settings, speaker, cast, Served(links, at))
        )
        await opened.enter_async_context(
            shown_over_mqtt(settings, speaker, cast, runner, announcer)
        )
        server = WyomingServer(speaker, cast.voices, cast.presets, WyomingOptions())
        await opened.enter_async_context(server.listen(HOST, arguments.port))
        await stopped.wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("port", "broker", "snd", "http"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--node", required=True)
    logging.basicConfig(level=logging.INFO)
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
