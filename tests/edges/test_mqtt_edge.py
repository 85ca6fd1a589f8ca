"""The house over a real broker: what is shown, what is told, what is done."""

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.edges.mqtt_broker import PATIENCE, broker, guest
from tests.edges.mqtt_house import BASE, EVENT, STATE, options, shown
from tests.house import casting, pieces, speaking, voices
from tests.tone import ToneEngine
from wyoming_indextts.edges.mqtt.announcer import Notice, Wish
from wyoming_indextts.edges.mqtt.connection import Received
from wyoming_indextts.edges.mqtt.edge import MqttEdge
from wyoming_indextts.errors import BusyError, InterruptedSpeechError
from wyoming_indextts.speech.emotion import Preset
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.vitals import Lack

CONFIG = "homeassistant/device/indextts_hall/config"


async def test_the_device_is_told_before_its_state_and_that_before_it_is_there(
    tmp_path: Path,
) -> None:
    async with shown(tmp_path) as house:
        assert [topic for topic, _ in house.other.heard][:4] == [
            CONFIG, STATE, f"{BASE}/metrics", f"{BASE}/status",
        ]  # fmt: skip
        async with guest(house.broker.port) as late:
            await late.until(f"{BASE}/status")
            assert {topic for topic, _ in late.heard} == {topic for topic, _ in house.other.heard}


@pytest.mark.parametrize(
    ("key", "payload", "expected"),
    [
        ("emotion", "happy", {"emotion": "happy", "emotion_zh": "高兴", "emotion_happy": 1.0}),
        ("emotion", "悲伤", {"emotion": "sad", "emotion_sad": 1.0}),
        ("voice", "bob", {"voice": "bob", "emotion": "melancholic"}),
        ("voice", "bob-angry", {"voice": "bob", "emotion": "angry"}),
        ("emotion_intensity", "0.5", {"emotion_intensity": 0.5}),
        ("emotion_calm", ".25",
         {"emotion": "custom", "emotion_zh": "自定义", "emotion_calm": 0.25}),
        ("speed", "1.5", {"speed": 1.5}),
        ("volume", "40", {"volume": 40}),
        ("emotion", {"preset": "happy", "intensity": 0.8, "next": 2},
         {"emotion": "happy", "emotion_intensity": 0.8, "emotion_next": 2}),
        ("emotion", {"weights": {"sad": 0.5}}, {"emotion": "custom", "emotion_sad": 0.5}),
        ("emotion", {"weights": [0, 0, 0, 0, 0, 0, 0.5, 0], "ts": None},
         {"emotion": "custom", "emotion_surprised": 0.5}),
    ],
)  # fmt: skip
async def test_what_is_set_is_shown(
    key: str, payload: object, expected: Mapping[str, object], tmp_path: Path
) -> None:
    if isinstance(payload, dict) and "ts" in payload:
        payload["ts"] = time.time()
    async with shown(tmp_path) as house:
        state = await house.command(key, payload)
        assert {name: state[name] for name in expected} == expected


async def test_what_is_set_is_on_the_stage(tmp_path: Path) -> None:
    async with shown(tmp_path) as house:
        for key, payload in (("voice", "bob"), ("emotion", "angry"), ("speed", "1.25"),
                             ("volume", "50"), ("emotion_intensity", ".75")):  # fmt: skip
            await house.command(key, payload)
        now = house.cast.stage.now
        assert (now.voice, now.emotion, now.speed, now.volume, now.intensity) == (
            "bob", "angry", 1.25, 0.5, 0.75,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("key", "payload", "code"),
    [
        ("emotion", "jolly", "emotion-not-found"),
        ("voice", "carol", "voice-not-found"),
        ("voice", {"voice": "bob"}, "bad-request"),
        ("speed", "fast", "bad-request"),
        ("speed", "nan", "bad-request"),
        ("volume", "201", "bad-request"),
        ("emotion", {"preset": "happy", "weights": [0] * 8}, "bad-request"),
        ("emotion", {"preset": "happy", "for": "-3s"}, "bad-request"),
        ("emotion", {"preset": "happy", "next": 0}, "bad-request"),
        ("emotion", {"preset": "happy", "mood": 1}, "bad-request"),
        ("emotion", {"weights": [0, 1]}, "bad-request"),
        ("emotion", {"weights": [2] + [0] * 7}, "bad-request"),
        ("emotion", {"preset": "happy", "ts": 1_000_000_000}, "timeout"),
        ("emotion", '{"preset": "hap', "bad-data"),
        ("emotion", b"\xff\xfe", "bad-data"),
        ("emotion", "x" * 9000, "too-large"),
        ("stop", "NOW", "bad-request"),
        ("stop", {"id": 1, "source": "say"}, "bad-request"),
        ("announce", "hello", "unsupported"),
        ("mute", "ON", "unsupported"),
    ],
)
async def test_what_cannot_be_done_is_told_and_the_truth_shown_again(
    key: str, payload: object, code: str, tmp_path: Path
) -> None:
    async with shown(tmp_path) as house:
        before = house.state
        assert await house.command(key, payload) == before
        told = await house.other.until(EVENT)
        assert (told["event_type"], told["topic"], told["code"]) == ("rejected", key, code)
        assert told["text"]


