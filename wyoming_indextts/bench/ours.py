"""Our contestant: the real server around IndexTTS2, in a process that the benchmark starts.

    python -m wyoming_indextts.bench.ours CONTEST

It prints `Ready` as a line of JSON, then `Done` after each request that has finished, and for each
line of its standard input what it holds; it ends when that does.
"""

import asyncio
import json
import resource
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final

import torch

from wyoming_indextts import __version__
from wyoming_indextts.app import casting
from wyoming_indextts.bench.contest import HELD, Contest, Done, Ready
from wyoming_indextts.bench.floor import floor
from wyoming_indextts.bench.holding import held
from wyoming_indextts.edges.wyoming.server import WyomingServer
from wyoming_indextts.engines import Enrolments
from wyoming_indextts.indextts2.engine import IndexTTS2Engine
from wyoming_indextts.indextts2.options import RATE, Exercise, IndexTTS2Options
from wyoming_indextts.indextts2.starting import start
from wyoming_indextts.indextts2.work import Work
from wyoming_indextts.settings import Settings
from wyoming_indextts.speech.lexicon import Lexicon
from wyoming_indextts.speech.normalise.normaliser import Normaliser
from wyoming_indextts.speech.runner import Runner
from wyoming_indextts.speech.speaker import Speaker, SpeakerOptions
from wyoming_indextts.store.voices import voices_folder

HOST: Final = "127.0.0.1"

SPEAKING: Final = 64
"""Utterances at once: as many as the largest crowd."""


def main() -> None:
    """Serve until standard input ends."""
    asyncio.run(_serve(Contest.from_json(sys.argv[1])))


async def _serve(contest: Contest) -> None:
    settings = Settings(
        engine="indextts2", data_dir=Path(contest.data), cache_dir=Path(contest.folder)
    )
    cast = casting(settings)
    normaliser = Normaliser(Lexicon.parse_all([]))
    normaliser.load()
    floors: dict[str, float] = {}
    async with Runner(partial(_engine, contest, floors)) as runner:
        factor = await runner.loaded()
        limits = SpeakerOptions(speaking=SPEAKING, waiting=SPEAKING)
        speaker = Speaker(runner, cast, normaliser, rate=RATE, options=limits)
        server = WyomingServer(speaker, cast.voices, cast.presets)
        async with server.listen(HOST, 0) as listening:
            about = f"wyoming-indextts {__version__}, torch {torch.__version__}"
            _tell(asdict(Ready(listening[0][1], about, floors, factor)))
            while await asyncio.to_thread(sys.stdin.readline):
                _tell({HELD: asdict(held())})


def _engine(contest: Contest, floors: dict[str, float]) -> IndexTTS2Engine:
    voices = voices_folder(Path(contest.data))
    options = IndexTTS2Options(
        Path(contest.folder),
        voices,
        device="cuda" if contest.device == "cuda" else "cpu",
        steps=contest.steps,
        streaming=contest.streaming,
        exercise=Exercise(contest.codes_per_token, eager=contest.eager),
    )
    engine = start(options, Enrolments(voices))
    engine.noted = _note
    floors.update(floor(engine.nets))
    return engine


def _note(segments: Sequence[Work]) -> None:
    spent: dict[str, float] = {}
    counts = {"codes": 0, "frame_steps": 0, "pinned_steps": 0, "waves": 0}
    for work in segments:
        for stage, seconds in work.spent.items():
            spent[stage] = spent.get(stage, 0.0) + seconds
        counts["codes"] += len(work.codes)
        counts["frame_steps"] += work.frame_steps - work.pinned_steps
        counts["pinned_steps"] += work.pinned_steps
        counts["waves"] += work.waves
    _tell(asdict(Done(spent, counts, _megabytes())))


def _megabytes() -> float:
    """Return the memory that was held at most: of the card where there is one."""
    if torch.cuda.is_available():
        return float(torch.cuda.max_memory_reserved()) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _tell(what: object) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
