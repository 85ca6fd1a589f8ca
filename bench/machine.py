"""What a measurement was made on: the line above every table."""

import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Final

from wyoming_indextts import __version__

LIBRARIES: Final = ("wyoming", "onnxruntime", "numpy")
"""Packages beside ours whose versions make a difference to the numbers."""


def heading(what: str, others: Iterable[str] = ()) -> str:
    """Return a title and a line of date, machine and versions; `others` are more versions.

    The load average tells whether the machine was idle when the measurement began.
    """
    versions = [f"{name} {metadata.version(name)}" for name in LIBRARIES]
    load = os.getloadavg()[0]
    facts = (
        f"{datetime.now(UTC):%Y-%m-%d}",
        f"{_processor()}, {os.cpu_count()} cores, {_memory():.0f} GB",
        f"Linux {platform.release()}, Python {platform.python_version()}",
        f"wyoming-indextts {__version__}",
        *versions,
        *others,
        f"load average before {load:.2f}",
    )
    return f"## {what}\n\n{'; '.join(facts)}.\n"


def installed(site: Path, *names: str) -> list[str]:
    """Return name and version of packages in another environment's `site-packages`."""
    found = {package.name: package.version for package in metadata.distributions(path=[str(site)])}
    return [f"{name} {found[name]}" for name in names]


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _memory() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