async def test_an_emotion_for_a_while_passes(tmp_path: Path) -> None:
    async with shown(tmp_path) as house:
        await house.command("emotion", "calm")
        state = await house.command("emotion", {"preset": "happy", "for": 0.3})
        assert state["emotion"] == "happy" and "T" in state["emotion_until"]
        after = await house.other.until(STATE, lambda state: state["emotion"] == "calm", since=3)
        assert after["emotion_until"] is None
        await house.command("emotion", {"preset": "angry", "next": 1})
        await house.say("好。")
        await house.other.until(EVENT, lambda told: told["event_type"] == "finished")
        assert house.cast.stage.now.emotion == "calm"


async def test_the_intensity_of_an_emotion_for_a_while_passes_with_it(tmp_path: Path) -> None:
    async with shown(tmp_path) as house:
        await house.command("emotion_intensity", "0.6")
        await house.command("emotion", {"preset": "sad", "intensity": 0.2, "for": "1h"})
        state = await house.command("emotion", "happy")
        assert (state["emotion"], state["emotion_intensity"]) == ("happy", 0.6)


async def test_utterances_are_told_step_by_step(tmp_path: Path) -> None:
    async with shown(tmp_path, engine=ToneEngine(pace=0.1)) as house:
        await house.say("好的好的。")
        await house.other.until(EVENT, lambda told: told["event_type"] == "finished")
        told = house.other.on(EVENT)
        assert [one["event_type"] for one in told] == ["queued", "started", "finished"]
        assert {(one["id"], one["source"]) for one in told} == {(told[0]["id"], "test")}
        assert told[-1]["seconds"] > 0
        measured = await house.other.until(f"{BASE}/metrics", lambda m: m["spoken"] == 1)
        assert measured["ttfa_ms"] > 0 and measured["last_error"] is None
        activities = {state["activity"] for state in house.other.on(STATE)}
        assert activities == {"idle", "queued", "speaking"}


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
async def test_what_the_machine_cannot_do_is_told_in_the_language_of_the_device(
    tmp_path: Path, language: str
) -> None:
    """A state of more than 255 characters is refused by Home Assistant."""
    lack = Lack("it is slow " * 30, "太慢")
    async with shown(tmp_path, lack=lack, language=language) as house:
        measured = await house.other.until(f"{BASE}/metrics")
        assert measured["limits"] == (lack.en[:255] if language == "en" else lack.zh)


async def test_a_failure_is_told_with_its_code(tmp_path: Path) -> None:
    async with shown(tmp_path, engine=ToneEngine(fails_on="坏")) as house:
        with pytest.raises(Exception, match="cannot be spoken"):
            await house.say("坏。")
        failed = await house.other.until(EVENT, lambda told: told["event_type"] == "failed")
        assert failed["code"] == "synthesis-failed"
        await house.other.until(STATE, lambda state: state["activity"] == "error")
        await house.say("好。")
        await house.other.until(EVENT, lambda told: told["event_type"] == "finished")
        assert (await house.command("stop", "PRESS"))["activity"] == "idle"


@pytest.mark.parametrize("payload", ["PRESS", {"source": "test"}, {"id": 1}])
async def test_stop_ends_what_is_spoken(payload: object, tmp_path: Path) -> None:
    async with shown(tmp_path, engine=ToneEngine(pace=0.02)) as house:
        speaking_long = asyncio.ensure_future(house.say("很长的一句话。" * 100))
        await house.other.until(EVENT, lambda told: told["event_type"] == "started")
        assert house.other.on(EVENT)[0]["id"] == 1
        await house.other.say(f"{BASE}/stop/set", payload)
        with pytest.raises(InterruptedSpeechError):
            await speaking_long
        await house.other.until(EVENT, lambda told: told["event_type"] == "interrupted")


