"""How soon there is sound where something has to be loaded first."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from wyoming_indextts.bench.command import sentence
from wyoming_indextts.bench.contest import Contest
from wyoming_indextts.bench.model_files import weights_folder
from wyoming_indextts.bench.starts import TIMES, Starts, started, told_of

LOADED = """
import sys
from pathlib import Path
from wyoming_indextts.engines import indextts2
from wyoming_indextts.indextts2.options import Exercise, IndexTTS2Options

options = IndexTTS2Options(
    Path(sys.argv[1]), Path(sys.argv[2]), device="cpu", steps=2, exercise=Exercise(5, eager=True)
)
indextts2(options)
print(sorted({"torch._dynamo", "torch._inductor", "sympy"} & sys.modules.keys()))
"""


def test_the_table_gives_the_median_and_each() -> None:
    lines = told_of(Starts([3.0, 1.0, 2.0], [0.5, 0.25, 0.75], [0.125])).splitlines()
    assert lines[2] == "| start of a new process | 2 | 3, 1, 2 |"
    assert lines[3].endswith("| 0.5 | 0.5, 0.25, 0.75 |")
    assert lines[4].endswith("| 0.125 | 0.125 |")


def test_an_engine_that_loads_imports_no_compiler(cache: Path, tmp_path: Path) -> None:
    """Torch does so for arithmetic with outlines: 1.2 s of a CPU and 68 MB, at every load."""
    command = [sys.executable, "-c", LOADED, str(weights_folder(cache, "small")), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    assert done.stdout.strip() == "[]"


@pytest.mark.full
@pytest.mark.timeout(600)
def test_starts_are_measured_with_the_real_server(cache: Path) -> None:
    """Each has been seen as often as it should be, and what was enrolled for it is gone."""
    folder = weights_folder(cache, "small")
    starts = asyncio.run(started(Contest(str(folder), "", steps=2), sentence(10), threads=1))
    assert len(starts.cold) == len(starts.reloads) == len(starts.voices) == TIMES
    assert min(starts.cold) > 0
    assert min(starts.reloads) < min(starts.cold)  # what is imported need not be imported again
    assert not list(folder.rglob("new-*"))
