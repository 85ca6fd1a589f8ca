"""What the embedded voice is told about this machine; costs no library to import."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

RATE: Final = 24_000
"""Samples per second that Kokoro speaks."""

Arithmetic = Literal["auto", "float", "integer"]
"""What the network computes in; auto: integers where there is little memory."""


@dataclass(frozen=True, slots=True)
class KokoroOptions:
    """Where things are. `model_file` and `voices_dir` are the user's own, if any.

    The sound is given at `rate`, which where it is another than Kokoro's needs soxr.
    """

    cache_dir: Path
    model_file: Path | None = None
    voices_dir: Path | None = None
    threads: int = 2
    rate: int = RATE
    arithmetic: Arithmetic = "auto"
