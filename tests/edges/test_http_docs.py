"""The commands of docs/http.md, run as they stand there, against a server that speaks in tones."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from tests.edges.http_house import House, decoded, serving
from wyoming_indextts.edges.http.server import HttpServer

DOCS = (Path(__file__).parents[2] / "docs" / "http.md").read_text("utf-8")

COMMANDS = re.findall(r"```sh\n(.*?)\n```", DOCS, re.DOTALL)

(PROGRAM,) = re.findall(r"```python\n(.*?)\n```", DOCS, re.DOTALL)


async def run(house: House, *command: str, folder: Path) -> str:
    told = [part.replace("http://127.0.0.1:8080", house.url) for part in command]
    process = await asyncio.create_subprocess_exec(
        *told, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    return said.decode()


async def test_the_commands_do_what_is_said_there(tmp_path: Path) -> None:
    stream, tts, stage = (
        command.replace("lan", "alice").replace("yun", "bob") for command in COMMANDS
    )
    async with serving() as house:
        await run(house, "sh", "-ec", stream.replace("127.0.0.1:8080", f"127.0.0.1:{house.port}"),
                  folder=tmp_path)  # fmt: skip
        samples, _, _ = decoded(await asyncio.to_thread((tmp_path / "hello.wav").read_bytes))
        assert samples.size and house.engine.said == "The washing is done."
        said = await run(
            house, "sh", "-ec", tts.replace(":8080", f":{house.port}"), folder=tmp_path
        )
        assert await house.sound("GET", f"/tts/{json.loads(said)['session_id']}/audio")
        assert house.engine.jobs[-1].style.voice == "bob"
        said = await run(
            house, "sh", "-ec", stage.replace(":8080", f":{house.port}"), folder=tmp_path
        )
        assert json.loads(said)["emotion"] == "serious"


async def test_the_program_gets_its_speech() -> None:
    program = PROGRAM.replace('"lan"', '"alice"')
    async with serving() as house:
        known: dict[str, object] = {}
        code = compile(program.replace(":8080", f":{house.port}"), "docs/http.md", "exec")
        await asyncio.to_thread(exec, code, known)
        samples, _, _ = decoded(known["speech"].content)  # type: ignore[attr-defined]
        assert samples.size and house.engine.said == "Dinner is ready."
        await asyncio.to_thread(known["client"].close)  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/stream", "/tts", "/ws", "/voices", "/presets", "/stage",
                                  "/stop", "/healthz", "/readyz", "/v1/audio/speech",
                                  "/v1/models", "/v1/audio/voices"])  # fmt: skip
async def test_every_route_of_the_table_is_there(path: str) -> None:
    async with serving() as house:
        assert isinstance(house.server, HttpServer)
        assert path in {route.path for route in house.server.routes()}
        assert f"`GET {path}" in DOCS or f"`POST {path}" in DOCS
