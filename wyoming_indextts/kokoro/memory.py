"""How much memory there is for the voice, and what it therefore computes in."""

import re
from pathlib import Path
from typing import Final

from wyoming_indextts.kokoro.converted import is_converted
from wyoming_indextts.kokoro.options import Arithmetic
from wyoming_indextts.kokoro.weights import Model

LITTLE: Final = 2 * 1024**3
"""Bytes below which integers are better: floating point takes 1.4 GB once, to prepare them."""

MACHINE: Final = Path("/proc/meminfo")

LIMITS: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
"""Where Linux tells what this container may use, in its newer and its older way."""


def computes_in_integers(
    model: Model, cache: Path, arithmetic: Arithmetic, memory: int | None = None
) -> bool:
    """Return whether the network computes in integers here; `memory` stands for the machine's.

    Where nobody has chosen, what is prepared already goes before what would be better: an image
    may have only one.
    """
    if arithmetic != "auto":
        return arithmetic == "integer"
    if (total() if memory is None else memory) >= LITTLE:
        return False
    return is_converted(model, cache, integer=True) or not is_converted(model, cache)


def total(machine: Path = MACHINE, limits: tuple[Path, ...] = LIMITS) -> int:
    """Return the bytes that this machine has, or this container may use if that is less.

    Where nothing can be read, there is much.
    """
    found = [LITTLE]
    if kilobytes := re.search(r"^MemTotal: +(\d+) kB", _text(machine), re.MULTILINE):
        found = [1024 * int(kilobytes[1])]
    found += [int(limit) for limit in map(_text, limits) if limit.strip().isdecimal()]
    return min(found)


def _text(file: Path) -> str:
    try:
        return file.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return ""
