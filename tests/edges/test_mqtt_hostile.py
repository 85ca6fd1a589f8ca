"""Whatever anybody publishes, it is carried out or rejected, and the edge goes on."""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.edges.mqtt_house import EVENT, STATE, shown
from tests.house import casting, speaking
from tests.tone import ToneEngine
from wyoming_indextts.announcing import AnnouncedOverMqtt
from wyoming_indextts.edges.mqtt.commands import Commands
from wyoming_indextts.edges.mqtt.mood import Mood
from wyoming_indextts.edges.mqtt.payload import LARGEST, read, seconds
from wyoming_indextts.errors import BadDataError, BadRequestError, SpeechError, TooLargeError
from wyoming_indextts.speech.announcer import AnnouncerOptions, announcing
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.emotion import AXES
from wyoming_indextts.speech.interlude import Interlude
from wyoming_indextts.speech.queue import Place, Ready

KEYS: Final = ["emotion", "voice", "emotion_intensity", "speed", "volume", "stop", "nothing",
               "announce", "announce", "mute",
               *(f"emotion_{axis}" for axis in AXES)]  # fmt: skip

VALUES: Final[list[object]] = [
    "happy", "", None, True, [], {}, ["list"], {"id": ["list"]}, -1, 0.5, 1e300, 10**400, "1e999",
    "NaN", "inf", "９", "\u0000", "\ud800", "x" * 5000, "(default)", "custom", "PRESS", [[]] * 8,
    [0.1] * 8, {"happy": "0.5"}, "30s", "5m", 86_401,
]  # fmt: skip
"""What a field may be given, good and bad."""

FIELDS: Final = [
    "preset",
    "weights",
    "intensity",
    "for",
    "next",
    "ts",
    "id",
    "source",
    "target",
    "?",
    "message",
    "message",
    "targets",
    "priority",
    "repeat",
    "expires",
    "chime",
    "interrupt",
    "quiet_hours",
    "voice",
    "volume",
    "until",
]

BARE: Final = [
    b"\xff\xfe\x00", b"{", b"{}", b"[" * 4000, b'{"a":' * 1300, b'{"preset": NaN}', b"{" * 8192,
    b'{"ts": 1e999}', b'{"ts": -Infinity}', b'{"preset": "\\ud800"}', b"x" * 8193, b" ", b"\x00",
    b'{"ts": ' + b"9" * 5000 + b"}", "𝟙".encode(),
]  # fmt: skip


def payloads(count: int) -> list[bytes]:
    """Return that many, the same in every run."""
    dice = random.Random(6)  # noqa: S311 - not a secret
    made = list(BARE)
    while len(made) < count:
        chosen = dice.sample(FIELDS, dice.randint(0, 4))
        whole = {field: dice.choice(VALUES) for field in chosen} if chosen else dice.choice(VALUES)
        text = json.dumps(whole).encode()
        if dice.random() < 0.2:
            spot = dice.randrange(len(text))
            text = text[:spot] + dice.randbytes(1) + text[spot + 1 :]
        made.append(text)
    return made


@asynccontextmanager
async def commands() -> AsyncGenerator[Commands, None]:
    cast = casting()
    options = AnnouncerOptions(groups={}, chime=False)
    async with (
        speaking(ToneEngine(), cast=cast) as speaker,
        announcing(speaker, cast, [Place("kitchen", Nowhere())], options) as announcer,
    ):
        interlude = Interlude(cast.stage, speaker)
        mood = Mood(cast, interlude)
        yield Commands(mood, speaker, AnnouncedOverMqtt(announcer), max_age=30)
        interlude.close()


class Nowhere:
    """A target at which nothing is heard, in no time."""

    async def play(self, sound: AsyncIterator[Pcm], ready: Ready) -> None:
        """Take nothing of it."""


async def test_three_thousand_hostile_payloads_are_carried_out_or_rejected() -> None:
    told: list[str] = []
    dice = random.Random(7)  # noqa: S311 - not a secret
    async with commands() as there:
        for payload in payloads(3000):
            try:
                there.carry_out(dice.choice(KEYS), payload)
            except SpeechError as error:
                told.append(str(error))
            await asyncio.sleep(0)
    assert 2000 < len(told) < 3000
    assert max(len(text.encode()) for text in told) < 400


async def test_at_a_broker_each_is_told_of_and_the_edge_goes_on(tmp_path: Path) -> None:
    async with shown(tmp_path) as house:
        for payload in BARE:
            before = house.state
            told = len(house.other.on(EVENT))
            assert await house.command("emotion", payload) == before
            event = await house.other.until(EVENT, since=told)
            assert event["event_type"] == "rejected"
        assert len(house.other.on(EVENT)) == len(BARE)
        assert (await house.command("x" * 60_000, "1"))["emotion"] == "neutral"
        assert len(house.other.on(EVENT)[-1]["topic"]) == 40
        assert (await house.command("emotion", "happy"))["emotion"] == "happy"
        assert house.other.on(STATE)


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        (b"x" * (LARGEST + 1), TooLargeError),
        (b"\xff", BadDataError),
        (b'{"a": 1', BadDataError),
        (b'{"a": Infinity}', BadDataError),
        (b'{"a": 1e999}', BadDataError),
        (b'{"a": "\\ud800"}', BadDataError),
        (b'{"a":' * 1600, BadDataError),
        (b"{} {}", BadDataError),
    ],
)
def test_what_cannot_be_read_says_why(payload: bytes, error: type[SpeechError]) -> None:
    with pytest.raises(error):
        read(payload)


def test_what_can_be_read() -> None:
    assert read(" 高兴\n".encode()) == "高兴"
    assert read(b"[happy] no JSON") == "[happy] no JSON"
    assert read(b' {"a": [1]}') == {"a": [1]}


@pytest.mark.parametrize(
    ("written", "expected"),
    [(30, 30), (0.5, 0.5), ("30", 30), ("30s", 30), ("1.5 m", 90), ("2min", 120), ("1h", 3600)],
)
def test_a_duration_is_read(written: object, expected: float) -> None:
    assert seconds(written, "for") == expected


@pytest.mark.parametrize("written", ["", "s", "-1", "1d", "1e3", True, None, -1, "9" * 20])
def test_anything_else_is_no_duration(written: object) -> None:
    with pytest.raises(BadRequestError):
        seconds(written, "for")
