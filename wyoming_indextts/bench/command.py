"""`bench`: IndexTTS2 on this machine, beside the reference package if it is wanted.

Three contestants with the same random weights answer in turns over a real socket: ours streamed,
ours in one shot, and the reference. On a CPU each has one thread, and its CPU seconds count: what
other programs do meanwhile changes them little.
"""

import asyncio
import json
import os
import platform
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final

import torch

from wyoming_indextts.bench import reference
from wyoming_indextts.bench.buzz import enrol_buzz
from wyoming_indextts.bench.contest import Contest
from wyoming_indextts.bench.contestants import Contestant, contestant
from wyoming_indextts.bench.environment import reference_python
from wyoming_indextts.bench.measuring import Results, cancelled, crowd, rounds
from wyoming_indextts.bench.model_files import Size, data_folder, weights_folder
from wyoming_indextts.bench.report import REFERENCE, STREAMED, WHOLE, Report
from wyoming_indextts.bench.starts import started
from wyoming_indextts.bench.starts import told_of as starts_told
from wyoming_indextts.errors import EngineFailedError, UnsupportedError
from wyoming_indextts.indextts2 import layout
from wyoming_indextts.indextts2.options import HEAP, Precision
from wyoming_indextts.indextts2.prefix_file import NAMES
from wyoming_indextts.indextts2.text import Text
from wyoming_indextts.indextts2.text.segments import LONGEST
from wyoming_indextts.store.voices import read_voices, voices_folder

OURS: Final = (sys.executable, "-m", "wyoming_indextts.bench.ours")

WORDS: Final = ("this", "is", "a", "test", "it", "is")
"""Each is one token of the vocabulary; fifty of them are a sentence that is not cut."""

CODES_PER_TOKEN: Final = 5

CROWDS: Final = {"cpu": (1, 4, 8), "cuda": (1, 4, 8, 16, 32, 64)}
"""Listeners at once, by device."""

HANG_UPS: Final = {"cpu": 10, "cuda": 30}
"""How often somebody hangs up, at random moments of an answer."""

VOICE: Final = "bench"

SECONDS: Final = 4.0
"""Of the voice's clip."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be measured.

    Args:
        cache_dir: Where weights and the reference's environment are kept.
        device: cpu or cuda.
        size: Of the weights.
        against: Whether the reference takes part.
        environment: Python of an environment that has it; None makes one.
        rounds: How often each text is asked for.
        codes: Of each text, multiples of 5.
        crowds: Whether listeners at once, hanging up and starts are measured.
        steps: Of Euler; the reference always takes 25.
        precision: Of ours, as its setting has it; the reference's is float32 on a CPU.
    """

    cache_dir: Path
    device: str
    size: Size
    against: bool
    environment: Path | None
    rounds: int
    codes: Sequence[int]
    crowds: bool = True
    steps: int = 25
    precision: Precision = "auto"


def bench(wishes: Wishes) -> tuple[str, dict[str, object], str]:
    """Measure; return tables in Markdown, all of it for JSON, and an SVG.

    Raises:
        UnsupportedError: there is no such card, or no environment for the reference.
        EngineFailedError: a contestant failed; it has said why on standard error.
        OSError: the weights cannot be written.
    """
    if wishes.device == "cuda" and not torch.cuda.is_available():
        raise UnsupportedError("there is no CUDA here; --device cpu measures the CPU")
    folder = weights_folder(wishes.cache_dir, wishes.size)
    data = data_folder(wishes.cache_dir, wishes.size)
    if not read_voices(voices_folder(data)).voices:
        enrol_buzz(voices_folder(data), VOICE, SECONDS)
    read = Text.load(folder / layout.TOKENIZER, longest=LONGEST)
    texts = {codes: sentence(codes) for codes in wishes.codes}
    contest = Contest(
        str(folder), str(data), tokens={text: _ids(read, text) for text in texts.values()},
        codes_per_token=CODES_PER_TOKEN, steps=wishes.steps, device=wishes.device,
        precision=wishes.precision,
    )  # fmt: skip
    return asyncio.run(_measured(wishes, contest, texts))


