"""Our server as a contestant, whichever process its engine is in. Needs no torch.

It prints `Ready` as a line of JSON once the engine is loaded, and for each line of its standard
input what it holds; it ends when that does.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

from wyoming_indextts.bench.contest import HELD, Contest, Ready
from wyoming_indextts.bench.holding import held
from wyoming_indextts.edges.wyoming.server import WyomingServer
from wyoming_indextts.indextts2.options import RATE, Exercise, IndexTTS2Options
from wyoming_indextts.offering import Offering
from wyoming_indextts.settings import Settings
from wyoming_indextts.speech.engine import EngineRunner
from wyoming_indextts.speech.lexicon import Lexicon
from wyoming_indextts.speech.normalise.normaliser import Normaliser
from wyoming_indextts.speech.speaker import Speaker, SpeakerOptions
from wyoming_indextts.store.voices import voices_folder

HOST: Final = "127.0.0.1"

SPEAKING: Final = 64
"""Utterances at once: as many as the largest crowd."""


def options_of(contest: Contest) -> IndexTTS2Options:
    """Return how a contest wants IndexTTS2 to speak."""
    return IndexTTS2Options(
        Path(contest.folder),
        voices_folder(Path(contest.data)),
        device="cuda" if contest.device == "cuda" else "cpu",
        precision=contest.precision,
        steps=contest.steps,
        streaming=contest.streaming,
        exercise=Exercise(contest.codes_per_token, eager=contest.eager),
    )


def offering_of(contest: Contest) -> Offering:
    """Return the voices of a contest's folder."""
    settings = Settings(
        engine="indextts2", data_dir=Path(contest.data), cache_dir=Path(contest.folder)
    )
    return Offering(settings, led=True, gateway=False)


async def serve(
    runner: EngineRunner, offering: Offering, about: str, floor: Mapping[str, float]
) -> None:
    """Serve until standard input ends; for the last two see `Ready`.

    `floor` is looked at once the engine is loaded, and may be filled in until then.
    """
    cast = offering.casting
    normaliser = Normaliser(Lexicon.parse_all([]))
    normaliser.load()
    factor = await runner.loaded()
    limits = SpeakerOptions(speaking=SPEAKING, waiting=SPEAKING)
    speaker = Speaker(runner, cast, normaliser, rate=RATE, options=limits)
    server = WyomingServer(speaker, cast.voices, cast.presets)
    async with server.listen(HOST, 0) as listening:
        tell(asdict(Ready(listening[0][1], about, floor, factor)))
        while await asyncio.to_thread(sys.stdin.readline):
            tell({HELD: asdict(held())})


def tell(what: object) -> None:
    """Write a line of JSON to whoever started this."""
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()
