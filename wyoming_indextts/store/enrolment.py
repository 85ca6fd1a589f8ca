"""Enrols a voice: its clip and the consent to clone it, checked and kept together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from wyoming_indextts.errors import BadRequestError, ForbiddenError
from wyoming_indextts.speech.clip import Clip, check_clip, hash_of_clip
from wyoming_indextts.speech.slug import check_slug
from wyoming_indextts.speech.voices import Sex, Voices
from wyoming_indextts.store.clip import read_clip, wav_of
from wyoming_indextts.store.voice_record import LANGUAGES, Consent, VoiceRecord
from wyoming_indextts.store.voices import Enrolled, keep_voice


@dataclass(frozen=True, slots=True)
class Permission:
    """Who agrees to what, for which purpose."""

    by: str
    statement: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who is to be enrolled; see `VoiceRecord`."""

    name: str
    display_name: str
    sex: Sex
    languages: tuple[str, ...] = LANGUAGES
    stand_in: str | None = None


def newcomer(
    voices: Voices,
    name: str,
    *,
    display_name: str | None = None,
    sex: Sex | None = None,
    languages: Sequence[str] = (),
    stand_in: str | None = None,
) -> Newcomer:
    """Return who is wanted among `voices`; what is not said is the stand-in's or usual.

    Raises:
        BadRequestError: the name is none, or means a voice already, or no embedded voice is
            named as the stand-in.
    """
    check_slug(name)
    voices.check_free(name)
    alike = [voice for voice in voices.embedded if voice.name == stand_in]
    if stand_in and not alike:
        known = ", ".join(voice.name for voice in voices.embedded)
        raise BadRequestError(f"only an embedded voice can stand in; there are {known}")
    return Newcomer(
        name=name,
        display_name=display_name or name.capitalize(),
        sex=sex or (alike[0].sex if alike else "female"),
        languages=tuple(languages or LANGUAGES),
        stand_in=stand_in,
    )


def enrol(folder: Path, newcomer: Newcomer, clip: Clip, permission: Permission) -> Enrolled:
    """Keep a new voice; what the person agrees to, is agreed to now, for this clip alone.

    Raises:
        BadRequestError: the clip, the name or another field will not do, or the name is taken.
        StorageFullError: it cannot be written.
    """
    check_clip(clip)
    consent = Consent(
        by=permission.by,
        given=datetime.now(UTC).isoformat(timespec="seconds"),
        statement=permission.statement,
        purpose=permission.purpose,
        audio=hash_of_clip(clip),
    )
    record = VoiceRecord(
        newcomer.display_name, newcomer.languages, newcomer.sex, newcomer.stand_in, consent
    )
    return keep_voice(folder, newcomer.name, record, wav_of(clip))


def clip_of(voice: Enrolled) -> Clip:
    """Return the clip that a voice was enrolled from.

    Raises:
        ForbiddenError: it is not the one that was agreed to.
        BadRequestError, TooLargeError: it is damaged.
        OSError: it is not there any more.
    """
    clip = read_clip(voice.clip.read_bytes())
    if hash_of_clip(clip) != voice.record.consent.audio:
        raise ForbiddenError(
            f"the recording of {voice.name} is not the one that the consent is for; "
            "remove the voice and add it again"
        )
    return clip
