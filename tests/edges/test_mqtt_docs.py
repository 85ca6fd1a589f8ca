"""The examples of docs/mqtt.md do what it says, with mosquitto's own clients."""

import asyncio
import json
import re
import shlex
from asyncio.subprocess import PIPE
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.edges.mqtt_broker import broker, guest
from tests.edges.mqtt_house import BASE, EVENT, announcing_nowhere, options, shown
from tests.edges.mqtt_templates import rendered
from wyoming_indextts.edges.mqtt.entities import EVENT_TYPES

Component = Mapping[str, Any]

FLOW = Path(__file__).parents[2] / "docs" / "examples" / "node-red.json"

DOCS = (Path(__file__).parents[2] / "docs" / "mqtt.md").read_text("utf-8")

COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", DOCS, re.DOTALL) for line in block.splitlines()
]


async def run(line: str, port: int) -> str:
    told = line.replace("NODE", "hall").replace("-h BROKER", f"-h 127.0.0.1 -p {port}")
    process = await asyncio.create_subprocess_exec(*shlex.split(told), stdout=PIPE, stderr=PIPE)
    answer, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return answer.decode()


async def test_every_command_is_carried_out(tmp_path: Path) -> None:
    assert len(COMMANDS) >= 7
    async with shown(tmp_path) as house:
        answers = [await run(line, house.broker.port) for line in COMMANDS]
        assert answers[-1].strip() == '{"ok": true}'
        assert not [told for told in house.other.on(EVENT) if told["event_type"] == "rejected"]
        assert house.cast.stage.now.volume == 0.6
        assert house.cast.stage.now.emotion == (0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.3)


def sent(action: Component, components: Iterable[Component]) -> tuple[str, str]:
    """Return the topic and the payload that an action of Home Assistant's comes to."""
    given = action.get("data", {})
    if action["action"] == "mqtt.publish":
        return given["topic"].replace("NODE", "hall"), given["payload"]
    entity = action["target"]["entity_id"].replace("NODE", "hall")
    (one,) = [c for c in components if c["default_entity_id"] == entity]
    match action["action"]:
        case "select.select_option":
            payload = given["option"]
        case "number.set_value":
            payload = str(given["value"])
        case "switch.turn_on":
            payload = one["payload_on"]
        case "button.press":
            payload = one["payload_press"]
        case "notify.send_message":
            payload = rendered(one["command_template"], value=given["message"])
        case other:
            raise AssertionError(other)
    return one["command_topic"], payload


async def test_every_automation_is_carried_out(tmp_path: Path) -> None:
    automations = [yaml.safe_load(b) for b in re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)]
    assert len(automations) >= 3
    async with (
        broker(tmp_path) as there,
        guest(there.port) as other,
        announcing_nowhere(options(there.port)) as house,
    ):
        await other.until(f"{BASE}/status")
        (device,) = other.on("homeassistant/device/indextts_hall/config")
        for automation in automations:
            assert automation["alias"] and automation["triggers"]
            house.announcer.hush(quiet=False)
            for number, action in enumerate(automation["actions"]):
                topic, payload = sent(action, device["components"].values())
                reply = f"{BASE}/reply/{automation['alias']} {number}"
                await other.say(topic, payload, reply_to=reply)
                answer = await other.until(reply)
                assert answer["ok"], answer
        assert house.cast.stage.now.volume == 0.6
        assert house.cast.stage.now.emotion == "calm"
        await other.until(EVENT, lambda told: told["event_type"] == "finished" and "target" in told)


async def test_the_flow_of_node_red_says_what_the_server_takes(tmp_path: Path) -> None:
    """As Node-RED 4.1 was seen to publish it: what it injects goes along the wires."""
    flow = {node["id"]: node for node in json.loads(FLOW.read_text("utf-8"))}
    injects = [node for node in flow.values() if node["type"] == "inject"]
    assert len(injects) >= 4
    async with (
        broker(tmp_path) as there,
        guest(there.port) as other,
        announcing_nowhere(options(there.port)),
    ):
        await other.until(f"{BASE}/status")
        for inject in injects:
            ((wired,),) = inject["wires"]
            out = flow[wired]
            assert out["type"] == "mqtt out" and out["retain"] == "false"
            payload = inject["payload"]
            if inject["payloadType"] == "json":  # an object, which it publishes as JSON again
                payload = json.dumps(json.loads(payload), ensure_ascii=False)
            reply = f"{BASE}/reply/{inject['id']}"
            await other.say(out["topic"].replace("NODE", "hall"), payload, reply_to=reply)
            answer = await other.until(reply)
            assert answer["ok"], answer
    (listening,) = [node for node in flow.values() if node["type"] == "mqtt in"]
    assert listening["topic"].replace("NODE", "hall") == EVENT
    chosen = {rule["v"] for rule in flow[listening["wires"][0][0]]["rules"]}
    assert chosen < {"ready", *EVENT_TYPES}


async def test_the_access_list_is_enough(tmp_path: Path) -> None:
    (acl,) = re.findall(r"```\n(user tts\n.*?)```", DOCS, re.DOTALL)
    lines = [line for line in acl.splitlines() if line.startswith("topic")]
    (tmp_path / "acl").write_text("\n".join(lines) + "\n", "utf-8")
    async with shown(tmp_path, "acl_file {folder}/acl") as house:
        assert (await house.command("emotion", "happy"))["emotion"] == "happy"
        assert house.other.on(house.topics.config)
