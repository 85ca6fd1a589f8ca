"""A smoke run of `script/bench protocol`: nothing is lost, and nothing is left behind."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


MARK = f"BENCH_SMOKE_RUN={uuid.uuid4()}"
"""In the environment of everything that the run starts."""


@pytest.fixture(scope="module")
def printed() -> str:
    name, _, value = MARK.partition("=")
    ran = subprocess.run(
        [sys.executable, "-m", "bench", "protocol", "--quick"],
        cwd=REPOSITORY,
        env=os.environ | {name: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def cells(printed: str, what: str) -> list[str]:
    """Return the three servers' cells in the row whose name ends in `what`."""
    rows = [line.strip("| ").split(" | ") for line in printed.splitlines() if "|" in line]
    (row,) = [row for row in rows if row[0].endswith(what)]
    return row[1:4]


def test_every_connection_is_answered(printed: str) -> None:
    assert cells(printed, "connections held that answer") == ["50 of 50"] * 3
    assert cells(printed, "all ask for speech at once") == ["50 of 50"] * 3


def test_every_client_that_leaves_has_its_job_cancelled(printed: str) -> None:
    assert cells(printed, "jobs cancelled") == ["5 of 5"] * 3


def test_every_payload_is_taken(printed: str) -> None:
    assert cells(printed, "in events of 1 MiB: taken, MB") == ["8.00"] * 3


def test_no_server_outlives_it(printed: str) -> None:
    assert printed
    assert not [text for text in _environments() if MARK in text]


def _environments() -> Iterator[str]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            yield (folder / "environ").read_text(errors="replace")
        except OSError:
            continue
