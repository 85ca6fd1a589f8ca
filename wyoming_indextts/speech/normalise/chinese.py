"""What is written in Chinese as it is said: own rules for a house, wetext for the rest.

Own rules come first where wetext errs (it reads 302室 as a count, 110 always as the police,
2台 as 二台, 2点 as 二点, 1,234 as 一,两百三十四 and hPa as 小时Pa) or knows nothing.
"""

import re
from collections.abc import Callable
from re import Match
from typing import Final

from wyoming_indextts.speech.language import HAN
from wyoming_indextts.speech.normalise import chinese_numbers as say
from wyoming_indextts.speech.normalise.chinese_dates import DATES_AND_TIMES
from wyoming_indextts.speech.normalise.english_words import ACRONYMS
from wyoming_indextts.speech.normalise.foreign import read_english_runs
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

_MONEY: Final = {"$": "美元", "€": "欧元", "£": "英镑", "¥": "元"}

_TEMPERATURES: Final = ("摄氏度", "华氏度")

_DIGIT: Final = re.compile(r"\d")

_CLAUSE: Final = re.compile(r"[^，。！？；]+")

_LONGEST_CLAUSE: Final = 300
"""Characters; wetext takes 0.2 ms for each, and nobody speaks longer ones."""


class ChineseReader:
    """Reads Chinese text; holds wetext's transducers."""

    def __init__(self) -> None:
        self._transducer: Callable[[str], str] | None = None

    def load(self) -> None:
        """Load the transducers, which takes half a second; else the first `read` does."""
        self._loaded()

    def read(self, text: str) -> str:
        """Return `text` in words: no digit is left, nor a symbol that is a word."""
        spoken = read_all(_RULES, read_english_runs(text))
        spoken = _CLAUSE.sub(self._read_clause, spoken)
        return read_all((*_LEFT_OVER, *_WORDS), spoken)

    def _read_clause(self, clause: Match[str]) -> str:
        if len(clause[0]) > _LONGEST_CLAUSE or not _DIGIT.search(clause[0]):
            return clause[0]
        return self._loaded()(clause[0])

    def _loaded(self) -> Callable[[str], str]:
        if self._transducer is None:
            self._transducer = _load_wetext()
        return self._transducer


def _load_wetext() -> Callable[[str], str]:
    from wetext import Normalizer  # noqa: PLC0415 - 0.3 s, only where Chinese numbers are read

    normalizer = Normalizer(lang="zh", operator="tn")
    normalizer.normalize("1")

    def transduce(text: str) -> str:
        try:
            return str(normalizer.normalize(text))
        except AssertionError:  # what it raises on text that it has no path for
            return text

    return transduce


def telephone(text: str) -> str:
    """Return a telephone number, a pause between its groups."""
    groups = "".join(char if char.isdecimal() else " " for char in text).split()
    spoken = "，".join(say.telephone(group) for group in groups)
    return f"加{spoken}" if text.startswith("+") else spoken


def _mobile(match: Match[str]) -> str:
    return telephone(" ".join(match.groups()))


def _dotted(match: Match[str]) -> str:
    return match[0].replace("@", "艾特").replace(".", "点").replace("_", "下划线")


def _address(match: Match[str]) -> str:
    address, _, port = match[0].partition(":")
    spoken = "点".join(say.digits(part) for part in address.split("."))
    return f"{spoken}，端口{say.digits(port)}" if port else spoken


def _version(match: Match[str]) -> str:
    first, *rest = match["parts"].split(".")
    is_year = len(first) == len("2026")
    head = say.digits(first) if is_year else say.cardinal(first)
    return match["v"].upper() + "点".join([head, *(say.cardinal(part) for part in rest)])


def _money(match: Match[str]) -> str:
    minus, scale = "负" if match["minus"] else "", match["scale"] or ""
    spoken = f"{minus}{_count(match['amount'])}{scale}{_MONEY[match['currency']]}"
    return f"{spoken}每{split_unit(match['per'])[0].zh}" if match["per"] else spoken


