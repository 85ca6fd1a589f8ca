"""A smoke run of `script/bench mqtt`: everything is measured, and nothing is nothing."""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def test_every_row_has_a_number() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench", "mqtt", "--quick"],
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    rows = [line.strip("| ").split(" | ") for line in ran.stdout.splitlines() if line[:2] == "| "]
    ours = [float(row[1]) for row in rows[2:]]
    assert len(ours) == 11
    assert all(value >= 0 for value in ours)
    assert rows[2][0] == "command to state, p50, ms" and ours[0] > 0
