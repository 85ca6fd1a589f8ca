"""A sentence, and what a house offers, as plain JSON values: what two servers tell each other.

Nothing is rounded, looked up or decided again on the way: a sentence is normalised, its style is
complete, and weights have had bias and cap. So both servers give the same samples for it.

    gateway    speak   job, phrases: [text, pinyin], style, due: seconds until it is late
               cancel  job
    far side   house   version, rate, voices, presets, default, path; first, and at every change
               speed   factor: seconds of work per second of speech
               done    job, samples, factor      failed  job, code, text

Sound is in binary frames: the job's number (32 bits, little-endian), then samples (16 bits).
"""

import json
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from wyoming_indextts.errors import BadDataError, TooLargeError
from wyoming_indextts.speech.emotion import AXES, CAP, Emotion, Preset, Prosody, Weights
from wyoming_indextts.speech.engine import Style
from wyoming_indextts.speech.finite import finite
from wyoming_indextts.speech.presets import NUMBERS, PROSODY
from wyoming_indextts.speech.script import Phrase
from wyoming_indextts.speech.slug import is_slug
from wyoming_indextts.speech.voices import Sex, Voice

PROTOCOL: Final = "wyoming-indextts.engine.1"
"""Name and version of this form, as the two agree on it when a WebSocket is opened."""

JOB: Final = struct.Struct("<I")
"""What begins a binary frame."""

LARGEST_FRAME: Final = 64 * 1024
"""Bytes of sound in one; the engine's runs are cut at that."""

VOICES: Final = 1_000
"""Voices that a house may offer."""

PRESETS: Final = 500
"""And emotions."""

LONGEST_PATH: Final = 16
"""Servers that speech may go through."""

LONGEST_NAME: Final = 200
"""Characters of any name or description."""

STYLE: Final[Mapping[str, tuple[float, float]]] = {
    "speed": (0.01, 100.0),
    "pause": (0.0, 1_000.0),
    "gain": (-1_000.0, 100.0),
}
"""Range of each number of a style: factor, factor, dB. Engines have narrower ones of their own."""

ROUNDING: Final = 1e-9
"""By which the sum of eight weights may be over the cap."""

Fields = Mapping[str, object]
"""A JSON object."""


@dataclass(frozen=True, slots=True)
class Order:
    """A sentence that is to be spoken; `due` is the seconds until its sound is late."""

    job: int
    phrases: tuple[Phrase, ...]
    style: Style
    due: float


@dataclass(frozen=True, slots=True)
class House:
    """What a server offers; `default` is the voice of whoever asks for none.

    `path` is the identities of the servers that speech goes through to be made, its own first.
    """

    version: str
    rate: int
    voices: tuple[Voice, ...]
    presets: tuple[Preset, ...]
    default: str
    path: tuple[str, ...] = ()


def encoded(kind: str, **fields: object) -> str:
    """Return a message."""
    return json.dumps({"type": kind, **fields}, ensure_ascii=False, separators=(",", ":"))


def decoded(content: str) -> tuple[str, dict[str, object]]:
    """Return a message's kind, and its other fields.

    Raises:
        BadDataError: it is none.
    """
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        raise BadDataError("a message is not JSON") from None
    kind = fields.pop("type", None) if isinstance(fields, dict) else None
    if not isinstance(kind, str):
        raise BadDataError("a message has no type")
    return kind, fields


def order_fields(order: Order) -> dict[str, object]:
    """Return an order as `order_of` reads it."""
    return {
        "job": order.job,
        "phrases": [[phrase.text, list(phrase.pinyin)] for phrase in order.phrases],
        "style": asdict(order.style),
        "due": order.due,
    }


def order_of(fields: Fields, longest: int) -> Order:
    """Return the order that is told.

    Raises:
        BadDataError: there is something in it that is not as it should be.
        TooLargeError: its text has more than `longest` characters.
    """
    _check_keys(fields, ("job", "phrases", "style", "due"))
    phrases = tuple(_phrase(item) for item in _list(fields, "phrases", longest))
    if sum(len(phrase.text) + sum(map(len, phrase.pinyin)) for phrase in phrases) > longest:
        raise TooLargeError(f"a sentence may have {longest} characters")
    return Order(job_of(fields), phrases, _style(_table(fields, "style")), number_of(fields, "due"))


def job_of(fields: Fields) -> int:
    """Return the number of the job that a message is about.

    Raises:
        BadDataError: it names none.
    """
    return _whole(fields, "job", 2**32 - 1)


def house_fields(house: House) -> dict[str, object]:
    """Return a house as `house_of` reads it."""
    return asdict(house)


def house_of(fields: Fields) -> House:
    """Return the house that is told; what this version does not know is passed over.

    Raises:
        BadDataError: there is something in it that is not as it should be, or too much.
    """
    presets = tuple(_preset(item) for item in _tables(fields, "presets", PRESETS))
    names = {preset.name for preset in presets}
    voices = tuple(_voice(item, names) for item in _tables(fields, "voices", VOICES))
    default = _text(fields, "default")
    if default not in {voice.name for voice in voices}:
        raise BadDataError("default is no voice of the house")
    rate = _whole(fields, "rate", 192_000)
    if rate < 8_000:  # noqa: PLR2004 - the lowest rate of speech there is
        raise BadDataError("rate is out of range")
    path = _texts(fields, "path", LONGEST_PATH)
    return House(_text(fields, "version"), rate, voices, presets, default, path)


