"""Every entity as Home Assistant uses it, at a broker with TLS, passwords and our access list.

What is sent and what is shown is taken from the device message alone, templates and all.
"""

import json
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.edges.mqtt_broker import Guest, broker, guest
from tests.edges.mqtt_house import BASE, EVENT, announcing_nowhere, options
from tests.edges.mqtt_strict import ours, strict, theirs
from tests.edges.mqtt_templates import rendered
from tests.house import pieces
from wyoming_indextts.edges.mqtt.entities import ENTITIES
from wyoming_indextts.edges.mqtt.options import Language
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.speaker import Speaker

Component = Mapping[str, Any]


@asynccontextmanager
async def seen(
    folder: Path, language: Language = "en"
) -> AsyncGenerator[tuple[Guest, Speaker, Mapping[str, Component]]]:
    """Give a guest, who speaks beside it, and the components of the devices."""
    async with (
        broker(folder, *strict(folder)) as there,
        guest(there.port, **theirs(folder)) as other,
    ):
        wanted = options(there.port, language=language)
        async with announcing_nowhere(replace(wanted, broker=ours(folder, there.port))) as house:
            await other.until(f"{BASE}/status", lambda status: status == "online")
            (told,) = other.on("homeassistant/device/indextts_hall/config")
            (area,) = other.on("homeassistant/device/indextts_hall_kitchen/config")
            components = {**told["components"], "kitchen": area["components"]["emotion"]}
            yield other, house.speaker, components


def shown(component: Component, document: object) -> str:
    """Return what Home Assistant shows of a document."""
    return rendered(component["value_template"], value_json=document)


async def set_to(other: Guest, component: Component, value: object) -> None:
    """Set an entity, and wait until it shows that."""
    before = len(other.on(component["state_topic"]))
    await other.say(component["command_topic"], str(value))

    def fits(document: object) -> bool:
        now = shown(component, document)
        return float(now) == float(str(value)) if component["platform"] == "number" else (
            now == str(value)
        )  # fmt: skip

    await other.until(component["state_topic"], fits, since=before)


async def test_every_entity_shows_what_it_was_set_to(tmp_path: Path) -> None:
    async with seen(tmp_path) as (other, _, components):
        tried = set()
        for key, component in components.items():
            match component["platform"]:
                case "select":
                    for choice in component["options"]:
                        await set_to(other, component, choice)
                case "number":
                    for value in (component["min"], component["max"]):
                        await set_to(other, component, value)
                case "switch":
                    for word in (component["payload_on"], component["payload_off"]):
                        await set_to(other, component, word)
                case _:
                    continue
            tried.add(key)
        assert not [told for told in other.on(EVENT) if told["event_type"] == "rejected"]
        commanded = {key for key, entity in ENTITIES.items() if entity.commanded}
        assert tried == commanded - {"announce", "stop"} | {"kitchen"}


async def test_every_choice_in_chinese_can_be_chosen(tmp_path: Path) -> None:
    async with seen(tmp_path, "zh-Hans") as (other, _, components):
        for key in ("emotion", "kitchen"):
            assert "高兴" in components[key]["options"]
            for choice in components[key]["options"]:
                await set_to(other, components[key], choice)


async def test_every_sensor_shows_a_word_of_what_happened(tmp_path: Path) -> None:
    async with seen(tmp_path) as (other, speaker, components):
        async with speaker.speak(pieces("好的。"), Request("test")) as sound:
            assert [pcm async for pcm in sound]
        metrics = await other.until(f"{BASE}/metrics", lambda told: told["spoken"] == 1)
        state = other.on(f"{BASE}/state")[-1]
        documents = {f"{BASE}/metrics": metrics, f"{BASE}/state": state}
        sensors = {k: c for k, c in components.items() if c["platform"] == "sensor"}
        said = {key: shown(one, documents[one["state_topic"]]) for key, one in sensors.items()}
        assert said.pop("activity") in components["activity"]["options"]
        assert float(said.pop("ttfa")) > 0
        assert said == {
            "queue_depth": "0", "spoken": "1", "failed": "0",
            "last_error": "None", "limits": "None",
        }  # fmt: skip
        kinds = components["utterance"]["event_types"]
        assert {told["event_type"] for told in other.on(EVENT)} <= set(kinds)


async def test_what_is_typed_into_the_notify_entity_is_announced_once(tmp_path: Path) -> None:
    async with seen(tmp_path) as (other, _, components):
        notify = components["announce"]
        typed = '他说："洗好了"\n{"not": "JSON"}'
        payload = rendered(notify["command_template"], value=typed)
        assert abs(json.loads(payload)["ts"] - time.time()) < 60
        for _ in range(2):
            await other.say(notify["command_topic"], payload)
        finished = await other.until(EVENT, lambda told: told["event_type"] == "finished")
        assert finished["announcement"] == json.loads(payload)["id"]
        again = await other.until(EVENT, lambda told: told["event_type"] == "rejected")
        assert again["code"] == "duplicate"
        stop = components["stop"]
        reply = f"{BASE}/reply/1"
        await other.say(stop["command_topic"], stop["payload_press"], reply_to=reply)
        assert await other.until(reply) == {"ok": True, "stopped": 0}
