"""What this process holds: memory, files, threads, tasks, objects."""

import asyncio
import gc
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Held:
    """Megabytes (2**20) of memory, and counts.

    `resident` is RSS, `anonymous` the part of it that is no file's: what the process has written
    itself (PSS would change with the programs that have the same libraries). Of a card `allocated`
    is what tensors take and `reserved` what torch holds for them, 0 without one. `objects` are
    those of Python that may hold others.
    """

    resident: float
    anonymous: float
    allocated: float
    reserved: float
    files: int
    threads: int
    tasks: int
    objects: int


def held() -> Held:
    """Return what is held by now, garbage collected; called in the event loop's thread (Linux)."""
    gc.collect()
    allocated = reserved = 0
    torch = sys.modules.get("torch")  # a process that has not imported it holds nothing of a card
    if torch is not None and torch.cuda.is_available():
        allocated, reserved = torch.cuda.memory_allocated(), torch.cuda.memory_reserved()
    own = Path("/proc/self")
    pages = dict(_sizes((own / "smaps_rollup").read_text("ascii")))
    return Held(
        resident=pages["Rss"] / 1024,
        anonymous=pages["Anonymous"] / 1024,
        allocated=allocated / 2**20,
        reserved=reserved / 2**20,
        files=sum(1 for _ in (own / "fd").iterdir()) - 1,  # but the one that this look opens
        threads=sum(1 for _ in (own / "task").iterdir()),
        tasks=len(asyncio.all_tasks()),
        objects=len(gc.get_objects()),
    )


def most_resident() -> float:
    """Return the megabytes of RSS that this process has had at most (Linux).

    getrusage would tell the most that whoever started it had, where that was more.
    """
    return dict(_sizes(Path("/proc/self/status").read_text("utf-8")))["VmHWM"] / 1024


def _sizes(told: str) -> list[tuple[str, int]]:
    """Return names and kilobytes of the lines that have them."""
    split = (line.split() for line in told.splitlines())
    return [(line[0].removesuffix(":"), int(line[1])) for line in split if line[-1] == "kB"]
