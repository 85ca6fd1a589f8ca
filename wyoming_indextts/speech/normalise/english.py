"""What is written in English as it is said: numbers, units, times, money and the like.

wetext's English is not used: it reads 1,234 as "thousand two hundred...", 1000 as "ten hundred",
0.05 as "zero point oh five", TV as "Television", and raises on a Chinese character.
"""

from re import Match
from typing import Final

from wyoming_indextts.speech.normalise import english_numbers as say
from wyoming_indextts.speech.normalise.english_dates import DATES_AND_TIMES
from wyoming_indextts.speech.normalise.english_words import ABBREVIATIONS, ACRONYMS, SYMBOLS
from wyoming_indextts.speech.normalise.patterns import (
    ADDRESS,
    LEFT,
    MAIL,
    NUMBER,
    SIGN,
    SITE,
    TO,
    YEAR,
    read_all,
    rule,
)
from wyoming_indextts.speech.normalise.units import UNIT, split_unit

_MONEY: Final = {
    "$": ("dollar", "dollars", "cent"),
    "€": ("euro", "euros", "cent"),
    "£": ("pound", "pounds", "penny"),
    "¥": ("yuan", "yuan", "fen"),
}
"""Sign -> one, several, and the hundredth part."""

_MANY: Final = {"penny": "pence", "fen": "fen", "cent": "cents"}

_ROUND_THE_CLOCK: Final = "24/7"


def read(text: str) -> str:
    """Return `text` in words: no digit is left, nor a symbol that is a word."""
    return read_all(_RULES, text)


def telephone(text: str) -> str:
    """Return a telephone number, a pause between its groups."""
    groups = "".join(char if char.isdecimal() else " " for char in text).split()
    spoken = ", ".join(say.digits(group) for group in groups)
    return f"plus {spoken}" if text.startswith("+") else spoken


def _dotted(match: Match[str]) -> str:
    return match[0].replace("@", " at ").replace(".", " dot ").replace("_", " underscore ")


def _address(match: Match[str]) -> str:
    address, _, port = match[0].partition(":")
    spoken = " dot ".join(say.digits(part) for part in address.split("."))
    return f"{spoken} port {say.digits(port)}" if port else spoken


def _version(match: Match[str]) -> str:
    first, *rest = match["parts"].split(".")
    is_year = len(first) == len("2026") and first.startswith(("19", "20"))
    head = say.year(first) if is_year else say.cardinal(first)
    spoken = " point ".join([head, *(say.cardinal(part) for part in rest)])
    return f"version {spoken}" if match["v"] else spoken


def _money(match: Match[str]) -> str:
    one, many, hundredth = _MONEY[match["currency"]]
    amount, scale, per = match["amount"].replace(",", ""), match["scale"], match["per"]
    whole, _, cents = amount.partition(".")
    if scale or (cents and len(cents) != len("99")):
        spoken = f"{say.number(amount)} {f'{scale} ' if scale else ''}{many}"
    else:
        spoken = f"{say.cardinal(whole)} {one if whole == '1' else many}"
        if cents.strip("0"):
            small = str(int(cents))
            coins = f"{say.cardinal(small)} {hundredth if small == '1' else _MANY[hundredth]}"
            spoken = coins if whole == "0" else f"{spoken} and {coins}"
    minus = "minus " if match["minus"] else ""
    return minus + spoken + (f" per {split_unit(per)[0].one}" if per else "")


def _fraction(match: Match[str]) -> str:
    spoken = _parts(match["above"], match["below"])
    if not match["whole"]:
        return spoken
    part = f"a {spoken.removeprefix('one ')}" if match["above"] == "1" else spoken
    return f"{say.cardinal(match['whole'])} and {part}"


def _parts(above: str, below: str) -> str:
    if f"{above}/{below}" == _ROUND_THE_CLOCK:
        return "twenty-four seven"
    if int(above) > int(below) or int(above) == 0:
        return f"{say.cardinal(above)} over {say.cardinal(below)}"
    if int(above) == int(below):
        return f"{say.cardinal(above)} out of {say.cardinal(below)}"
    name = {"2": "half", "4": "quarter"}.get(below) or say.ordinal(below)
    return f"one {name}" if above == "1" else f"{say.cardinal(above)} {name}s"


def _amount(match: Match[str]) -> str:
    """Read a number, a fraction or a range with its unit."""
    unit, per = split_unit(match["unit"])
    spoken = _signed(match["sign"], match["amount"])
    if match["end"]:
        spoken = f"{spoken} to {_signed(match['end_sign'], match['end'])}"
    is_part = "/" in match["amount"] and " over " not in spoken
    is_one = not match["end"] and (match["amount"] == "1" or is_part)
    spoken = f"{spoken} {unit.one if is_one else unit.many}"
    return f"{spoken} per {per.one}" if per else spoken


def _signed(sign: str, amount: str) -> str:
    word = {"-": "minus ", "+": "plus "}.get(sign, "")
    above, _, below = amount.partition("/")
    return word + (_parts(above, below) if below else say.number(amount))


def _bare(match: Match[str]) -> str:
    return _signed(match["sign"], match["amount"])


def _decade(match: Match[str]) -> str:
    year = match[1]
    spoken = say.year(year) if len(year) == len("1990") else say.cardinal(year)
    return f"{spoken[:-1]}ies" if spoken.endswith("y") else f"{spoken}s"


def _code(match: Match[str]) -> str:
    return match[1] + say.digits(match[2])


_PHONE_NUMBERS: Final = (
    r"(?<![\w.])\+\d{1,3}(?:[ -]\(?\d{2,4}\)?){2,4}(?![\w/])",
    r"(?<![\w.])(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?!\.?\w)",
    rf"(?<![\w.-])\d{{3}}-\d{{4}}(?!\s?{UNIT}|[\w-]|\.\d)",
    r"(?<![\w.+-])\+?\d{10,15}(?!\.?\w)",
)

