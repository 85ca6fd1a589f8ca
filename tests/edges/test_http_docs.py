"""The commands of docs/http.md, run as they stand there, against a server that speaks in tones."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from tests.edges.http_house import House, decoded, serving
from tests.edges.test_http_voices import packed
from wyoming_indextts.cli import main
from wyoming_indextts.edges.http.server import HttpServer
from wyoming_indextts.speech.deeds import Asker, Deed
from wyoming_indextts.store.audit import AuditFiles, entry_of

DOCS = (Path(__file__).parents[2] / "docs" / "http.md").read_text("utf-8")

COMMANDS: list[str] = re.findall(r"```sh\n(.*?)\n```", DOCS, re.DOTALL)

(PROGRAM,) = re.findall(r"```python\n(.*?)\n```", DOCS, re.DOTALL)


async def run(house: House, *command: str, folder: Path) -> str:
    told = [part.replace("http://127.0.0.1:8080", house.url) for part in command]
    process = await asyncio.create_subprocess_exec(
        *told, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    return said.decode()


def command(part: str) -> str:
    """Return the one command there that has `part` in it."""
    (found,) = (str(line) for line in COMMANDS if part in line)
    return found


async def test_the_commands_do_what_is_said_there(tmp_path: Path) -> None:
    stream, tts, stage, *_ = (
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


async def test_a_voice_comes_sounds_and_goes_as_is_said_there(tmp_path: Path) -> None:
    add, preview, remove = map(command, ("consent=true", "preview.wav", "DELETE"))
    (tmp_path / "mum.ogg").write_bytes(packed("OGG"))
    voices = tmp_path / "voices"
    async with serving(enrolled=voices) as house:

        async def done(line: str) -> str:
            there = line.replace(":8080", f":{house.port}")
            return await run(house, "sh", "-ec", there, folder=tmp_path)

        told = json.loads(await done(add))
        assert (told["name"], told["description"]) == ("mum", "Mum 妈妈")
        await done(preview)
        assert house.engine.jobs[-1].style.voice == "mum"
        samples, _, _ = decoded(await asyncio.to_thread((tmp_path / "preview.wav").read_bytes))
        assert samples.size
        assert json.loads(await done(remove)) == {"removed": "mum"}


def test_the_record_is_read_and_verified_as_is_said_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    show, verify = map(command, ("audit --since", "audit --verify"))
    (example,) = re.findall(r"```json\n(.*?)\n```", DOCS, re.DOTALL)
    deed = Deed("voice.create", Asker("127.0.0.1"), "mum", text="")
    entry = entry_of(deed, text=False)
    AuditFiles(tmp_path).append([entry])
    (written,) = AuditFiles(tmp_path).newest.read_text("utf-8").splitlines()
    assert json.loads(written).keys() <= json.loads(example).keys()
    for line, said in ((show, "voice.create  mum  ok"), (verify, "1 entries, unbroken")):
        program, *arguments = line.split()
        assert program == "wyoming-indextts"
        assert main([*arguments, "--data-dir", str(tmp_path)]) == 0
        assert said in capsys.readouterr().out


async def test_the_program_gets_its_speech() -> None:
    program = PROGRAM.replace('"lan"', '"alice"')
    async with serving() as house:
        known: dict[str, object] = {}
        code = compile(program.replace(":8080", f":{house.port}"), "docs/http.md", "exec")
        await asyncio.to_thread(exec, code, known)
        samples, _, _ = decoded(known["speech"].content)  # type: ignore[attr-defined]
        assert samples.size and house.engine.said == "Dinner is ready."
        await asyncio.to_thread(known["client"].close)  # type: ignore[attr-defined]


PATHS = [
    "/stream", "/tts", "/ws", "/voices", "/voices/{name}", "/voices/{name}/preview", "/enrolment",
    "/me", "/presets", "/stage", "/stop", "/healthz", "/readyz", "/openapi.json", "/docs",
    "/v1/audio/speech", "/v1/models", "/v1/audio/voices",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_every_route_of_the_table_is_there(path: str) -> None:
    async with serving() as house:
        assert isinstance(house.server, HttpServer)
        assert path in {route.path for route in house.server.routes()}
        methods = ("GET", "POST", "DELETE")
        assert any(f"`{method} {path}" in DOCS for method in methods)
