"""What kind of CPU the tests run on, and what a program says in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path


def facts() -> dict[str, str]:
    """Return what Linux tells of the first core, by its names."""
    first = Path("/proc/cpuinfo").read_text("utf-8").partition("\n\n")[0]
    split = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in split}


def flags() -> set[str]:
    """Return what it can do."""
    return set(facts().get("flags", facts().get("Features", "")).split())


def told(program: str, *arguments: str, **variables: str) -> str:
    """Return what a Python program prints, with these variables in its environment too."""
    ended = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, **variables}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return ended.stdout.strip()