_PLACE: Final = r"room|apartment|apt|suite|unit|flat|flight|office|gate|route|highway|bus|error"

_CODE: Final = r"code|pin|passcode|password|otp"

_YEAR_CUE: Final = (
    r"in|since|until|till|by|from|of|year|before|after|during|through|summer|winter|spring"
    r"|autumn|fall|early|late|mid"
)

_NOT_COUNTED: Final = r"(?![\w%°]|[.,:/]\d| [a-z]{4,}s\b)"
"""After a year there is nothing that it could count."""

_NOTATIONS: Final = (
    rule(rf"{MAIL}|{SITE}", _dotted),
    rule(ADDRESS, _address),
    *(rule(pattern, lambda match: telephone(match[0])) for pattern in _PHONE_NUMBERS),
    rule(
        rf"\b((?:call|dial)(?:ed|ing|s)? )(\d{{3}})(?!\s?{UNIT}|[\w:/]|\.\d)", _code, any_case=True
    ),
    *DATES_AND_TIMES,
    rule(
        r"\b(?P<v>v(?:er(?:sion)?)?\.?\s?)(?P<parts>\d+(?:\.\d+)*)(?!\w)", _version, any_case=True
    ),
    rule(r"(?<![\w.])(?P<v>)(?P<parts>\d+(?:\.\d+){2,})(?!\d)", _version),
    rule(
        rf"(?P<minus>-?)(?:US)?(?P<currency>[$€£¥])\s?(?P<amount>{NUMBER})"
        rf"(?:\s?(?P<scale>thousand|million|billion)\b)?(?:/(?P<per>{UNIT}))?",
        _money,
    ),
    rule(
        rf"{LEFT}(?P<minus>-?)(?P<amount>{NUMBER})(?P<scale>)\s?(?P<currency>[$€£¥])"
        rf"(?:/(?P<per>{UNIT}))?",
        _money,
    ),
)

_QUANTITIES: Final = (
    rule(r"\b((?:19|20)\d0)s\b", _decade),
    rule(r"(?:(?<=\b[Tt]he )|')([2-9]0)s\b", _decade),
    rule(r"°\s([CF])\b", r"°\1"),
    rule(r"\b(\d{1,2})K\b", lambda match: f"{say.cardinal(match[1])} K"),
    rule(
        rf"{LEFT}(\d)'(\d\d?)\"?(?!\w)",
        lambda match: f"{say.cardinal(match[1])} foot {say.cardinal(match[2])}",
    ),
    rule(
        r"\bPM\s?(2\.5|10?)(?![\w.]*\d)",
        lambda match: f"P M {say.number(match[1])}",
        any_case=True,
    ),
    rule(
        rf"{LEFT}(\d{{1,5}})\s?x\s?(?=\d{{1,5}}\b)", lambda match: f"{say.cardinal(match[1])} by "
    ),
    rule(rf"\bx\s?({NUMBER})(?!\w)", lambda match: f"times {say.number(match[1])}"),
    rule(rf"{LEFT}({NUMBER})x\b", lambda match: f"{say.number(match[1])} times"),
    rule(
        rf"{LEFT}(?P<sign>{SIGN})(?P<amount>\d{{1,3}}/\d{{1,3}}|{NUMBER})"
        rf"(?:{TO}(?P<end_sign>-?)(?P<end>{NUMBER}))?[\s-]?(?P<unit>{UNIT})",
        _amount,
    ),
    rule(
        r"(?<![\w./])(?:(?P<whole>\d{1,3})\s+)?(?P<above>\d{1,3})/(?P<below>\d{1,3})(?![\w/]|\.\d)",
        _fraction,
    ),
    rule(rf"{LEFT}(\d{{1,15}})(?:st|nd|rd|th)\b", lambda match: say.ordinal(match[1])),
)

_NUMBERS: Final = (
    rule(
        rf"\b({YEAR})(?:{TO}|\sto\s)({YEAR}){_NOT_COUNTED}",
        lambda match: f"{say.year(match[1])} to {say.year(match[2])}",
    ),
    rule(
        rf"\b((?:{_YEAR_CUE})\s)({YEAR}){_NOT_COUNTED}",
        lambda match: match[1] + say.year(match[2]),
        any_case=True,
    ),
    rule(
        rf"\b((?:{_PLACE})\.?\s#?)(\d{{3,4}})(?![\w%]|[.,:]\d)",
        lambda match: match[1] + say.pairs(match[2]),
        any_case=True,
    ),
    rule(
        rf"\b((?:{_CODE})(?:\s?(?:is|:|#))?\s)(\d{{3,12}})(?![\w%]|[.,:]\d)", _code, any_case=True
    ),
    rule(r"\bNo\.\s?(?=\d)|#\s?(?=\d)", "number "),
    rule(
        rf"(?<![\w.-])({NUMBER}){TO}({NUMBER})(?![\w-]|\.\d)",
        lambda match: f"{say.number(match[1])} to {say.number(match[2])}",
    ),
    rule(r"(?<=\d):(?=\d)", " to "),
    rule(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " "),
    rule(rf"(?<![\w.,)])(?P<sign>{SIGN})(?P<amount>{NUMBER})", _bare),
    rule(r"(?<!\w)\.(\d+)", lambda match: f"zero point {say.digits(match[1])}"),
    rule(NUMBER, lambda match: f" {say.number(match[0])} "),
)

_RULES: Final = (
    *ABBREVIATIONS,
    *_NOTATIONS,
    *_QUANTITIES,
    *_NUMBERS,
    *ACRONYMS,
    *SYMBOLS,
)
