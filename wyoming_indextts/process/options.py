"""What the supervisor of an engine's process allows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ProcessOptions:
    """Limits of one engine's process; times in seconds."""

    name: str = "the engine"
    """What the log and the metrics call it."""

    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that its process has beside this one's, which go before them."""

    step_timeout: float = 20.0
    """Without a sign of life for so long a process is hung, and killed. A step may last nearly as
    long; the embedded voice's longest clause takes a small machine a few seconds."""

    load_timeout: float = 120.0
    """From the start of a process to its loaded engine."""

    close_timeout: float = 5.0
    """For an engine to give back what it holds; then it is killed. Half of what Docker allows."""

    idle_unload: float | None = None
    """Without a job for so long the process is ended; the next job starts another. None: never."""

    prepared: bool = False
    """Whether an idle engine that has ended leaves a process behind that has imported what it needs
    and holds nothing else: the next load is then sooner by those seconds."""

    memory_limit: int | None = None
    """Megabytes (2**20) of resident memory above which a process that has spoken is replaced as
    soon as it is idle. None: no limit."""

    shortest_back_off: float = 0.5
    """Between the loss of a process and its successor; doubles with every loss in a row."""

    longest_back_off: float = 30.0
    """Where the doubling ends."""
