"""How English says numbers, years, clock times and dates. Knows nothing about notation."""

from typing import Final

ONES: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip

TENS: Final = (
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip

THOUSANDS: Final = ("", " thousand", " million", " billion", " trillion")

LONGEST: Final = 15
"""Digits of the longest number with a name; longer ones are read digit by digit."""

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

_ORDINALS: Final = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
"""The numbers whose ordinal is not the number with -th."""


def digits(text: str) -> str:
    """Return the digits of `text`, one by one."""
    return " ".join(ONES[int(char)] for char in text if char.isdecimal())


def cardinal(text: str) -> str:
    """Return a whole number; one with a leading zero is read digit by digit."""
    if len(text) > LONGEST or (len(text) > 1 and text[0] == "0"):
        return digits(text)
    if text == "0":
        return ONES[0]
    padded = text.zfill(LONGEST)
    groups = [int(padded[i : i + 3]) for i in range(0, LONGEST, 3)]
    named = zip(groups, reversed(THOUSANDS), strict=True)
    return " ".join(_hundreds(group) + name for group, name in named if group)


def number(text: str) -> str:
    """Return a number that may have thousands separators and decimals."""
    whole, _, decimals = text.replace(",", "").partition(".")
    words = cardinal(whole or "0")
    return f"{words} point {digits(decimals)}" if decimals else words


def ordinal(text: str) -> str:
    """Return a whole number as the place in a row."""
    words = cardinal(text)
    cut = max(words.rfind(" "), words.rfind("-")) + 1
    head, last = words[:cut], words[cut:]
    if last in _ORDINALS:
        return head + _ORDINALS[last]
    return head + (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")


def year(text: str) -> str:
    """Return a year of four digits: nineteen oh five, two thousand one, twenty twenty-six."""
    if text[1:3] == "00":
        return cardinal(text)
    return pairs(text)


def pairs(text: str) -> str:
    """Return three or four digits as rooms and years are said: one oh one, twelve thirty."""
    head, tail = text[:-2], text[-2:]
    if head[0] == "0":
        return digits(text)
    if tail == "00":
        return f"{cardinal(head)} hundred"
    return f"{cardinal(head)} {_with_oh(tail)}"


def clock(hour: str, minute: str, second: str | None, half: str | None) -> str:
    """Return a time of the day; `half` is "A M" or "P M", if it was written."""
    spoken = cardinal(str(int(hour)))
    second = None if second == "00" else second
    if minute != "00":
        spoken += f" {_with_oh(minute)}"
    elif half is None and not second:
        spoken = _full_hour(int(hour))
    if second:
        spoken += f" and {counted(str(int(second)), 'second')}"
    return f"{spoken} {half}" if half else spoken


def date(year_: str | None, month: str, day: str) -> str:
    """Return a date; month and day are numbers."""
    spoken = f"{MONTHS[int(month) - 1]} {ordinal(str(int(day)))}"
    return f"{spoken}, {year(year_)}" if year_ else spoken


def counted(text: str, noun: str) -> str:
    """Return a number with its noun, in the plural if it is not one."""
    return f"{number(text)} {noun}" if text == "1" else f"{number(text)} {noun}s"


def _full_hour(hour: int) -> str:
    match hour:
        case 0 | 24:
            return "midnight"
        case _ if hour <= len(MONTHS):
            return f"{ONES[hour]} o'clock"
        case _:
            return f"{cardinal(str(hour))} hundred"


def _with_oh(two: str) -> str:
    return f"oh {ONES[int(two)]}" if two[0] == "0" else cardinal(two)


def _hundreds(group: int) -> str:
    hundreds, rest = divmod(group, 100)
    words = [f"{ONES[hundreds]} hundred"] if hundreds else []
    if rest >= len(ONES):
        tens, ones = divmod(rest, 10)
        words.append(f"{TENS[tens]}-{ONES[ones]}" if ones else TENS[tens])
    elif rest:
        words.append(ONES[rest])
    return " ".join(words)
