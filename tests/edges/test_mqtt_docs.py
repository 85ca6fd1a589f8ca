"""The examples of docs/mqtt.md do what it says, with mosquitto's own clients."""

import asyncio
import re
import shlex
from asyncio.subprocess import PIPE
from pathlib import Path

import yaml

from tests.edges.mqtt_house import EVENT, shown

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


async def test_the_automations_payload_is_carried_out(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    async with shown(tmp_path) as house:
        state = await house.command("emotion", yaml.safe_load(block)["data"]["payload"])
        assert state["emotion"] == "calm" and state["emotion_until"]


async def test_the_access_list_is_enough(tmp_path: Path) -> None:
    (acl,) = re.findall(r"```\n(user tts\n.*?)```", DOCS, re.DOTALL)
    lines = [line for line in acl.splitlines() if line.startswith("topic")]
    (tmp_path / "acl").write_text("\n".join(lines) + "\n", "utf-8")
    async with shown(tmp_path, "acl_file {folder}/acl") as house:
        assert (await house.command("emotion", "happy"))["emotion"] == "happy"
        assert house.other.on(house.topics.config)
