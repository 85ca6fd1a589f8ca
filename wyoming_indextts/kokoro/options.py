"""What the embedded voice is told about this machine; costs no library to import."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class KokoroOptions:
    """Where things are. `model_file` and `voices_dir` are the user's own, if any."""

    cache_dir: Path
    model_file: Path | None = None
    voices_dir: Path | None = None
    threads: int = 2
