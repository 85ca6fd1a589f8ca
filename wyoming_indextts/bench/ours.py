"""Our contestant: the real server around IndexTTS2, in a process that the benchmark starts.

    python -m wyoming_indextts.bench.ours CONTEST

It does what `serving` says, and prints `Done` after each request that has finished.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import torch

from wyoming_indextts import __version__
from wyoming_indextts.bench.contest import Contest, Done
from wyoming_indextts.bench.floor import floor
from wyoming_indextts.bench.holding import most_resident
from wyoming_indextts.bench.serving import offering_of, options_of, serve, tell
from wyoming_indextts.engines import Enrolments
from wyoming_indextts.indextts2.config import read_config
from wyoming_indextts.indextts2.engine import IndexTTS2Engine
from wyoming_indextts.indextts2.precision import dtypes_for
from wyoming_indextts.indextts2.starting import start
from wyoming_indextts.indextts2.work import Work
from wyoming_indextts.speech.runner import Runner


def main() -> None:
    """Serve until standard input ends."""
    asyncio.run(_serve(Contest.from_json(sys.argv[1])))


async def _serve(contest: Contest) -> None:
    floors: dict[str, float] = {}
    config = read_config(Path(contest.folder))
    dtypes = dtypes_for(contest.precision, torch.device(contest.device), config)
    async with Runner(partial(_engine, contest, floors)) as runner:
        about = f"wyoming-indextts {__version__} in {dtypes}, torch {torch.__version__}"
        await serve(runner, offering_of(contest), about, floors)


def _engine(contest: Contest, floors: dict[str, float]) -> IndexTTS2Engine:
    options = options_of(contest)
    engine = start(options, Enrolments(options.voices))
    engine.noted = _note
    floors.update(floor(engine.nets))
    return engine


def _note(segments: Sequence[Work]) -> None:
    spent: dict[str, float] = {}
    counts = dict.fromkeys(
        ("codes", "places", "frame_steps", "pinned_steps", "frame_pairs", "waves"), 0
    )
    for work in segments:
        for stage, seconds in work.spent.items():
            spent[stage] = spent.get(stage, 0.0) + seconds
        counts["codes"] += len(work.codes)
        counts["places"] += work.places
        counts["frame_steps"] += work.frame_steps - work.pinned_steps
        counts["pinned_steps"] += work.pinned_steps
        counts["frame_pairs"] += work.frame_pairs
        counts["waves"] += work.waves
    tell(asdict(Done(spent, counts, _megabytes())))


def _megabytes() -> float:
    """Return the memory that was held at most: of the card where there is one."""
    if torch.cuda.is_available():
        return float(torch.cuda.max_memory_reserved()) / 2**20
    return most_resident()


if __name__ == "__main__":
    main()
