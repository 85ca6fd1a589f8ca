"""Announcements as the settings want them, asked for at a real broker, at real snd services."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.edges.http_house import serving
from tests.edges.mqtt_broker import Broker, broker, guest
from tests.edges.mqtt_house import BASE, EVENT, options
from tests.edges.snd_service import SndService, snd_service
from tests.house import casting, speaking
from tests.store.newcomers import RECORD
from tests.tone import ToneEngine, tone
from wyoming_indextts.announcing import (
    AnnouncedOverMqtt,
    Served,
    WebAddress,
    announced_at_targets,
    base_url,
    enrolled_gain,
)
from wyoming_indextts.edges.mqtt.edge import MqttEdge
from wyoming_indextts.errors import BusyError, TargetFailedError
from wyoming_indextts.settings import SettingsError, load
from wyoming_indextts.speech.announcer import Announcer
from wyoming_indextts.speech.clip import Clip
from wyoming_indextts.speech.links import Links
from wyoming_indextts.store.clip import wav_of
from wyoming_indextts.store.voices import keep_voice

DOCS = (Path(__file__).parents[1] / "docs" / "announcements.md").read_text("utf-8")


@asynccontextmanager
async def announced(
    folder: Path,
    lines: str,
    links: Links | None = None,
    engine: ToneEngine | None = None,
    there: Broker | None = None,
) -> AsyncGenerator[tuple[Announcer, Any], None]:
    """Give an announcer of these settings and a guest at the broker at which it is shown."""
    (folder / "settings.toml").write_text(lines, "utf-8")
    settings = load({"config": folder / "settings.toml"}, {})
    cast = casting()
    async with AsyncExitStack() as opened:
        if there is None:
            there = await opened.enter_async_context(broker(folder))
        port = there.port
        other = await opened.enter_async_context(guest(port))
        speaker = await opened.enter_async_context(speaking(engine or ToneEngine(), cast=cast))
        announcer = await opened.enter_async_context(
            announced_at_targets(settings, speaker, cast, Served(links or Links()))
        )
        assert announcer
        edge = MqttEdge(
            options(port), speaker, cast, ready=lambda: True, version="1.2.3",
            announcer=AnnouncedOverMqtt(announcer), areas=announcer.areas,
        )  # fmt: skip
        await opened.enter_async_context(edge.running())
        await other.until(f"{BASE}/status", lambda status: status == "online")
        yield announcer, other


def at(**services: SndService) -> str:
    """Return settings with these targets, without a chime."""
    lines = [f'{name} = {{ snd = "tcp://127.0.0.1:{it.port}" }}' for name, it in services.items()]
    return "[announce]\nchime = false\n[announce.targets]\n" + "\n".join(lines) + "\n"


def told(other: Any, kind: str) -> list[dict[str, Any]]:  # noqa: ANN401
    """Return the announcements' events of a kind."""
    return [e for e in other.on(EVENT) if e["event_type"] == kind and "announcement" in e]


async def test_without_targets_there_is_no_announcer() -> None:
    async with (
        speaking(ToneEngine()) as speaker,
        announced_at_targets(load({}, {}), speaker, casting(), Served(Links())) as announcer,
    ):
        assert announcer is None


async def test_the_docs_settings_are_settings(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", DOCS, re.DOTALL)
    (tmp_path / "settings.toml").write_text(block, "utf-8")
    wanted = load({"config": tmp_path / "settings.toml"}, {}).announce
    assert wanted.targets.keys() == {"kitchen", "bedroom", "hall", "attic"}
    async with speaking(ToneEngine()) as speaker:
        settings = load({"config": tmp_path / "settings.toml"}, {})
        async with announced_at_targets(settings, speaker, casting(), Served(Links())) as announcer:
            assert announcer and list(announcer.targets)[-2:] == ["everywhere", "all"]


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ('[announce.targets]\nx = { snd = "kitchen:10601" }', "tcp://HOST:PORT"),
        ('[announce.targets]\nx = { snd = "tcp://a:1", volume = 2 }', "unknown key"),
        ("[announce.targets]\nx = {}", "must have one of snd, hub, link and local"),
        ('[announce.targets]\nx = { link = true, hub = "media_player.x" }', "must have one of"),
        ('[announce.targets]\nx = { hub = "light.x" }', "announce.targets.x.hub"),
        ('[announce.targets]\nx = { hub = "media_player.x" }', "announce.hub.token_file"),
        ('[announce]\nurl = "192.168.1.9"', "announce.url"),
        ('[announce.targets]\nall = { snd = "tcp://a:1" }', "group of all"),
        ('[announce.groups]\ndown = ["hall"]', "no target"),
        ('[announce]\nusual = ["hall"]', "no target and no group"),
        ('[announce]\nquiet_hours = "22-7"', "HH:MM"),
    ],
)
def test_settings_that_cannot_be_meant(tmp_path: Path, lines: str, complaint: str) -> None:
    (tmp_path / "settings.toml").write_text(lines + "\n", "utf-8")
    with pytest.raises(SettingsError, match=complaint):
        load({"config": tmp_path / "settings.toml"}, {})


