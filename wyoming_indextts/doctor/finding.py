"""What the doctor found about one thing, and what mends it."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "error"]
"""A warning is something that speech goes on without; an error is not."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`mend` is the command or setting that helps; empty where nothing is amiss."""

    topic: str
    state: State
    text: str
    mend: str = ""
