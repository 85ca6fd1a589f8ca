"""The one verdict on a spoken sentence: are the words there, and is the sound whole?

Speech recognition alone lets much pass: speech at a wrong rate or with a piece missing is
understood all the same (spec: embedded-voice.md, section 2). So rate, length, gaps and edges
are measured as well, most of them against a reference: the same speech as it left the engine.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tests.judge import measures
from tests.judge.recogniser import Language, Recogniser
from tests.judge.transcripts import error_rate
from wyoming_indextts.speech.audio import Pcm


class Fault(StrEnum):
    """What can be wrong with a sound."""

    WORDS = "other words"
    DURATION = "another length"
    PITCH = "another pitch"
    GAP = "a gap"
    CLICK = "a click"
    CLIPPED = "clipped samples"


ERRORS: Final[dict[Language, float]] = {"en": 0.20, "zh": 0.25}
"""Most errors in one sentence; the floor of good speech is .07 and .12."""

SET_ERRORS: Final = 0.10
"""Most errors in the mean of a set, in either language."""

DURATION: Final = 0.02
"""Part of the reference's length by which a sound may differ; 5 ms lost in 100 are .05."""

PITCH: Final = 0.04
"""The same for F0; 24,000 samples played as 22,050 are .08."""

GAP: Final = 0.1
"""Seconds by which the longest gap may be longer than the reference's."""

CLICK: Final = 16.0
"""See `measures.click`: speech stays below 10, dropped samples are above 20."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found.

    `duration` and `pitch` are factors of the reference's, `gap` is in seconds beyond its own.
    """

    expected: str
    heard: str
    language: Language
    errors: float
    duration: float
    pitch: float
    gap: float
    click: float
    clipped: int

    @property
    def faults(self) -> frozenset[Fault]:
        """Everything that is wrong; empty if the sound is good."""
        found = {
            Fault.WORDS: self.errors > ERRORS[self.language],
            Fault.DURATION: abs(self.duration - 1) > DURATION,
            Fault.PITCH: abs(self.pitch - 1) > PITCH,
            Fault.GAP: self.gap > GAP,
            Fault.CLICK: self.click > CLICK,
            Fault.CLIPPED: self.clipped > 0,
        }
        return frozenset(fault for fault, present in found.items() if present)


@dataclass(frozen=True, slots=True)
class Judge:
    """Listens with a recogniser and a ruler."""

    recogniser: Recogniser

    def verdict(self, sound: Pcm, expected: str, language: Language, *, reference: Pcm) -> Verdict:
        """Judge a sound that should say `expected` (in words) and be like `reference`."""
        heard = self.recogniser.hear(sound, language)
        return Verdict(
            expected=expected,
            heard=heard,
            language=language,
            errors=error_rate(expected, heard, language),
            duration=sound.seconds / reference.seconds,
            pitch=measures.pitch(sound) / measures.pitch(reference),
            gap=measures.longest_gap(sound) - measures.longest_gap(reference),
            click=measures.click(sound),
            clipped=measures.clipped(sound),
        )
