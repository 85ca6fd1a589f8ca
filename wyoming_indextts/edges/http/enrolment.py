"""The port through which voices are enrolled: what is known of one, what is wanted, who does it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from wyoming_indextts.speech.voices import Sex


@dataclass(frozen=True, slots=True)
class Consent:
    """Who agreed to what, for which purpose, when (ISO 8601)."""

    by: str
    given: str
    statement: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A voice to be enrolled; what is None or empty is made up. `recording` is a file."""

    recording: bytes
    consent_by: str
    name: str | None = None
    display_name: str | None = None
    sex: Sex | None = None
    languages: tuple[str, ...] = ()
    stand_in: str | None = None
    statement: str | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for enrolling: what a person agrees to who says nothing else, and the limits.

    `formats` are kinds of files, `shortest` and `longest` seconds of sound.
    """

    statement: str
    purpose: str
    formats: tuple[str, ...]
    shortest: float
    longest: float
    languages: tuple[str, ...]


class Enrolment(Protocol):
    """Keeps enrolled voices. Belongs to the event loop's thread, and never blocks it."""

    @property
    def terms(self) -> Terms:
        """What holds here."""
        ...

    @property
    def lack(self) -> str | None:
        """What is missing for enrolling here, and what mends it; None: nothing."""
        ...

    async def consents(self) -> Mapping[str, Consent]:
        """Return the consent of each enrolled voice by its name."""
        ...

    async def add(self, newcomer: Newcomer) -> str:
        """Enrol a voice; return its name. It is there for everybody when this returns.

        Raises:
            BadRequestError, TooLargeError: a field or the recording will not do.
            UnsupportedError: something is missing for it here.
            BusyError: the machine has no room for it now.
            StorageFullError: it cannot be written; nothing of it was.
        """
        ...

    async def remove(self, name: str) -> None:
        """Remove an enrolled voice; it is gone for everybody when this returns.

        Raises:
            VoiceNotFoundError: there is none of that name.
            StorageFullError: the disk cannot be written.
        """
        ...