async def test_whoever_asks_is_answered_below_our_own_topic_only(tmp_path: Path) -> None:
    async with shown(tmp_path) as house:
        for topic, payload in (
            ("elsewhere/1", "happy"), (f"{BASE}/status", "happy"), (f"{BASE}/reply/1", "happy"),
            (f"{BASE}/reply/2", "jolly"), (f"{BASE}/reply/3", {"preset": "sad"}),
        ):  # fmt: skip
            await house.command("emotion", payload, reply_to=topic, correlation=b"\x01\x02")
        await house.command("stop", "PRESS", reply_to=f"{BASE}/reply/4")
        await house.other.until(f"{BASE}/reply/4")
        assert house.other.on(f"{BASE}/reply/1") == [{"ok": True}]
        (refused,) = house.other.on(f"{BASE}/reply/2")
        assert (refused["ok"], refused["code"]) == (False, "emotion-not-found")
        assert house.other.on(f"{BASE}/reply/4") == [{"ok": True, "stopped": 0}]
        assert not house.other.on("elsewhere/1")
        assert house.other.on(f"{BASE}/status") == ["online"]
        answered = [t for t, _ in house.other.heard].index(f"{BASE}/reply/1")
        assert house.other.properties[answered].CorrelationData == b"\x01\x02"


async def test_retained_and_empty_commands_are_not_carried_out(tmp_path: Path) -> None:
    async with shown(tmp_path) as house:
        house.edge.receive(Received(f"{BASE}/emotion/set", b"happy", retained=True))
        house.edge.receive(Received(f"{BASE}/emotion/set", b""))
        assert house.cast.stage.now.emotion is None
        assert (await house.command("speed", "1.5"))["emotion"] == "neutral"
        assert not house.other.on(EVENT)


async def test_a_stop_that_waited_for_us_stops_nothing_that_was_begun_since(
    tmp_path: Path,
) -> None:
    async with shown(tmp_path, engine=ToneEngine(pace=0.02)) as house:
        speaking_on = asyncio.ensure_future(house.say("很长的一句话。"))
        await house.other.until(EVENT, lambda told: told["event_type"] == "started")
        house.edge.receive(Received(f"{BASE}/stop/set", b"PRESS", waited=True))
        rejected = await house.other.until(EVENT, lambda told: told["event_type"] == "rejected")
        assert (rejected["topic"], rejected["code"]) == ("stop", "timeout")
        await speaking_on
        house.edge.receive(Received(f"{BASE}/emotion/set", b"happy", waited=True))
        assert house.cast.stage.now.emotion == "happy"


async def test_a_command_that_was_retained_before_we_came_is_not_carried_out(
    tmp_path: Path,
) -> None:
    cast = casting()
    async with broker(tmp_path) as there, guest(there.port, f"{BASE}/#") as other:
        await other.say(f"{BASE}/emotion/set", "sad", retain=True)
        async with speaking(ToneEngine(), cast=cast) as speaker:
            wanted = options(there.port)
            edge = MqttEdge(wanted, speaker, cast, ready=lambda: True, version="1")
            async with edge.running():
                await other.until(f"{BASE}/status")
                await other.say(f"{BASE}/speed/set", "1.5")  # a later one, so that the order tells
                await other.until(STATE, lambda state: state["speed"] == 1.5)
    assert cast.stage.now.emotion is None


async def test_home_assistant_is_told_everything_again_when_it_has_come_up(tmp_path: Path) -> None:
    async with shown(tmp_path) as house:
        topics = (CONFIG, STATE, f"{BASE}/status")
        before = [len(house.other.on(topic)) for topic in topics]
        asked = time.monotonic()
        await house.other.say("homeassistant/status", "offline")
        await house.other.say("homeassistant/status", "online")
        for topic, since in zip(topics, before, strict=True):
            await house.other.until(topic, since=since)
        assert time.monotonic() - asked < 5
        assert len(house.other.on(CONFIG)) == 2


async def test_new_voices_and_emotions_are_in_the_lists(tmp_path: Path) -> None:
    async with shown(tmp_path) as house:
        known = list(voices())
        house.cast.stage.change(casting().stage.now)
        house.cast.voices.replace(known[:1], [*house.cast.presets, Preset("jolly", "欢快")])
        told = await house.other.until(CONFIG, since=1)
        assert told["components"]["voice"]["options"] == ["alice"]
        assert told["components"]["emotion"]["options"][-2:] == ["jolly", "custom"]