def _amount(match: Match[str]) -> str:
    """Read a number or a range with its unit."""
    unit, per = split_unit(match["unit"])
    name = f"{unit.zh}每{per.zh}" if per else unit.zh
    minus = "零下" if unit.zh in _TEMPERATURES and not per else "负"
    count = say.number if unit.zh in (*_TEMPERATURES, "百分") else _count
    spoken = _signed(match["sign"], count(match["amount"]), minus)
    if match["end"]:
        spoken += f"到{_signed(match['end_sign'], count(match['end']), minus)}"
    return f"百分之{spoken}" if unit.zh == "百分" else f"{spoken}{name}"


def _signed(sign: str, number: str, minus: str = "负") -> str:
    return {"-": minus, "+": "加"}.get(sign, "") + number


def _below_zero(match: Match[str]) -> str:
    ends = [f"零下{_count(match['amount'])}"]
    if match["end"]:
        ends.append(_signed(match["end_sign"], _count(match["end"]), "零下"))
    return "到".join(ends)


def _fraction(match: Match[str]) -> str:
    above, below = match.groups()
    if int(above) > int(below):
        return f"{say.number(above)}，{say.number(below)}"
    return f"{say.number(below)}分之{say.number(above)}"


def _bare(match: Match[str]) -> str:
    return _signed(match["sign"], say.number(match["amount"]))


def _years(match: Match[str]) -> str:
    return f"{say.digits(match[1])}到{say.digits(match[2])}"


def _count(number: str) -> str:
    return say.quantity(number)


_MOBILE: Final = r"(?<![\d.])(?:\+?86[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?![\d.]*\d)"

_PHONE_NUMBERS: Final = (
    r"(?<![\d.])\+\d{1,3}(?:[ -]\d{2,4}){2,4}(?!\d)",
    r"(?<![\d.-])[48]00[- ]?\d{3,4}[- ]?\d{3,4}(?![\d-])",
    r"(?<![\d.-])0\d{2,3}[- ]?\d{7,8}(?![\d-])",
    rf"(?<![\d.-])\d{{3}}-(?:\d{{3}}-)?\d{{4}}(?!\s?{UNIT}|[\d-]|\.\d)",
)

_CALL: Final = r"拨打|拨|致电|呼叫|电话号码|电话|热线|报警"

_CODE: Final = r"密码|验证码|口令|代码|编号|尾号|PIN码?"

_NOTATIONS: Final = (
    rule(rf"{MAIL}|{SITE}", _dotted),
    rule(ADDRESS, _address),
    rule(_MOBILE, _mobile),
    *(rule(pattern, lambda match: telephone(match[0])) for pattern in _PHONE_NUMBERS),
    rule(
        rf"((?:{_CALL})[是为:：]?\s?)(\d{{3,12}})(?![\d:：%]|[.-]\d|\s?[个次通分元])",
        lambda match: match[1] + say.telephone(match[2]),
    ),
    *DATES_AND_TIMES,
    rule(r"\b(?P<v>[Vv])(?P<parts>\d+(?:\.\d+)*)(?!\w)", _version),
    rule(r"(?<![\w.])(?P<v>)(?P<parts>\d+(?:\.\d+){2,})(?!\w)", _version),
    rule(
        rf"(?P<minus>-?)(?P<currency>[$€£¥])\s?(?P<amount>{NUMBER})(?P<scale>[万亿])?"
        rf"(?:/(?P<per>{UNIT}))?",
        _money,
    ),
    rule(
        rf"{LEFT}(?P<minus>-?)(?P<amount>{NUMBER})(?P<scale>)\s?(?P<currency>[$€£])(?P<per>)",
        _money,
    ),
    rule(rf"(?<=[元块])/(?=[{HAN}])", "每"),
    rule(rf"(?<=[元块])/({UNIT})", lambda match: f"每{split_unit(match[1])[0].zh}"),
)

