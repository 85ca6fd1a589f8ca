"""English words that are not said as they are written: abbreviations, acronyms and symbols."""

from re import Match
from typing import Final

from wyoming_indextts.speech.normalise.patterns import rule

_SHORT: Final = {
    "approx": "approximately",
    "avg": "average",
    "e.g": "for example",
    "i.e": "that is",
    "incl": "including",
    "vs": "versus",
    "mr": "Mister",
    "mrs": "Missus",
    "ms": "Miz",
    "prof": "Professor",
    "ave": "Avenue",
    "blvd": "Boulevard",
    "rd": "Road",
    "apt": "Apartment",
    "max": "maximum",
    "min": "minimum",
    "temp": "temperature",
}
"""Abbreviation, its full stop left out -> what is said."""

SPELLED: Final = (
    "AA", "AAA", "AC", "AI", "API", "AQI", "AV", "CO", "CPU", "DIY", "ETA", "EU", "EV", "FAQ",
    "GPU", "HDMI", "ID", "IP", "IR", "LED", "OS", "PIR", "TVOC", "UI", "UK", "UPS", "URL", "USA",
    "USB", "UTC", "UV", "UVB", "VOC",
)  # fmt: skip
"""Acronyms with vowels that are spelled; NAS, HVAC and the like are said as words."""

_NO_ACRONYMS: Final = ("DR", "HMM", "MR", "MRS", "PSST", "SHH", "SSH", "ST")
"""Words without a vowel that are spoken as words."""


def _expand(match: Match[str]) -> str:
    return _SHORT[match[1].lower()]


def _spell(match: Match[str]) -> str:
    return match[0] if match[0] in _NO_ACRONYMS else " ".join(match[0])


_DOTTED: Final = "|".join(key.replace(".", r"\.") for key in _SHORT if key not in {"mr", "mrs"})

ABBREVIATIONS: Final = (
    rule(r"\b(Mr|Mrs)\b\.?", _expand),
    rule(r"\bDr\.?(?=\s+[A-Z])", "Doctor"),
    rule(r"(?<=[a-z]\s)Dr\.(?=\s+[a-z]|[,;]|\s*$)", "Drive"),
    rule(r"\bSt\.?(?=\s+[A-Z])", "Saint"),
    rule(r"(?<=[a-z]\s)St\.(?=\s+[a-z]|\s*$)", "Street"),
    rule(
        rf"(?<!\d)(?<!\d\s)\b({_DOTTED})(?:\.(?=\s+\S|[,:;)])|(?=\.\s*$))", _expand, any_case=True
    ),
    rule(r"\betc\.(?=\s*$)", "et cetera."),
    rule(r"\betc\b\.?", "et cetera"),
    rule(r"\bw/o\s", "without "),
    rule(r"(?<!\d )\bw/\s?(?=[A-Za-z])", "with "),
    rule(r"\bdegrees C\b", "degrees Celsius"),
    rule(r"\bdegrees F\b", "degrees Fahrenheit"),
    rule(r"\b([A-Z])\.(?=[A-Z]\b)", r"\1 "),
    rule(r"(?<=\b[A-Z] )([A-Z])\.(?=\s*\S)", r"\1"),
    rule(r"\b([A-Z])\.(?=\s[A-Z])", r"\1"),
)
"""Before numbers are read: some stand before a number."""

ACRONYMS: Final = (
    rule(r"\b(?:[B-DF-HJ-NP-TV-XZ]{2,5}|" + "|".join(SPELLED) + r")\b(?!')", _spell),
    rule(
        r"\b([A-Z]{1,3})&([A-Z]{1,3})\b",
        lambda match: f"{' '.join(match[1])} and {' '.join(match[2])}",
    ),
    rule(r"\bIPv\b", "I P V"),
    rule(r"(?<=\b[A-Z])-(?=[A-Z]\b)", " "),
)
"""In both languages: letters that stand alone are spoken by their names."""

SYMBOLS: Final = (
    rule(r"℃|°C\b", " degrees Celsius "),
    rule(r"℉|°F\b", " degrees Fahrenheit "),
    rule(r"°", " degrees "),
    rule(r"\s*%", " percent "),
    rule(r"&", " and "),
    rule(r"@", " at "),
    rule(r"±", " plus or minus "),
    rule(r"\+", " plus "),
    rule(r"=", " equals "),
)
"""Symbols that are words."""