async def test_a_service_receives_exactly_the_samples(tmp_path: Path) -> None:
    async with (
        snd_service() as kitchen,
        snd_service() as hall,
        announced(tmp_path, at(kitchen=kitchen, hall=hall)) as (_, other),
    ):
        await other.say(f"{BASE}/announce/set", {"message": "Hi.", "id": "a", "targets": "hall"})
        await other.until(EVENT, lambda e: e["event_type"] == "finished" and "announcement" in e)
        assert hall.heard[0].sound.data == tone(0.05).data * 3
        assert not kitchen.heard
        (started,) = told(other, "started")
        assert (started["announcement"], started["target"]) == ("a", "hall")
        (finished,) = told(other, "finished")
        assert finished["seconds"] == pytest.approx(0.15)


async def test_three_clients_at_once_are_heard_by_priority(tmp_path: Path) -> None:
    async with (
        broker(tmp_path) as there,
        snd_service() as kitchen,
        announced(tmp_path, at(kitchen=kitchen), there=there) as (announcer, other),
        guest(there.port) as one,
        guest(there.port) as two,
        guest(there.port) as three,
    ):
        await other.say(f"{BASE}/announce/set", {"message": "A story.", "id": "first"})
        await kitchen.until(lambda it: bool(it.heard and it.heard[0].chunks))
        wanted = [(one, "low"), (two, "high"), (three, "normal")]
        await asyncio.gather(*[
            client.say(f"{BASE}/announce/set", {"message": "Hi.", "id": level, "priority": level})
            for client, level in wanted
        ])  # fmt: skip
        async with asyncio.timeout(20):
            while len(told(other, "finished")) < 4:
                await asyncio.sleep(0.01)
        started = [event["announcement"] for event in told(other, "started")]
        assert started == ["first", "high", "normal", "low"]
        assert not announcer.waiting


async def test_what_is_not_taken_is_told_once(tmp_path: Path) -> None:
    async with (
        snd_service() as kitchen,
        announced(tmp_path, at(kitchen=kitchen)) as (_, other),
    ):
        wrong: list[tuple[object, str]] = [
            ({"message": "Hi.", "targets": ["attic"]}, "target-not-found"),
            ({"message": "Hi.", "id": "same"}, ""),
            ({"message": "Hi.", "id": "same"}, "duplicate"),
            ({"message": "Hi.", "expires": 0, "ts": 1}, "timeout"),
            ({"message": ""}, "bad-request"),
        ]
        for payload, _ in wrong:
            await other.say(f"{BASE}/announce/set", payload)
        await other.say(f"{BASE}/announce/set", "late", retain=False)
        async with asyncio.timeout(20):
            while len(told(other, "finished")) < 2:
                await asyncio.sleep(0.01)
        rejected = [e["code"] for e in other.on(EVENT) if e["event_type"] == "rejected"]
        assert rejected == [code for _, code in wrong if code]


async def test_a_house_that_is_not_to_be_disturbed(tmp_path: Path) -> None:
    async with (
        snd_service() as kitchen,
        announced(tmp_path, at(kitchen=kitchen)) as (_, other),
    ):
        await other.say(f"{BASE}/mute/set", "ON")
        await other.until(f"{BASE}/state", lambda state: state["mute"] == "ON")
        await other.say(f"{BASE}/announce/set", "Hi.")
        await other.until(EVENT, lambda e: e["event_type"] == "rejected" and e["code"] == "quiet")
        await other.say(f"{BASE}/announce/set", {"message": "Fire!", "priority": "critical"})
        await other.until(EVENT, lambda e: e["event_type"] == "finished" and "announcement" in e)
        assert len(kitchen.heard) == 1


