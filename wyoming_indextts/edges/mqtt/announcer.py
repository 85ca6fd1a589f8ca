"""The port through which announcements are spoken; whoever wires it in has them shown too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Wish:
    """An announcement as it was asked for over MQTT: checked for size and type, for no more.

    `fields` are those of an object as `docs/mqtt.md` lists them; plain text is its `message`.
    """

    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Notice:
    """One step of one announcement, for the event topic: its event_type, and what goes with it."""

    kind: str
    fields: Mapping[str, object]


class Announcer(Protocol):
    """Speaks announcements. Belongs to the event loop's thread; nothing here blocks."""

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        ...

    @property
    def quiet(self) -> bool:
        """Whether nobody is to be disturbed."""
        ...

    def announce(self, wish: Wish) -> str:
        """Take an announcement; return its id.

        Raises:
            SpeechError: it is not taken, and why.
        """
        ...

    def stop(self, *, announcement: str | None = None, target: str | None = None) -> int:
        """End one announcement, those for a target, or all; return how many there were."""
        ...

    def hush(self, *, quiet: bool) -> None:
        """Set whether nobody is to be disturbed."""
        ...

    def listen(self, listener: Callable[[Notice], None]) -> Callable[[], None]:
        """Call `listener` with every step from now on; return what ends that."""
        ...
