"""Voices enrolled over HTTP: the port of that edge, on the folder of voices."""

import asyncio
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wyoming_indextts.edges.http.enrolment import Consent, Newcomer, Terms
from wyoming_indextts.errors import UnsupportedError
from wyoming_indextts.speech.clip import LONGEST, SHORTEST, Clip
from wyoming_indextts.speech.slug import LONGEST as LONGEST_NAME
from wyoming_indextts.speech.slug import slug_of
from wyoming_indextts.speech.voices import Voices
from wyoming_indextts.store.clip_apart import MEND, read_clip_apart
from wyoming_indextts.store.voice_record import LANGUAGES, PURPOSE, STATEMENT
from wyoming_indextts.store.voices import Shelf, read_voices, remove_voice

if TYPE_CHECKING:
    from wyoming_indextts.store.enrolment import Newcomer as Kept

TERMS: Final = Terms(
    STATEMENT, PURPOSE, ("wav", "flac", "mp3", "ogg"), SHORTEST, LONGEST, LANGUAGES
)

LACK: Final = f"recordings cannot be read here; {MEND}"


class Enrolments:
    """Adds and removes voices in a folder; see `Enrolment`."""

    def __init__(self, folder: Path, voices: Voices, changed: Callable[[Shelf], None]) -> None:
        """Take the voices there are, and what is to be called with those of the folder."""
        self._folder = folder
        self._voices = voices
        self._changed = changed

    @property
    def terms(self) -> Terms:
        """What holds here."""
        return TERMS

    @property
    def lack(self) -> str | None:
        """What is missing for enrolling here, and what mends it; None: nothing."""
        return LACK if find_spec("soundfile") is None else None

    async def consents(self) -> Mapping[str, Consent]:
        """Return the consent of each enrolled voice by its name."""
        shelf = await asyncio.to_thread(read_voices, self._folder)
        given = {voice.name: voice.record.consent for voice in shelf.voices}
        return {
            name: Consent(consent.by, consent.given, consent.statement, consent.purpose)
            for name, consent in given.items()
        }

    async def add(self, newcomer: Newcomer) -> str:
        """Enrol a voice; return its name. Raises what `Enrolment.add` says."""
        name = newcomer.name or self._free_name(newcomer.display_name or "")
        kept = await asyncio.to_thread(self._checked, name, newcomer)
        clip = await read_clip_apart(newcomer.recording)
        await asyncio.to_thread(self._keep, kept, clip, newcomer)
        await self._tell()
        return name

    async def remove(self, name: str) -> None:
        """Remove an enrolled voice. Raises what `Enrolment.remove` says."""
        await asyncio.to_thread(remove_voice, self._folder, name)
        await self._tell()

    def _checked(self, name: str, newcomer: Newcomer) -> "Kept":
        """Return who is to be enrolled, before anything is done with the recording."""
        try:
            from wyoming_indextts.store.enrolment import newcomer as checked  # noqa: PLC0415
        except (ImportError, OSError):  # the latter: the package without its library
            raise UnsupportedError(LACK) from None
        return checked(
            self._voices,
            name,
            display_name=newcomer.display_name,
            sex=newcomer.sex,
            languages=newcomer.languages,
            stand_in=newcomer.stand_in,
        )

    def _keep(self, kept: "Kept", clip: Clip, newcomer: Newcomer) -> None:
        from wyoming_indextts.store.enrolment import Permission, enrol  # noqa: PLC0415 - likewise

        permission = Permission(
            newcomer.consent_by, newcomer.statement or STATEMENT, newcomer.purpose or PURPOSE
        )
        enrol(self._folder, kept, clip, permission)

    async def _tell(self) -> None:
        self._changed(await asyncio.to_thread(read_voices, self._folder))

    def _free_name(self, display_name: str) -> str:
        """Return the name of a voice that people call `display_name`, or a numbered one."""
        if slug := slug_of(display_name)[:LONGEST_NAME].strip("-"):
            return slug
        taken = {voice.name for voice in self._voices}
        return next(name for n in range(1, len(taken) + 2) if (name := f"voice-{n}") not in taken)
