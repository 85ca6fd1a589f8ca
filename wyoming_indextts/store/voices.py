"""The enrolled voices on the disk: each a folder, there whole or not at all.

    VOICES/mum/voice.json    who it is, and the consent; see `voice_record`
    VOICES/mum/clip.wav      the clip, exactly as it was enrolled
    VOICES/mum/prompts/      what was derived from it and can be made again
    VOICES/.*                see `whole_folder`

The folder's name is the voice's. All of a voice is in its folder, so that nothing of it is left
when that is deleted, be it by hand. A folder that is broken costs that voice and no other.

A recording that is only laid into VOICES is no voice: nobody has agreed to anything.
"""

from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from wyoming_indextts.errors import BadRequestError, VoiceNotFoundError
from wyoming_indextts.speech.slug import check_slug, is_slug
from wyoming_indextts.speech.stand_in import stand_in
from wyoming_indextts.speech.voices import Voice
from wyoming_indextts.store.voice_record import VoiceRecord, as_json, from_json
from wyoming_indextts.store.whole_folder import changing, delete, is_hidden, make
from wyoming_indextts.store.writing import VOICES, on_disk

RECORD: Final = "voice.json"

CLIP: Final = "clip.wav"

PROMPTS: Final = "prompts"

LARGEST_RECORD: Final = 100_000
"""Bytes; ten times the longest that is written."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An enrolled voice and where it is kept."""

    folder: Path
    record: VoiceRecord

    @property
    def name(self) -> str:
        """The voice's, a slug."""
        return self.folder.name

    @property
    def clip(self) -> Path:
        """The recording it was cloned from."""
        return self.folder / CLIP

    @property
    def prompts(self) -> Path:
        """Folder for what is derived from the clip; it need not be there yet."""
        return self.folder / PROMPTS


@dataclass(frozen=True, slots=True)
class Shelf:
    """The enrolled voices in the order of their names, and what is wrong with others."""

    voices: Sequence[Enrolled] = ()
    faults: Mapping[str, str] = field(default_factory=dict)


def voices_folder(data_dir: Path) -> Path:
    """Return where in the data folder they are."""
    return data_dir / "voices"


def read_voices(folder: Path) -> Shelf:
    """Return the voices that are there; none if the folder is not. Reads the disk, never raises."""
    voices = list[Enrolled]()
    faults = dict[str, str]()
    try:
        places = _places(folder)
    except OSError as error:
        return Shelf((), {folder.name: f"the folder cannot be read: {error.strerror}"})
    for place in places:
        try:
            voices.append(_read(place))
        except FileNotFoundError:
            if place.exists():  # not removed just now
                faults[place.name] = f"it has no {RECORD} or no {CLIP}"
        except OSError as error:
            faults[place.name] = f"it cannot be read: {error.strerror}"
        except BadRequestError as error:
            faults[place.name] = str(error)
    return Shelf(voices, faults)


def find_voice(folder: Path, name: str) -> Enrolled:
    """Return the enrolled voice of that name.

    Raises:
        VoiceNotFoundError: there is none, or it is broken.
    """
    with suppress(OSError, BadRequestError):
        if is_slug(name):
            return _read(folder / name)
    raise _not_found(folder, name)


def keep_voice(folder: Path, name: str, record: VoiceRecord, wav: bytes) -> Enrolled:
    """Keep a voice under a new name; `wav` is the clip's file.

    Raises:
        BadRequestError: it cannot have that name or that record, or the name is taken.
        StorageFullError: it cannot be written; nothing of it was.
    """
    check_slug(name)
    record.check()
    files = {CLIP: wav, RECORD: as_json(record).encode()}
    with on_disk(VOICES), changing(folder):
        try:
            make(folder / name, files)
        except FileExistsError:
            raise BadRequestError(
                f"there is a voice named {name} already; remove it first, or choose another name"
            ) from None
    return Enrolled(folder / name, record)


def remove_voice(folder: Path, name: str) -> None:
    """Remove a voice, broken or not, with all that was derived from it.

    Raises:
        VoiceNotFoundError: there is none.
        StorageFullError: the folder cannot be written.
    """
    place = folder / name
    if not (is_slug(name) and place.is_dir() and not place.is_symlink()):
        raise _not_found(folder, name)
    with on_disk(VOICES), changing(folder):
        try:
            delete(place)
        except FileNotFoundError:
            raise _not_found(folder, name) from None


def fingerprint(folder: Path) -> Hashable:
    """Return what is another value after every change to the voices; cheap, reads no file."""
    try:
        return tuple(
            (place.name, _mark(place), _mark(place / RECORD), _mark(place / CLIP))
            for place in _places(folder)
        )
    except OSError as error:
        return error.errno


def voices_of(shelf: Shelf, embedded: Sequence[Voice]) -> list[Voice]:
    """Return the enrolled voices as users see them; nobody takes an embedded voice's name."""
    taken = {voice.name for voice in embedded}
    return [
        Voice(
            enrolled.name,
            enrolled.record.display_name,
            enrolled.record.languages,
            enrolled.record.sex,
            stand_in=stand_in(enrolled.record.stand_in, enrolled.record.sex, embedded),
        )
        for enrolled in shelf.voices
        if enrolled.name not in taken
    ]


def _places(folder: Path) -> list[Path]:
    """Return what is in the folder, by name; nothing if it is not there."""
    try:
        return sorted(place for place in folder.iterdir() if not is_hidden(place.name))
    except FileNotFoundError:
        return []


def _read(place: Path) -> Enrolled:
    """Return the voice in a folder.

    Raises:
        BadRequestError, OSError: it is none.
    """
    if not place.is_dir() or place.is_symlink():
        raise BadRequestError("it is not a voice's folder; `voices add` enrols recordings")
    check_slug(place.name)
    with (place / RECORD).open("rb") as file:
        content = file.read(LARGEST_RECORD)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise BadRequestError("its record is not UTF-8 text") from None
    record = from_json(text)
    if not (place / CLIP).stat().st_size:
        raise BadRequestError(f"its {CLIP} is empty")
    return Enrolled(place, record)


def _mark(file: Path) -> Hashable:
    try:
        stat = file.stat()
    except OSError as error:
        return error.errno
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _not_found(folder: Path, name: str) -> VoiceNotFoundError:
    known = ", ".join(voice.name for voice in read_voices(folder).voices) or "none"
    return VoiceNotFoundError(f"no enrolled voice is named {name[:40]!r}; there are: {known}")