async def test_a_speaker_that_is_off_is_told_of(tmp_path: Path) -> None:
    lines = '[announce.targets]\nkitchen = { snd = "tcp://127.0.0.1:1" }\n'
    async with announced(tmp_path, lines) as (_, other):
        await other.say(f"{BASE}/announce/set", "Hi.")
        failed = await other.until(EVENT, lambda e: e["event_type"] == "failed" and "target" in e)
        assert failed["code"] == "target-failed" and failed["target"] == "kitchen"


async def test_every_example_of_the_docs_is_carried_out(tmp_path: Path) -> None:
    payloads = re.findall(r"-t wyoming-indextts/NODE/announce/set -m '(.*)'", DOCS)
    assert len(payloads) >= 4
    async with (
        snd_service() as service,
        announced(tmp_path, at(kitchen=service, bedroom=service)) as (announcer, other),
    ):
        for payload in payloads:
            await other.say(f"{BASE}/announce/set", payload)
        await asyncio.sleep(0)
        async with asyncio.timeout(20):
            while len(told(other, "queued")) < len(payloads):
                await asyncio.sleep(0.01)
        announcer.stop()
        assert not [e for e in other.on(EVENT) if e["event_type"] == "rejected"]


async def test_too_many_are_refused_and_the_rest_is_spoken(tmp_path: Path) -> None:
    async with snd_service() as kitchen:
        lines = at(kitchen=kitchen).replace("chime = false", "chime = false\nwaiting = 1")
        async with announced(tmp_path, lines) as (announcer, _):
            announcer.announce("A story.")
            await kitchen.until(lambda it: bool(it.heard and it.heard[0].chunks))
            announcer.announce("Hi.")
            with pytest.raises(BusyError):
                announcer.announce("Hi.")
            await announcer.idle()
            assert len(kitchen.heard) == 2


async def test_an_event_says_where_the_sound_is(tmp_path: Path) -> None:
    async with serving() as web:
        lines = f'[announce]\nchime = false\nurl = "{web.url}/"\n'
        lines += "[announce.targets]\nattic = { link = true }\n"
        async with announced(tmp_path, lines, links=web.links) as (_, other):
            await other.say(f"{BASE}/announce/set", {"message": "Hi.", "id": "a"})
            ready = await other.until(EVENT, lambda e: e["event_type"] == "ready")
            assert (ready["announcement"], ready["target"]) == ("a", "attic")
            content = await web.sound("GET", ready["url"])
            assert content.endswith(tone(0.05).data * 3)
            await other.until(EVENT, lambda e: e["event_type"] == "finished" and "target" in e)


@pytest.mark.parametrize(
    ("wanted", "addresses", "base"),
    [
        ("http://tts.lan/voice/", [], "http://tts.lan/voice"),
        (None, [WebAddress("http", "127.0.0.1", 80)], "http://127.0.0.1:80"),
        (None, [WebAddress("https", "fd00::1", 8443)], "https://[fd00::1]:8443"),
    ],
)
def test_where_speakers_fetch(wanted: str | None, addresses: list[WebAddress], base: str) -> None:
    assert base_url(wanted, addresses) == base


def test_nowhere_to_fetch_from() -> None:
    with pytest.raises(TargetFailedError, match="see http"):
        base_url(None, [])


