"""The user's own readings of terms: glossary.yaml beside the model's files.

M.2: {zh: M二, en: M dot two}    a reading for each language; one may be missing
GPT: G P T                       one reading for both
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

import yaml

from wyoming_indextts.indextts2.faults import corrupt
from wyoming_indextts.indextts2.text.annotations import MARKER
from wyoming_indextts.speech.language import Language

_LANGUAGES: Final = get_args(Language)


@dataclass(frozen=True, slots=True)
class Glossary:
    """Readings by language and by term, the terms in small letters."""

    readings: Mapping[Language, Mapping[str, str]]

    @classmethod
    def load(cls, file: Path) -> "Glossary":
        """Read a glossary; an empty one if there is no such file.

        Raises:
            WeightsCorruptError: it is not a table of readings.
        """
        try:
            table = yaml.safe_load(file.read_text("utf-8-sig")) if file.is_file() else {}
        except (yaml.YAMLError, UnicodeDecodeError):
            raise corrupt(file.name, "is not YAML") from None
        return cls.of(table or {}, file=file.name)

    @classmethod
    def of(cls, table: object, *, file: str) -> "Glossary":
        """Return the glossary that `table`, read from `file`, spells.

        Raises:
            WeightsCorruptError: it is not a table of readings.
        """
        if not isinstance(table, Mapping):
            raise corrupt(file, "is not a table of terms")
        readings: dict[Language, dict[str, str]] = {language: {} for language in _LANGUAGES}
        for term, given in table.items():
            by_language = dict.fromkeys(_LANGUAGES, given) if isinstance(given, str) else given
            if not (isinstance(term, str) and term and _is_reading(by_language)):
                raise corrupt(file, f"{term!r} needs a reading: text, or zh and en")
            for language in _LANGUAGES:
                if language in by_language:
                    readings[language][term.lower()] = by_language[language]
        return cls(readings)

    def read(self, text: str, language: Language) -> str:
        """Return `text` with its terms read, in any case, the longest first; marks stay."""
        readings = self.readings[language]
        if not readings:
            return text
        terms = sorted(readings, key=len, reverse=True)
        pattern = re.compile("|".join(f"({re.escape(term)})" for term in terms), re.IGNORECASE)

        def reading(found: re.Match[str]) -> str:
            return readings[terms[(found.lastindex or 1) - 1]]

        parts = MARKER.split(text)
        return "".join(
            part if index % 2 else pattern.sub(reading, part) for index, part in enumerate(parts)
        )


def _is_reading(given: object) -> bool:
    return isinstance(given, Mapping) and all(
        isinstance(given.get(language, ""), str) for language in _LANGUAGES
    )