async def _measured(
    wishes: Wishes, contest: Contest, texts: dict[int, str]
) -> tuple[str, dict[str, object], str]:
    results, threads = Results(), 1 if wishes.device == "cpu" else os.cpu_count() or 1
    async with AsyncExitStack() as opened:
        competing: dict[str, Contestant] = {}
        for name, streaming in ((STREAMED, True), (WHOLE, False)):
            told = replace(contest, streaming=streaming)
            one = contestant(OURS, told, threads=threads, environment=HEAP)
            competing[name] = await opened.enter_async_context(one)
        if wishes.against:
            told = replace(contest, prompt=str(_prompt(Path(contest.data))))
            one = contestant(_reference(wishes), told, threads=threads)
            competing[REFERENCE] = await opened.enter_async_context(one)
        results.answers = await rounds(competing, texts, count=wishes.rounds)
        ready = {name: one.ready for name, one in competing.items()}
        for (name, codes), answers in results.answers.items():
            if any(one.done is None or one.done.counts["codes"] != codes for one in answers):
                given = [one.done.counts for one in answers if one.done]
                raise EngineFailedError(f"{name} gave {given}, and was told to give {codes} codes")
    if wishes.crowds:
        await _crowds(contest, texts, results, threads)
    report = Report(results, ready, device=wishes.device)
    facts = facts_of(wishes)
    told_of = "; ".join([*map(str, facts.values()), *(one.about for one in ready.values())])
    tables, content = [f"{told_of}.", report.tables()], report.as_json(facts)
    if wishes.crowds:
        starts = await started(contest, texts[min(texts)], threads=threads)
        tables.append(starts_told(starts))
        content["starts"] = asdict(starts)
    return "\n\n".join(tables) + "\n", content, report.picture()


async def _crowds(contest: Contest, texts: dict[int, str], results: Results, threads: int) -> None:
    """Measure what a server does that was not told to hurry: it knows how fast the machine is."""
    text = texts[max(texts)]
    told = replace(contest, eager=False)
    async with contestant(OURS, told, threads=threads, environment=HEAP) as one:
        alone = await one.ask(text)
        for listeners in CROWDS[contest.device]:
            results.crowds.append(await crowd(one, text, listeners=listeners))
        random = Random(0)  # noqa: S311 - no secret
        for _ in range(HANG_UPS[contest.device]):
            after = random.uniform(0, alone.whole.wall)
            results.cancelled.append(await cancelled(one, text, after=after))


def _reference(wishes: Wishes) -> tuple[str, str]:
    python = wishes.environment
    if python is None:
        release = torch.__version__.partition("+")[0]
        python = reference_python(wishes.cache_dir / "bench" / REFERENCE, release)
    return str(python), str(Path(reference.__file__))


def sentence(codes: int) -> str:
    """Return a text that gets so many codes, a multiple of `CODES_PER_TOKEN`."""
    words = codes // CODES_PER_TOKEN
    return " ".join(WORDS[number % len(WORDS)] for number in range(words))


def _ids(read: Text, text: str) -> list[int]:
    return [token for segment in read.tokenize(text) for token in segment]


def _prompt(data: Path) -> Path:
    """Return the file of the voice's prompt, which our server has made."""
    voice = read_voices(voices_folder(data)).voices[0]
    return next(file for file in voice.prompts.iterdir() if not file.match(NAMES))


def facts_of(wishes: Wishes) -> dict[str, object]:
    """Return what was measured, where and when."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    machine = next(names, platform.machine())
    if wishes.device == "cuda":
        machine = f"{torch.cuda.get_device_name()}, driver by CUDA {torch.version.cuda}, {machine}"
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{machine}, {os.cpu_count()} cores",
        "python": f"Python {platform.python_version()}",
        "size": f"{wishes.size} weights",
        "rounds": f"{wishes.rounds} rounds",
        "load": f"load average before {os.getloadavg()[0]:.1f}",
    }


def write(file: Path, content: dict[str, object], picture: str | None) -> None:
    """Write the JSON, and the picture, if there is one, beside it as `.svg`."""
    file.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    if picture is not None:
        file.with_suffix(".svg").write_text(picture, "utf-8")