async def test_this_machines_own_player(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    player = tmp_path / "aplay"
    player.write_text(f"#!/bin/sh\nexec cat >{tmp_path}/heard\n", "utf-8")
    player.chmod(0o755)
    lines = "[announce]\nchime = false\n[announce.targets]\nhere = { local = true }\n"
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/sbin:/usr/bin:/bin")
    async with announced(tmp_path, lines) as (_, other):
        await other.say(f"{BASE}/announce/set", "Hi.")
        await other.until(EVENT, lambda e: e["event_type"] == "finished" and "target" in e)
    assert (tmp_path / "heard").read_bytes() == tone(0.05).data * 3


async def test_a_machine_without_a_player(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "[announce.targets]\nhere = { local = true }\n"
    async with announced(tmp_path, lines) as (_, other):
        monkeypatch.setenv("PATH", str(tmp_path))
        await other.say(f"{BASE}/announce/set", "Hi.")
        failed = await other.until(EVENT, lambda e: e["event_type"] == "failed" and "target" in e)
        assert "no player" in failed["text"]


async def test_an_enrolled_voice_is_as_loud_as_the_bundled_ones(tmp_path: Path) -> None:
    time = np.arange(5 * 16_000) / 16_000
    wave = 0.02 * np.sin(2 * np.pi * 200 * time).astype(np.float32)
    clip = Clip(wave, 16_000)
    keep_voice(tmp_path, "mum", RECORD, wav_of(clip))
    assert await enrolled_gain(tmp_path, "mum") == 12.0
    assert await enrolled_gain(tmp_path, "lan") == 0.0


async def test_an_area_has_an_emotion_of_its_own(tmp_path: Path) -> None:
    lines = "[announce]\nchime = false\n[announce.targets]\n"
    async with snd_service() as kitchen, snd_service() as hall:
        lines += f'kitchen = {{ snd = "tcp://127.0.0.1:{kitchen.port}" }}\n'
        lines += f'"客厅 2" = {{ snd = "tcp://127.0.0.1:{hall.port}" }}\n'
        engine = ToneEngine()
        async with announced(tmp_path, lines, engine=engine) as (_, other):
            state = await other.until(f"{BASE}/area/客厅 2/state")
            assert state == {"emotion": "(default)", "emotion_zh": "(default)",
                             "emotion_intensity": None}  # fmt: skip
            (about,) = other.on("homeassistant/device/indextts_hall_kitchen/config")
            assert about["device"]["via_device"] == "indextts_hall"
            assert about["device"]["manufacturer"] == "wyoming-indextts"
            select = about["components"]["emotion"]
            assert select["options"][0] == "(default)" and "happy" in select["options"]
            assert len([t for t, _ in other.heard if t.startswith("homeassistant/")]) == 3
            await other.say(select["command_topic"], "happy")
            await other.until(select["state_topic"], lambda s: s["emotion"] == "happy")
            await other.say(f"{BASE}/announce/set", "Hi.")
            async with asyncio.timeout(20):
                while len(told(other, "finished")) < 2:
                    await asyncio.sleep(0.01)
            assert [job.style.emotion.weights[0] > 0.3 for job in engine.jobs] == [True, False]
            sad = {"area": "客厅 2", "weights": {"sad": 0.6}, "intensity": 0.5}
            await other.say(f"{BASE}/emotion/set", sad)
            await other.until(f"{BASE}/area/客厅 2/state", lambda s: s["emotion"] == "custom")
            await other.say(select["command_topic"], "(default)")
            await other.until(select["state_topic"], lambda s: s["emotion"] == "(default)", since=2)


async def test_the_device_of_a_target_that_is_gone_is_taken_back(tmp_path: Path) -> None:
    lines = '[announce.targets]\nkitchen = { snd = "tcp://127.0.0.1:1" }\n'
    before = f"{BASE}/area/bath 2/state", "homeassistant/device/indextts_hall_bath_2/config"
    async with broker(tmp_path) as there, guest(there.port) as early:
        for topic in before:
            await early.say(topic, "{}", retain=True)
        await early.say(f"{BASE}/area/kitchen/state", "{}", retain=True)
        async with announced(tmp_path, lines, there=there) as (_, other):
            for topic in before:
                await early.until(topic, lambda payload: payload == "", since=1)
            await other.until("homeassistant/device/indextts_hall_kitchen/config")
        async with guest(there.port) as late:
            await late.until(f"{BASE}/status")
            shown = {topic for topic, _ in late.heard}
    assert not shown & set(before)
    assert f"{BASE}/area/kitchen/state" in shown


@pytest.mark.parametrize(
    ("topic", "payload", "code"),
    [
        ("area/kitchen/emotion", "hangry", "emotion-not-found"),
        ("area/attic/emotion", "happy", "target-not-found"),
        ("area/kitchen/emotion", {"preset": "happy", "for": "5m"}, "bad-request"),
        ("area/kitchen/emotion", {"weights": [1]}, "bad-request"),
        ("emotion", {"preset": "happy", "area": "attic"}, "target-not-found"),
    ],
)
async def test_what_an_area_cannot_have(
    tmp_path: Path, topic: str, payload: object, code: str
) -> None:
    lines = '[announce.targets]\nkitchen = { snd = "tcp://127.0.0.1:1" }\n'
    async with announced(tmp_path, lines) as (_, other):
        before = len(other.on(f"{BASE}/area/kitchen/state"))
        await other.say(f"{BASE}/{topic}/set", payload)
        rejected = await other.until(EVENT, lambda e: e["event_type"] == "rejected")
        assert rejected["code"] == code
        if "kitchen" in topic:
            state = await other.until(f"{BASE}/area/kitchen/state", since=before)
            assert state["emotion"] == "(default)"
