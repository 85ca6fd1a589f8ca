"""What the tool `wyoming-bench` says of a server: run as it is, its lines read."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.contestants import ENVIRONMENT
from bench.processes import HOST

MODES: Final = ("non_streaming", "streaming")
"""The tool's ways to ask: the whole text at once, or sentence by sentence."""

LINE: Final = re.compile(
    r"\[(?P<mode>\w+)\] r\d+ sent=\d+ "
    r"ttft=(?P<first>\d+)ms total=(?P<total>\d+)ms audio=(?P<sound>[\d.]+)s"
)
"""A measurement as `--verbose` prints it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One of the tool's texts, spoken once; seconds."""

    mode: str
    first: float
    total: float
    sound: float

    @property
    def real_time_factor(self) -> float:
        """Seconds of waiting for the whole per second of sound."""
        return self.total / self.sound


def command(port: int, texts: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the command: both modes, each text once and unchanged; by default the tool's own."""
    return (
        str(ENVIRONMENT / "bin" / "wyoming-bench"), "tts", f"{HOST}:{port}",
        "--rounds", "1", "--warmup", "0", "--no-unique", "--timeout", "120", "--verbose",
        *(("--texts", *texts) if texts else ()),
    )  # fmt: skip


async def measure(port: int, texts: Sequence[str] = ()) -> list[Measured]:
    """Run the tool once.

    Raises:
        RuntimeError: it failed, or one of its measurements did.
    """
    tool = await asyncio.create_subprocess_exec(
        *command(port, texts),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await tool.communicate()
    finally:
        if tool.returncode is None:
            tool.kill()
            await tool.wait()
    printed = output.decode(errors="replace")
    measured = read(printed)
    if tool.returncode or "FAIL" in printed or {one.mode for one in measured} != set(MODES):
        raise RuntimeError(f"wyoming-bench failed:\n{printed}")
    return measured


def read(printed: str) -> list[Measured]:
    """Return the measurements in what the tool printed."""
    return [_measured(found) for found in LINE.finditer(printed)]


def _measured(found: re.Match[str]) -> Measured:
    first, total = int(found["first"]) / 1000, int(found["total"]) / 1000
    return Measured(found["mode"], first, total, float(found["sound"]))
