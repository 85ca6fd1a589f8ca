"""Adds a voice in front of a person: what it is, its recording, and the consent to clone it."""

import sys
from argparse import Namespace
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from wyoming_indextts.errors import ForbiddenError
from wyoming_indextts.speech.best_seconds import best_seconds
from wyoming_indextts.speech.clip import Clip
from wyoming_indextts.speech.voices import Voices
from wyoming_indextts.store.clip import LARGEST, read_clip
from wyoming_indextts.store.enrolment import Permission, enrol, newcomer
from wyoming_indextts.store.voice_record import PURPOSE, STATEMENT
from wyoming_indextts.store.voices import Enrolled

YES: Final = ("y", "yes")
"""Answers that agree."""


class ConsentMissingError(Exception):
    """Nobody was said to agree, and nobody can be asked; the message is one line."""


def add(wanted: Namespace, folder: Path, voices: Voices) -> None:
    """Enrol the voice that the command line describes; `voices` are those there are.

    Raises:
        ConsentMissingError: nobody agrees, and there is no terminal to ask at.
        ForbiddenError: the person does not agree.
        BadRequestError, TooLargeError, StorageFullError: see `enrol`.
        OSError: the recording cannot be read.
    """
    added = newcomer(
        voices,
        wanted.name,
        display_name=wanted.display_name,
        sex=wanted.sex,
        languages=wanted.language or (),
        stand_in=wanted.stand_in,
    )
    clip = _clip(Path(wanted.clip), best=wanted.best_seconds)
    enrolled = enrol(folder, added, clip, _permission(wanted, added.display_name))
    _tell(enrolled, clip)


def _clip(file: Path, *, best: bool) -> Clip:
    with file.open("rb") as stream:
        clip = read_clip(stream.read(LARGEST + 1))
    return best_seconds(clip) if best else clip


def _permission(wanted: Namespace, display_name: str) -> Permission:
    by = wanted.consent_by
    permission = Permission(by or "", wanted.statement or STATEMENT, wanted.purpose or PURPOSE)
    return permission if by else _asked(permission, display_name)


def _asked(permission: Permission, display_name: str) -> Permission:
    """Return the permission, given by whoever sits at the terminal for the person."""
    if not sys.stdin.isatty():
        raise ConsentMissingError(
            'whose voice is it, and who agrees? --consent-by "NAME" says so; without, none is added'
        )
    console = Console(stderr=True)
    by = _answer(console, f"Whose voice is {display_name}? Their name: ")
    console.print(Text(f"\n  {permission.statement}\n  Purpose: {permission.purpose}\n"))
    if not by or _answer(console, f"Does {by} agree? (y/N) ").lower() not in YES:
        raise ForbiddenError("without the person's consent no voice is added")
    return Permission(by, permission.statement, permission.purpose)


def _answer(console: Console, question: str) -> str:
    console.print(Text(question), end="")
    return sys.stdin.readline().strip()


def _tell(voice: Enrolled, clip: Clip) -> None:
    consent = voice.record.consent
    sys.stdout.write(
        f"{voice.name} ({voice.record.display_name}) was added: {clip.seconds:.1f} s, "
        f"with the consent of {consent.by}; a server that runs has it in a second\n"
    )
