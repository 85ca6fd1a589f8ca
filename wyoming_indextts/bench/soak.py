"""`bench --soak N`: whether the server holds the same after N mixed requests as after the first.

One contestant, the real server with small codes and few steps: what is asked for counts here, not
how fast it is made.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Final

from wyoming_indextts.bench.buzz import enrol_buzz
from wyoming_indextts.bench.command import OURS, Wishes, facts_of, sentence
from wyoming_indextts.bench.contest import Contest
from wyoming_indextts.bench.contestants import contestant
from wyoming_indextts.bench.holding import Held
from wyoming_indextts.bench.model_files import data_folder, weights_folder
from wyoming_indextts.bench.soaking import VOICES, Look, Soak, soak
from wyoming_indextts.bench.tables import figure, table
from wyoming_indextts.indextts2.options import HEAP
from wyoming_indextts.store.voices import read_voices, voices_folder

STEPS: Final = 1
"""Of Euler."""

CODES: Final = (5, 5, 10, 20)
"""Of the sentences."""

SECONDS: Final = 3.0
"""Of each voice's clip: the shortest that is one."""

HEADS: Final = {
    "resident": "RSS, MB", "anonymous": "of it anonymous, MB", "allocated": "card, allocated, MB",
    "reserved": "reserved, MB", "files": "files", "threads": "threads", "tasks": "tasks",
    "objects": "Python objects",
}  # fmt: skip

ROWS: Final = 12
"""Looks that the table shows at most; the JSON has all."""


def soaked(wishes: Wishes, *, count: int) -> tuple[str, dict[str, object]]:
    """Ask for `count` requests after a warm-up; return a table in Markdown, and all for JSON.

    Of the wishes count where weights are kept, their size, and the device.

    Raises:
        UnsupportedError, EngineFailedError: there is no such card, or the server ended.
        SpeechError: it failed a request.
        OSError: the weights cannot be written.
    """
    folder = weights_folder(wishes.cache_dir, wishes.size)
    data = data_folder(wishes.cache_dir, f"{wishes.size}-soak")
    there = {voice.name for voice in read_voices(voices_folder(data)).voices}
    for name, pitch in VOICES.items():
        if name not in there:
            enrol_buzz(voices_folder(data), name, SECONDS, pitch)
    contest = Contest(str(folder), str(data), steps=STEPS, device=wishes.device)
    done = asyncio.run(_soaked(contest, count))
    facts = facts_of(wishes)
    del facts["rounds"]
    told = "; ".join(map(str, facts.values()))
    return f"{told}.\n\n{told_of(done)}\n", {**facts, "soak": asdict(done)}


async def _soaked(contest: Contest, count: int) -> Soak:
    async with contestant(OURS, contest, threads=1, environment=HEAP) as one:
        sentences = [f"{sentence(codes)}." for codes in CODES]
        return await soak(one, sentences, count=count)


def told_of(done: Soak) -> str:
    """Return the table of a soak, and what it came to in a sentence."""
    shown = [field.name for field in fields(Held) if any(_column(done, field.name))]
    every = -(-len(done.looks) // ROWS)
    looks = [*done.looks[:2], *done.looks[1 + every : -1 : every], done.looks[-1]]
    rows = [_row(look, shown) for look in looks]
    grown = ["grown since the warm-up", "", *(figure(done.grown(name)) for name in shown)]
    head = ("requests, all over", "seconds", *(HEADS[name] for name in shown))
    last = done.looks[-1]
    return (
        f"{table(head, [*rows, grown])}\n\n"
        f"{last.requests} requests, of them {done.warm.requests} to warm up; {done.left} were hung "
        f"up on; {figure(done.sound)} s of sound."
    )


def _column(done: Soak, name: str) -> Sequence[float]:
    return [float(getattr(look.held, name)) for look in done.looks]


def _row(look: Look, shown: Sequence[str]) -> list[str]:
    held = asdict(look.held)
    return [str(look.requests), figure(look.seconds), *(_exact(held[name]) for name in shown)]


def _exact(value: float) -> str:
    """Return megabytes to a tenth, counts whole: growth is small beside what there is."""
    return f"{value:.1f}" if isinstance(value, float) else str(value)
