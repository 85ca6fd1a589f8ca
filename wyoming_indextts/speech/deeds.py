"""What is put on record: who did what to whom, and how it ended; not where that is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Action = Literal[
    "speak", "announce", "stop", "stage.change", "voice.create", "voice.delete", "refused", "lost"
]
"""`refused`: somebody wanted what they may not. `lost`: so many could not be recorded."""

OK: Final = "ok"
"""The result of what was done; otherwise it is an error's code."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and in which request.

    `actor` is an address, with a token's id in front if there is one, or a way in such as "mqtt";
    it never holds a token.
    """

    actor: str
    request: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """One of them. `target` is a voice, a place or a route; `more` are numbers and names beside.

    `text` is what was said, for a record that keeps such.
    """

    action: Action
    asker: Asker
    target: str = ""
    result: str = OK
    more: Mapping[str, str | int | float] = field(default_factory=dict)
    text: str | None = None


Recorder = Callable[[Deed], None]
"""Puts a deed on record. Called in the loop's thread; never blocks and never raises."""


def unrecorded(_: Deed) -> None:
    """Forget it."""
