"""Whatever anybody publishes, it is carried out or rejected, and the edge goes on."""

import asyncio
import json
import random
from pathlib import Path
from typing import Final

import pytest

from tests.edges.mqtt_broker import broker, guest
from tests.edges.mqtt_house import BASE, EVENT, STATE, announcing_nowhere, options, shown
from wyoming_indextts.edges.mqtt.payload import LARGEST, read, seconds
from wyoming_indextts.errors import BadDataError, BadRequestError, SpeechError, TooLargeError
from wyoming_indextts.speech.emotion import AXES

KEYS: Final = ["emotion", "voice", "emotion_intensity", "speed", "volume", "stop", "nothing",
               "announce", "announce", "mute", "area/kitchen/emotion", "area/attic/emotion",
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

BATCH: Final = 10
"""Commands that are sent before their answers are awaited."""

REPLY: Final = f"{BASE}/reply/1"

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


async def test_three_thousand_hostile_payloads_are_carried_out_or_rejected(tmp_path: Path) -> None:
    """Each is answered; one that is rejected is told of, and the state is published again."""
    dice = random.Random(7)  # noqa: S311 - not a secret
    rejections = 0
    hostile = [payload for payload in payloads(3000) if payload]
    async with (
        broker(tmp_path) as there,
        guest(there.port, f"{BASE}/#") as other,
        announcing_nowhere(options(there.port)),
    ):
        await other.until(f"{BASE}/status")
        for at in range(0, len(hostile), BATCH):
            other.forget()
            batch = hostile[at : at + BATCH]
            await asyncio.gather(*[
                other.say(f"{BASE}/{dice.choice(KEYS)}/set", payload, reply_to=REPLY)
                for payload in batch
            ])  # fmt: skip
            await other.say(f"{BASE}/stop/set", "NOW", reply_to=f"{BASE}/reply/last")
            await other.until(f"{BASE}/reply/last")
            answers = other.on(REPLY)
            refused = [answer for answer in answers if not answer["ok"]]
            told = [event for event in other.on(EVENT) if event["event_type"] == "rejected"]
            assert len(answers) == len(batch)
            assert len(told) == len(refused) + 1
            longest = max(told, key=lambda event: len(event["text"]))
            assert len(longest["text"]) < 400, longest
            assert all(event["code"] for event in told)
            assert "not understood" not in {event["text"] for event in told}
            assert other.on(STATE)
            rejections += len(refused)
    assert 2000 < rejections < 3000


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
        rejected = await house.other.until(EVENT, since=len(BARE))
        assert len(rejected["topic"]) == 40
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
