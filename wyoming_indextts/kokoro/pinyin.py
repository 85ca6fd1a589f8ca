"""Toned pinyin to Kokoro's symbols, one syllable at a time.

Kokoro was trained on these spellings (those of misaki, its own front end): an initial, a final,
and an arrow for the tone, which stands before a final n or ŋ and otherwise last. The neutral
tone has no arrow.
"""

import re
from typing import Final

INITIALS: Final = {
    "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l",
    "g": "k", "k": "kʰ", "h": "x", "j": "ʨ", "q": "ʨʰ", "x": "ɕ",
    "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "r": "ɻ", "z": "ʦ", "c": "ʦʰ", "s": "s", "": "",
}  # fmt: skip
"""What stands before the final."""

FINALS: Final = {
    "a": "a", "o": "ɔ", "e": "ɤ", "ai": "ai", "ei": "ei", "ao": "au", "ou": "ou",
    "an": "a·n", "en": "ə·n", "ang": "a·ŋ", "eng": "ə·ŋ", "ong": "ʊ·ŋ", "er": "ɚ",
    "i": "i", "ia": "ja", "ie": "je", "iao": "jau", "iu": "jou", "ian": "jɛ·n", "in": "i·n",
    "iang": "ja·ŋ", "ing": "i·ŋ", "iong": "jʊ·ŋ", "io": "jɔ", "iai": "jai",
    "u": "u", "ua": "wa", "uo": "wo", "uai": "wai", "ui": "wei", "uan": "wa·n", "un": "wə·n",
    "uang": "wa·ŋ", "ueng": "wə·ŋ",
    "ü": "y", "üe": "ɥe", "üan": "ɥɛ·n", "ün": "y·n", "ê": "ɛ",
}  # fmt: skip
"""What follows the initial; · marks where the tone goes if it is not last."""

TONES: Final = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": "", "0": "", "": ""}
"""The arrows; 5 and 0 are two customs of writing the neutral tone."""

WITHOUT_FINAL: Final = {"m": "m·", "n": "n·", "ng": "ŋ·", "hm": "xm·", "hng": "xŋ·", "r": "ɚ"}
"""Syllables that are a consonant; r is the 儿 that only colours what is before it."""

BUZZED: Final = frozenset({"zh", "ch", "sh", "r", "z", "c", "s"})
"""Initials after which i is the vowel of 是."""

ROUNDED: Final = frozenset({"j", "q", "x"})
"""Initials after which u is ü."""

GLIDED: Final = {
    "yi": "i", "ya": "ia", "yo": "io", "ye": "ie", "yai": "iai", "yao": "iao", "you": "iu",
    "yan": "ian", "yin": "in", "yang": "iang", "ying": "ing", "yong": "iong",
    "wu": "u", "wa": "ua", "wo": "uo", "wai": "uai", "wei": "ui", "wan": "uan", "wen": "un",
    "wang": "uang", "weng": "ueng", "yu": "ü", "yue": "üe", "yuan": "üan", "yun": "ün",
    "wong": "ong",
}  # fmt: skip
"""Finals without an initial, as pinyin spells them."""

LONG_FORMS: Final = {"iou": "iu", "uei": "ui", "uen": "un"}
"""Finals that some writers do not shorten."""

_SYLLABLE: Final = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcs]?)([aeêiouü][aeiouüng]*r?)")


def symbols(syllable: str) -> str:
    """Return Kokoro's symbols for a syllable such as "zhong1" or "lü4"; v is ü.

    Raises:
        ValueError: it is not a syllable of Mandarin.
    """
    bare = syllable.lower().rstrip("012345").replace("v", "ü").replace("u:", "ü")
    tone = syllable[len(syllable.rstrip("012345")) :]
    if tone not in TONES:
        raise ValueError(f"{syllable!r} has no tone of Mandarin")
    final = _final(bare)
    return final.replace("·", TONES[tone]) if "·" in final else final + TONES[tone]


def _final(bare: str) -> str:
    """Return the symbols of a syllable without tone, with a · where that goes."""
    if bare in WITHOUT_FINAL:
        return WITHOUT_FINAL[bare]
    if bare in GLIDED:
        return FINALS[GLIDED[bare]]
    if not (match := _SYLLABLE.fullmatch(bare)):
        raise ValueError(f"{bare!r} is no syllable of Mandarin")
    initial, final = match.groups()
    final = LONG_FORMS.get(final, final)
    if initial in ROUNDED and final.startswith("u"):
        final = f"ü{final[1:]}"
    elif initial in {"n", "l"} and final == "ue":
        final = "üe"
    if final not in FINALS:
        raise ValueError(f"{bare!r} is no syllable of Mandarin")
    if initial in BUZZED and final == "i":
        return INITIALS[initial] + "ɨ"
    if initial and final == "o":
        return INITIALS[initial] + "wo"
    return INITIALS[initial] + FINALS[final]