def number_of(fields: Fields, key: str, low: float = -math.inf, high: float = math.inf) -> float:
    """Return a finite number between `low` and `high`.

    Raises:
        BadDataError: it is none.
    """
    number = finite(fields.get(key))
    if number is None:
        raise BadDataError(f"{key} is no number")
    if not low <= number <= high:
        raise BadDataError(f"{key} is out of range")
    return number


def samples_of(fields: Fields) -> int:
    """Return how many samples a job is said to have.

    Raises:
        BadDataError: that is no number of samples.
    """
    return _whole(fields, "samples", 2**53)


def text_of(fields: Fields, key: str) -> str:
    """Return a text for people, whatever is told, made so that it can be logged."""
    value = fields.get(key)
    return "".join(filter(str.isprintable, value[:LONGEST_NAME])) if isinstance(value, str) else ""


def _phrase(item: object) -> Phrase:
    match item:
        case [str(text), list(pinyin)] if all(isinstance(one, str) for one in pinyin):
            return Phrase(text, tuple(pinyin))
    raise BadDataError("a phrase is a text and its pinyin")


def _style(fields: Fields) -> Style:
    _check_keys(fields, ("voice", "emotion", *STYLE))
    speed, pause, gain = (number_of(fields, key, *STYLE[key]) for key in STYLE)
    return Style(_text(fields, "voice"), _emotion(_table(fields, "emotion")), speed, pause, gain)


def _emotion(fields: Fields) -> Emotion:
    _check_keys(fields, ("weights", "prosody", "from_text"))
    weights = _weights(fields)
    if sum(weights) > CAP + ROUNDING:
        raise BadDataError("weights are without their cap")
    from_text = fields.get("from_text")
    return Emotion(
        weights,
        _prosody(fields),
        None if from_text is None else number_of(fields, "from_text", 0.0, 1.0),
    )


def _weights(fields: Fields) -> Weights:
    items = _list(fields, "weights", len(AXES))
    named = dict(zip(AXES, items, strict=False))
    h, a, s, f, d, m, u, c = (number_of(named, axis, 0.0, 1.0) for axis in AXES)
    return (h, a, s, f, d, m, u, c)


def _prosody(fields: Fields) -> Prosody | None:
    if fields.get("prosody") is None:
        return None
    told = _table(fields, "prosody")
    return Prosody(**{key: number_of(told, key, *limits) for key, limits in PROSODY.items()})


def _preset(fields: Fields) -> Preset:
    from_text = fields.get("from_text")
    if not isinstance(from_text, bool):
        raise BadDataError("from_text is true or false")
    speed, pause, loudness = (number_of(fields, key, *NUMBERS[key]) for key in NUMBERS)
    return Preset(
        _text(fields, "name"),
        _text(fields, "zh"),
        _weights(fields),
        speed,
        pause,
        loudness,
        _prosody(fields),
        from_text,
    )


def _voice(fields: Fields, emotions: set[str]) -> Voice:
    name, sex, stand_in = _text(fields, "name"), fields.get("sex"), fields.get("stand_in")
    languages = _texts(fields, "languages", VOICES)
    if not is_slug(name):
        raise BadDataError(f"{name[:40]!r} cannot be the name of a voice")
    if not languages:
        raise BadDataError("a voice has languages")
    emotion = _text(fields, "emotion")
    if emotion not in emotions:
        raise BadDataError("a voice's emotion is none of the house")
    return Voice(
        name,
        text_of(fields, "description") or name,
        languages,
        _sex(sex),
        emotion,
        None if stand_in is None else _text(fields, "stand_in"),
    )


def _sex(value: object) -> Sex:
    if value == "female" or value == "male":  # noqa: PLR1714 - as the type checker knows it
        return value
    raise BadDataError("sex is female or male")


def _check_keys(fields: Fields, known: Sequence[str]) -> None:
    """Make sure that nothing is asked for that would be passed over."""
    if unknown := fields.keys() - set(known):
        raise BadDataError(f"{min(unknown)[:40]!r} is no field here")


def _text(fields: Fields, key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not _is_text(value):
        raise BadDataError(f"{key} is a text of at most {LONGEST_NAME} characters")
    return value


def _is_text(value: str) -> bool:
    return 0 < len(value) <= LONGEST_NAME and value.isprintable()


def _whole(fields: Fields, key: str, highest: int) -> int:
    value = fields.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= highest:
        raise BadDataError(f"{key} is no whole number from 0 to {highest}")
    return value


def _table(fields: Fields, key: str) -> Fields:
    value = fields.get(key)
    if not isinstance(value, dict):
        raise BadDataError(f"{key} is no object")
    return value


def _tables(fields: Fields, key: str, most: int) -> list[Fields]:
    items = _list(fields, key, most)
    if not items or not all(isinstance(item, dict) for item in items):
        raise BadDataError(f"{key} is no list of objects")
    return [item for item in items if isinstance(item, dict)]


def _texts(fields: Fields, key: str, most: int) -> tuple[str, ...]:
    items = tuple(item for item in _list(fields, key, most) if isinstance(item, str))
    if len(items) != len(_list(fields, key, most)) or not all(map(_is_text, items)):
        raise BadDataError(f"{key} is no list of texts")
    return items


def _list(fields: Fields, key: str, most: int) -> list[object]:
    value = fields.get(key)
    if not isinstance(value, list):
        raise BadDataError(f"{key} is no list")
    if len(value) > most:
        raise BadDataError(f"{key} has more than {most}")
    return value