_QUANTITIES: Final = (
    rule(r"°\s([CF])\b", r"°\1"),
    rule(rf"(?<=[摄华]氏)({NUMBER})\s?(?:℃|℉|°[CF]?)", r"\1度"),
    rule(
        r"\bPM\s?(2\.5|10?)(?![\w.]*\d)",
        lambda match: f"P M{say.number(match[1])}",
        any_case=True,
    ),
    rule(r"\bCO2\b", "二氧化碳", any_case=True),
    rule(rf"{LEFT}(\d{{1,5}})\s?x\s?(?=\d{{1,5}}\b)", lambda match: f"{say.number(match[1])}乘"),
    rule(rf"\b[xX]\s?({NUMBER})(?!\w)", lambda match: f"乘{say.number(match[1])}"),
    rule(rf"{LEFT}({NUMBER})[xX]\b", lambda match: f"{_count(match[1])}倍"),
    rule(
        rf"{LEFT}(?P<sign>{SIGN})(?P<amount>{NUMBER})%?"
        rf"(?:{TO}(?P<end_sign>-?)(?P<end>{NUMBER}))?\s?(?P<unit>{UNIT})",
        _amount,
    ),
    rule(
        rf"{LEFT}(?P<sign>-)(?P<amount>{NUMBER})(?:{TO}(?P<end_sign>-?)(?P<end>{NUMBER}))?(?=\s?度)",
        _below_zero,
    ),
    rule(r"(?<![\d./])(\d{1,3})/(\d{1,3})(?![\d/]|\.\d)", _fraction),
)

_ORDINAL_NOUN: Final = r"单元|号|楼|层(?!楼)|级|季度|代|档|期|区|栋|路|班|年级|月|日"
"""Nouns whose number says which one, so that it is 二 and not 两."""

_COUNTED_NOUN: Final = r"台|扇|通|倍|年|次(?!元)|格|室|盆|桶|箱|罐|串"
"""Nouns that are counted with 两, though wetext does not know."""

_NUMBERS: Final = (
    rule(
        rf"(?<!\d)((?:{_CODE})[是为:：]?\s?)(\d{{3,12}})(?!\d|\.\d)",
        lambda match: match[1] + say.digits(match[2]),
    ),
    rule(
        r"(?<![\d.-])\d{3,4}(?=\s?号?(?:房(?!价)|室))",
        lambda match: say.digits(match[0]),
    ),
    rule(r"(?:(?<=房间)|(?<=单元)|(?<=号楼))\d{3,4}(?!\d|\.\d)", lambda m: say.digits(m[0])),
    rule(r"(?<=[A-Z])\d{3,6}(?![\dA-Za-z]|\.\d)", lambda match: say.digits(match[0])),
    rule(r"(?<=第)\d{1,12}(?!\d)", lambda match: say.cardinal(match[0])),
    rule(r"#\s?(\d{1,6})(?!\d)", lambda match: f"{say.cardinal(match[1])}号"),
    rule(
        rf"(?<![\w.-])(\d{{1,4}}){TO}(\d{{1,4}})(?=\s?(?:{_ORDINAL_NOUN}))",
        lambda match: f"{say.cardinal(match[1])}到{say.cardinal(match[2])}",
    ),
    rule(rf"(?<![\d.~-])2(?=\s?(?:{_ORDINAL_NOUN}))", "二"),
    rule(rf"(?<![\d.~-])2(?=\s?(?:{_COUNTED_NOUN}))", "两"),
    rule(rf"\b({YEAR}){TO}({YEAR})(?=年)", _years),
    rule(r"(?<!\d)\d\d(?=后(?!面))", lambda match: say.digits(match[0])),
    rule(
        rf"(?<![\w.-])({NUMBER}){TO}({NUMBER})(?![\w-]|\.\d)",
        lambda match: f"{_count(match[1])}到{_count(match[2])}",
    ),
    rule(r"(?<![\d.A-Za-z])1(?:10|19|2[02])(?![\d.])", lambda match: say.cardinal(match[0])),
    rule(r"(?<!\d)\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])", lambda match: say.number(match[0])),
    rule(rf"{LEFT}(?P<sign>[-+])(?P<amount>{NUMBER})", _bare),
    rule(r"(?<=\d)(?=[A-Za-z])", " "),
)

_LEFT_OVER: Final = (rule(NUMBER, lambda match: say.number(match[0])),)
"""Should wetext have left a digit."""

_WORDS: Final = (
    *ACRONYMS,
    rule(r"℃|°C\b", "摄氏度"),
    rule(r"℉|°F\b", "华氏度"),
    rule(r"°", "度"),
    rule(r"%", "百分号"),
    rule(r"(?<=[A-Za-z])\s?&\s?(?=[A-Za-z])", " and "),
    rule(r"&", "和"),
    rule(r"@", "艾特"),
    rule(r"±", "正负"),
    rule(rf"(?<=[{HAN}])/(?=[{HAN}])", "、"),
)

_RULES: Final = (*_NOTATIONS, *_QUANTITIES, *_NUMBERS)