async def test_without_discovery_the_device_is_taken_back(tmp_path: Path) -> None:
    async with shown(tmp_path, enabled=False) as house:
        assert [payload for topic, payload in house.other.heard if topic == CONFIG] == [b""]
        assert (await house.command("emotion", "happy"))["emotion"] == "happy"


async def test_a_broker_that_is_not_there_delays_nothing() -> None:
    cast = casting()
    async with speaking(ToneEngine(), cast=cast) as speaker:
        edge = MqttEdge(options(1), speaker, cast, ready=lambda: True, version="1")
        begun = time.monotonic()
        async with edge.running():
            async with speaker.speak(pieces("好。"), Request("test")) as sound:
                assert [pcm async for pcm in sound]
            assert not edge.connected
        assert time.monotonic() - begun < 5


class Reciter:
    """An announcer that takes note of what it is asked for."""

    def __init__(self) -> None:
        self.wishes: list[Mapping[str, object]] = []
        self.stopped: list[tuple[str | None, str | None]] = []
        self.quiet = False
        self.waiting = 3
        self._listeners: list[Callable[[Notice], None]] = []

    def announce(self, wish: Wish) -> str:
        if wish.fields["message"] == "too much":
            raise BusyError("full")
        self.wishes.append(wish.fields)
        for listener in self._listeners:
            listener(Notice("ready", {"id": "1", "url": "http://there/"}))
        return "1"

    def stop(self, *, announcement: str | None = None, target: str | None = None) -> int:
        self.stopped.append((announcement, target))
        return 1

    def hush(self, *, quiet: bool) -> None:
        self.quiet = quiet

    def listen(self, listener: Callable[[Notice], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)


async def test_what_is_announced_goes_to_the_announcer(tmp_path: Path) -> None:
    reciter = Reciter()
    async with shown(tmp_path, announcer=reciter) as house:
        components = house.other.on(CONFIG)[0]["components"]
        assert components["announce"]["command_topic"] == f"{BASE}/announce/set"
        assert "ready" in components["utterance"]["event_types"]
        assert (await house.command("mute", "ON"))["mute"] == "ON"
        state = await house.command("announce", "洗衣机洗好了")
        assert (state["queue_depth"], reciter.quiet) == (3, True)
        await house.command("announce", {"message": "Hi.", "targets": ["kitchen"]})
        assert reciter.wishes == [
            {"message": "洗衣机洗好了"}, {"message": "Hi.", "targets": ["kitchen"]},
        ]  # fmt: skip
        first = await house.other.until(EVENT)
        assert first == {"event_type": "ready", "id": "1", "url": "http://there/"}
        await house.command("announce", "too much")
        await house.other.until(EVENT, lambda told: told.get("code") == "busy")
        for wanted in ("PRESS", {"id": "1"}, {"target": "kitchen"}):
            await house.command("stop", wanted)
        assert reciter.stopped == [(None, None), ("1", None), (None, "kitchen")]
        await house.command("mute", "maybe")
        await house.other.until(EVENT, lambda told: told.get("code") == "bad-request")
    assert not reciter._listeners  # noqa: SLF001 - that it is let go of


async def test_a_broker_that_refuses_the_device_message_is_told_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wyoming_indextts.edges.mqtt.echo.PATIENCE", 0.5)
    (tmp_path / "acl").write_text(
        f"topic readwrite {BASE}/#\ntopic read homeassistant/#\n", "utf-8"
    )
    async with shown(tmp_path, "acl_file {folder}/acl"):
        async with asyncio.timeout(PATIENCE):
            while "does not pass on" not in caplog.text:
                await asyncio.sleep(0.05)
    assert caplog.text.count(f"{CONFIG}, so") == 1


async def test_what_is_carried_out_is_put_on_record_without_what_is_announced(
    tmp_path: Path,
) -> None:
    async with shown(tmp_path) as house:
        await house.command("emotion", "happy")
        await house.command("emotion", "hungry")
        await house.command("stop", "PRESS")
    told = [(deed.action, deed.asker.actor, deed.target, dict(deed.more)) for deed in house.deeds]
    assert told == [
        ("stage.change", "mqtt", "emotion", {"value": "happy"}),
        ("stop", "mqtt", "stop", {"value": "PRESS"}),
    ]
