"""A smoke run of `script/bench web`: every row is there, and nothing is left behind."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ROWS = [
    "HTTP: first byte of sound, ms",
    "WebSocket: first frame of sound, samples, ms",
    "WebSocket: first frame of sound, Opus, ms",
    "an idle peer of 2, % of a core",
    "WebRTC: offer to open channel, ms",
    "left by 3 peers that came, heard and went: files",
    "left by 3 peers that came, heard and went: tasks",
    "left by 3 peers that came, heard and went: memory, MB",
    "client gone to engine cancelled, ms",
    "WebSocket: cancel to last sound on the wire, ms",
    "WebSocket: cancel to `cancelled`, ms",
]


@pytest.fixture(scope="module")
def rows() -> dict[str, list[str]]:
    ran = subprocess.run(
        [sys.executable, "-m", "bench", "web", "--quick"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    cells = [line.strip("| ").split(" | ") for line in ran.stdout.splitlines() if "|" in line]
    return {row[0]: row[1:] for row in cells[2:]}


def test_everything_is_measured(rows: dict[str, list[str]]) -> None:
    assert list(rows) == ROWS
    for name in ROWS[:5] + ROWS[8:]:
        float(rows[name][0])


def test_peers_leave_no_file_and_no_task(rows: dict[str, list[str]]) -> None:
    assert rows[ROWS[5]][0] == rows[ROWS[6]][0] == "0"
