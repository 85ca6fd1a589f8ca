"""Notations in English, each with the neighbours it could be mistaken for."""

import pytest

from wyoming_indextts.speech.lexicon import Lexicon
from wyoming_indextts.speech.normalise import Normaliser
from wyoming_indextts.speech.script import Sentence, Span

NORMALISER = Normaliser(Lexicon({}))


def said(text: str) -> str:
    return "".join(phrase.text for phrase in NORMALISER.normalise(Sentence((Span(text),))))


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("0", "zero"),
        ("13", "thirteen"),
        ("40", "forty"),
        ("101", "one hundred one"),
        ("1000", "one thousand"),
        (
            "1,204,567.89",
            "one million two hundred four thousand five hundred sixty-seven point eight nine",
        ),
        ("0.05", "zero point zero five"),
        (".5", "zero point five"),
        ("007", "zero zero seven"),
        (
            "1000000000000000",
            "one zero zero zero zero zero zero zero zero zero zero zero zero zero zero zero",
        ),
        ("-5", "minus five"),
        ("+5", "plus five"),
        ("10-20 people", "ten to twenty people"),
        ("(a)5", "a, five"),
        ("±2", "plus or minus two"),
        ("2+2=4", "two plus two equals four"),
        (
            "1st, 2nd, 3rd, 12th, 20th, 101st",
            "first, second, third, twelfth, twentieth, one hundred first",
        ),
        ("５５ ＡＢＣ", "fifty-five ABC"),
    ],
)
def test_numbers(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("7:05", "seven oh five"),
        ("0:15", "zero fifteen"),
        ("00:00", "midnight"),
        ("12:00 PM", "twelve P M"),
        ("15:00", "fifteen hundred"),
        ("06:30:15", "six thirty and fifteen seconds"),
        ("06:30:00", "six thirty"),
        ("It's 5 a.m.", "It's five A M."),
        ("at 5 a.m. today", "at five A M today"),
        ("11:00AM-1:00PM", "eleven A M to one P M"),
        ("9-11 am", "nine to eleven A M"),
        ("7am", "seven A M"),
        ("9:60", "nine to sixty"),
        ("1h 5m 10s", "one hour five minutes ten seconds"),
        ("2h30", "two hours thirty minutes"),
        ("5m30s", "five minutes thirty seconds"),
        ("3d 4h 5m", "three days four hours five minutes"),
        ("a 20-minute timer", "a twenty-minute timer"),
        ("score 21:15", "score twenty-one to fifteen"),
        ("we lost 3-2", "we lost three to two"),
    ],
)
def test_times_durations_and_scores(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("11/23", "November twenty-third"),
        ("11/23/2026", "November twenty-third, twenty twenty-six"),
        ("on 3/4", "on March fourth"),
        ("3/4 of it", "three quarters of it"),
        ("1 1/2 cups", "one and a half cups"),
        ("2½ cups", "two and a half cups"),
        ("120/80", "one hundred twenty over eighty"),
        ("open 24/7", "open twenty-four seven"),
        ("May 5, 2026", "May fifth, twenty twenty-six"),
        ("March 2026", "March twenty twenty-six"),
        ("5 May 2026", "the fifth of May, twenty twenty-six"),
        ("may 5 people come", "may five people come"),
        ("in 2026", "in twenty twenty-six"),
        ("since 1905", "since nineteen oh five"),
        ("in 2000", "in two thousand"),
        ("2019 to 2023", "twenty nineteen to twenty twenty-three"),
        ("of 2000 watts", "of two thousand watts"),
        ("the 90s", "the nineties"),
        ("in the 1980s", "in the nineteen eighties"),
        ("2026-11-23T15:30:00+08:00", "November twenty-third, twenty twenty-six at fifteen thirty"),
    ],
)
def test_dates_years_and_fractions(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("1°C", "one degree Celsius"),
        ("-3–5 °C", "minus three to five degrees Celsius"),
        ("25° C", "twenty-five degrees Celsius"),
        (
            "23.5C, 77 F",
            "twenty-three point five degrees Celsius, seventy-seven degrees Fahrenheit",
        ),
        ("72° outside", "seventy-two degrees outside"),
        ("in °C, °F or %", "in degrees Celsius, degrees Fahrenheit or percent"),
        (
            "25 degrees C, 77 degrees F",
            "twenty-five degrees Celsius, seventy-seven degrees Fahrenheit",
        ),
        ("turn 90 °", "turn ninety degrees"),
        ("a ° sign", "a degrees sign"),
        ("5'10\" tall", "five foot ten tall"),
        ("pm2.5 is 9", "P M two point five is nine"),
        ("1 kWh", "one kilowatt hour"),
        ("5 KWH", "five kilowatt hours"),
        ("5 mW, 5 MW", "five milliwatts, five megawatts"),
        ("15 W/m²", "fifteen watts per square meter"),
        ("0.5 ℃/h", "zero point five degrees Celsius per hour"),
        ("5 in the morning", "five in the morning"),
        ("a 4K TV at 6500K", "a four K T V at six thousand five hundred kelvin"),
        ("20 Mbit/s", "twenty megabits per second"),
        ("1920x1080", "one thousand nine hundred twenty by one thousand eighty"),
        ("100-1000 W", "one hundred to one thousand watts"),
    ],
)
def test_units(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("$1,250", "one thousand two hundred fifty dollars"),
        ("$1", "one dollar"),
        ("$0.01", "one cent"),
        ("£2.50", "two pounds and fifty pence"),
        ("¥12.5", "twelve point five yuan"),
        ("-$5", "minus five dollars"),
        ("$1.5 million", "one point five million dollars"),
        ("5€", "five euros"),
        ("€3/h", "three euros per hour"),
    ],
)
def test_money(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("(415) 555-0100", "four one five, five five five, zero one zero zero"),
        ("4155550100", "four one five five five five zero one zero zero"),
        ("Dial 112 now", "Dial one one two now"),
        ("we have 112 now", "we have one hundred twelve now"),
        ("Apt. 1201", "Apartment twelve oh one"),
        ("Room 12", "Room twelve"),
        ("Room 100", "Room one hundred"),
        ("PIN: 0420", "PIN: zero four two zero"),
        (
            "192.168.1.10:8123",
            "one nine two dot one six eight dot one dot one zero port eight one two three",
        ),
        ("Version 2.10", "version two point ten"),
        ("#1 song, No. 5", "number one song, number five"),
        ("MP3, H264, A4", "M P three, H two hundred sixty-four, A four"),
        ("visit home-assistant.io now", "visit home-assistant dot io now"),
    ],
)
def test_numbers_that_are_names(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Dr. No vs. Mr. Bond", "Doctor No versus Mister Bond"),
        ("5 Main St. and St. Paul", "five Main Street and Saint Paul"),
        ("at 7 Elm Dr.", "at seven Elm Drive"),
        ("tea w/ milk w/o sugar", "tea with milk without sugar"),
        ("kitchen - lights , on,.", "kitchen, lights, on."),
        ("call @home", "call at home"),
        ("eggs, etc. and so on, etc.", "eggs, et cetera and so on, et cetera."),
        ("J. R. R. Tolkien, U.S. news", "J R R Tolkien, U S news"),
        ("AT&T, A & B", "A T and T, A and B"),
        ("AC, UPS and NAS: STOP! OK", "A C, U P S and NAS: STOP! OK"),
        ("ETA 5 min. Then go.", "E T A five minutes. Then go."),
        ("don't say 'no' to the parents' car", "don't say no to the parents' car"),
        ("well -- yes... (maybe) *now* <b>", "well — yes… maybe, now b"),
        ("on/off, café, naïve", "on off, cafe, naive"),
    ],
)
def test_words_and_marks(written: str, spoken: str) -> None:
    assert said(written) == spoken
