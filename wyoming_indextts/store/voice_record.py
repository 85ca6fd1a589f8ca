"""What is known of an enrolled voice besides its clip: a JSON file, with the consent to clone it.

A voice without a consent that can be read is not used.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from wyoming_indextts.errors import BadRequestError
from wyoming_indextts.speech.slug import check_slug
from wyoming_indextts.speech.voices import Sex

FORMAT: Final = "voice 1"
"""Another number for another meaning of the fields."""

LANGUAGES: Final = ("zh-CN", "en-US")
"""Those of a voice of which nothing else is said: IndexTTS2 speaks both in any voice."""

STATEMENT: Final = (
    "I agree that my voice is cloned from this recording, to speak what this server is asked to."
)
"""What a person who says nothing else agrees to."""

PURPOSE: Final = "speech in this house"

LONGEST_LINE: Final = 80
"""Characters of a name."""

LONGEST_TEXT: Final = 2000
"""Characters of a statement or purpose."""

_LANGUAGE: Final = re.compile("(?:zh|en)-[A-Z]{2}", re.ASCII)

_SHA256: Final = re.compile("[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Consent:
    """Who agreed to what, for which purpose, when (ISO 8601), and to the use of which clip.

    `audio` is the clip's hash, see `speech.clip.hash_of_clip`.
    """

    by: str
    given: str
    statement: str
    purpose: str
    audio: str


@dataclass(frozen=True, slots=True)
class VoiceRecord:
    """An enrolled voice; `stand_in` is an embedded voice's name, None leaves it to the sex."""

    display_name: str
    languages: tuple[str, ...]
    sex: Sex
    stand_in: str | None
    consent: Consent

    def check(self) -> None:
        """Make sure that every field can be what it says.

        Raises:
            BadRequestError: one cannot, and why.
        """
        _check_text("the display name", self.display_name, LONGEST_LINE)
        if not self.languages:
            raise BadRequestError("a voice speaks at least one language")
        for language in self.languages:
            if not _LANGUAGE.fullmatch(language):
                raise BadRequestError(
                    f"the language {language[:LONGEST_LINE]!r} is not spoken; "
                    "Chinese and English are, such as zh-CN and en-US"
                )
        if self.stand_in is not None:
            check_slug(self.stand_in)
        _check_text("who consents", self.consent.by, LONGEST_LINE)
        _check_text("the statement", self.consent.statement, LONGEST_TEXT)
        _check_text("the purpose", self.consent.purpose, LONGEST_TEXT)
        _check_moment(self.consent.given)
        if not _SHA256.fullmatch(self.consent.audio):
            raise BadRequestError("the consent is not for any clip")


def as_json(record: VoiceRecord) -> str:
    """Return the file's text."""
    table = {"format": FORMAT, **asdict(record)}
    return json.dumps(table, ensure_ascii=False, indent=2) + "\n"


def from_json(text: str) -> VoiceRecord:
    """Return the record that a file's text holds.

    Raises:
        BadRequestError: it holds none, or one that cannot be.
    """
    try:
        table = json.loads(text)
    except (ValueError, RecursionError):
        raise BadRequestError("its record is not JSON") from None
    match table:
        case {
            "format": str(known),
            "display_name": str(display_name),
            "languages": [*languages],
            "sex": ("female" | "male") as sex,
            "stand_in": (None | str()) as stand_in,
            "consent": {} as consent,
        } if known == FORMAT:
            spoken = tuple(str(language) for language in languages)
            record = VoiceRecord(display_name, spoken, sex, stand_in, _consent(consent))
            record.check()
            return record
        case {"format": known} if known != FORMAT:
            raise BadRequestError("its record is of another version of this program")
        case _:
            raise BadRequestError("its record lacks something, or has it in another form")


def _consent(table: Mapping[str, object]) -> Consent:
    match table:
        case {
            "by": str(by),
            "given": str(given),
            "statement": str(statement),
            "purpose": str(purpose),
            "audio": str(audio),
        }:
            return Consent(by, given, statement, purpose, audio)
        case _:
            raise BadRequestError("its consent lacks something, or has it in another form")


def _check_text(what: str, text: str, longest: int) -> None:
    if not text.strip() or not text.isprintable() or len(text) > longest:
        raise BadRequestError(f"{what} must be 1 to {longest} characters in one line")


def _check_moment(given: str) -> None:
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadRequestError("the consent's time must be ISO 8601, with its offset")
