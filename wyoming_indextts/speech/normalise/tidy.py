"""The last step: only words and the punctuation that engines pause at are left."""

from typing import Final

from wyoming_indextts.speech.language import HAN, Language
from wyoming_indextts.speech.normalise.patterns import Rule, read_all, rule

_STOPS: Final = r",.!?;:，。！？；：、…"

_COMMON: Final = (
    rule(r"\.{2,}|…+", "…"),
    rule(r"(?:--|—)[—-]*", "—"),
    rule(r"(?<=[A-Za-z])-(?=[A-Za-z])", "\N{HYPHEN}"),
    rule(r"\s-\s", ", "),
    rule(r"(?<=[A-Za-z])'(?=[A-Za-z])|(?<=s)'(?![A-Za-z])", "\N{RIGHT SINGLE QUOTATION MARK}"),
    rule(
        rf"[^A-Za-z{HAN}{_STOPS}—\N{{HYPHEN}}\N{{RIGHT SINGLE QUOTATION MARK}},，()（）\[\]]", " "
    ),
    rule("\N{HYPHEN}", "-"),
    rule("\N{RIGHT SINGLE QUOTATION MARK}", "'"),
)
"""Hyphens and apostrophes stay inside words only; they step aside while the rest goes."""

_BRACKETS: Final[dict[Language, Rule]] = {
    "en": rule(r"\s*[()（）\[\]]\s*", ", "),
    "zh": rule(r"\s*[()（）\[\]]\s*", "，"),
}
"""What stands in brackets is set off by pauses."""

_SPACES: Final = (
    rule(r"\s+", " "),
    rule(rf"\s+(?=[{_STOPS}])", ""),
    rule(rf"[,，、](?=[{_STOPS}])", ""),
    rule(rf"([{_STOPS}])(?:\s*[,，、])+", r"\1"),
    rule(r"([!?！？。，、；,;:：])\1+", r"\1"),
    rule(rf"(?<=[{HAN}，。！？；：、])\s+(?=[{HAN}，。！？；：、])", ""),
)


def tidy(text: str, language: Language) -> str:
    """Return `text` without quotes, leftover symbols, doubled marks and needless spaces."""
    return read_all(_SPACES, read_all((*_COMMON, _BRACKETS[language]), text))
