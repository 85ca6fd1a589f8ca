"""Engines for a process of its own: tones, and troubles on demand.

The child finds each factory by its name, `tests.process.engines:...`.
"""

import logging
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.tone import ToneEngine, text_of
from wyoming_indextts.errors import WeightsMissingError
from wyoming_indextts.speech.engine import Audio, Job, Produced
from wyoming_indextts.speech.vitals import Lack, Toll

log = logging.getLogger("wyoming_indextts.tones")  # as an engine of ours would

TONES: Final = "tests.process.engines:tones"

EXIT_CODE: Final = 3
"""What a process that exits on purpose exits with."""

PIECE: Final = 64 * 2**20
"""Bytes that an engine keeps for a job that says "memory"."""

THOUGHTS: Final = 50
"""Steps without sound, a second together."""


@dataclass(frozen=True, slots=True)
class Tones:
    """How a tone engine behaves. `loads` is a file that gets a line for every load.

    While there is a file `trouble`, its text says what goes wrong in a load: "exit", "raise",
    "break" or "hang".
    """

    pace: float = 0.0
    loads: Path | None = None
    trouble: Path | None = None
    stubborn: bool = False
    """Whether closing takes for ever."""
    lack: Lack | None = None


class TroubledEngine(ToneEngine):
    """Does what a job's text says.

    "exit": its process exits after the second character; "boom": a step raises; "bad": the job
    fails; "think": a second of steps without sound comes first; "memory": it grows.
    """

    def __init__(self, options: Tones) -> None:
        super().__init__(pace=options.pace, fails_on="bad", breaks_on="boom")
        self._stubborn = options.stubborn
        self.lack = options.lack
        self._kept: list[bytes] = []
        self._thoughts = 0

    @property
    def toll(self) -> Toll:
        """Characters spoken."""
        return Toll({"characters": self.steps})

    def begin(self, job: Job) -> None:
        """Accept a job."""
        if "memory" in text_of(job):
            self._kept.append(b"x" * PIECE)
        if "tired" in text_of(job):
            self.pace *= 2
        super().begin(job)

    def step(self) -> Sequence[Produced]:
        """Say one character of the most urgent job."""
        if "think" in self.said and self._thoughts < THOUGHTS:
            self._thoughts += 1
            time.sleep(1 / THOUGHTS)
            return ()
        produced = super().step()
        for item in produced:
            if isinstance(item, Audio) and "exit" in self.said and self.steps > 2:
                os._exit(EXIT_CODE)
        return produced

    def close(self) -> None:
        """Forget every job."""
        log.info("a tone engine closes")
        if self._stubborn:
            time.sleep(3600)
        super().close()


def tones(options: Tones) -> ToneEngine:
    """Load a tone engine, or fail to; be as noisy as libraries are."""
    sys.stdout.write("a library prints\n")
    sys.stdout.flush()
    log.info("a tone engine loads")
    if options.loads is not None:
        with options.loads.open("a") as loads:
            loads.write(f"{time.monotonic()}\n")
    match options.trouble.read_text() if options.trouble and options.trouble.exists() else "":
        case "exit":
            os._exit(EXIT_CODE)
        case "raise":
            raise WeightsMissingError("run `wyoming-indextts download`")
        case "break":
            raise RuntimeError("a bug in the load")
        case "hang":
            time.sleep(3600)
    return TroubledEngine(options)
