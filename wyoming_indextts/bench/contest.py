"""What a contestant is told, and what it tells: plain data that travels as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final, Self

from wyoming_indextts.indextts2.options import Precision

HELD: Final = "held"
"""Under this key a contestant tells what it holds when it is asked."""


@dataclass(frozen=True, slots=True)
class Contest:
    """Weights, voice and manner of a contestant.

    Args:
        folder: Of the official layout.
        data: Our server's data folder, with the voice in it.
        prompt: File of the voice's prompt; empty where it need not be known.
        tokens: The text ids of each text that will be asked for; ours finds them itself.
        codes_per_token: So many codes each of them gets.
        steps: Of Euler.
        device: Of torch.
        streaming: Whether ours begins inside the sentence.
        eager: Whether ours begins at once, though gaps may follow.
        precision: What ours computes in.
        idle: Seconds without a request after which ours gives its memory back, where its engine
            has a process of its own.
    """

    folder: str
    data: str
    prompt: str = ""
    tokens: Mapping[str, list[int]] = field(default_factory=dict)
    codes_per_token: int = 5
    steps: int = 25
    device: str = "cpu"
    streaming: bool = True
    eager: bool = True
    precision: Precision = "auto"
    idle: float = 0.0

    def as_json(self) -> str:
        """Return it as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> Self:
        """Return what `as_json` gave."""
        return cls(**json.loads(line))


@dataclass(frozen=True, slots=True)
class Ready:
    """What a contestant says once: its port, its versions, what its pieces take at least.

    `floor` is seconds of a CPU for a code, for a frame in one step, for a frame's wave, by the
    operations and bytes they need and what this machine does of each in a second.
    """

    port: int
    about: str
    floor: Mapping[str, float] = field(default_factory=dict)
    real_time_factor: float = 0.0


@dataclass(frozen=True, slots=True)
class Done:
    """What it says after each request: CPU seconds by stage, counts of work, MB at most so far."""

    spent: Mapping[str, float]
    counts: Mapping[str, int]
    megabytes: float
