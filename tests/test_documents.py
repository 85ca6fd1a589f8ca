"""What the documents show is so: links lead somewhere, settings are settings, commands run.

The commands of docs/http.md, mqtt.md and announcements.md run in tests/edges/test_http_docs.py,
test_mqtt_docs.py and tests/test_announcing.py.
"""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import yaml

from tests.documents import DOCUMENTS, ROOT, Block, anchors, blocks, blocks_of, links
from tests.program import program, served
from wyoming_indextts.cli.arguments import parse
from wyoming_indextts.settings import load
from wyoming_indextts.speech.clip import Clip
from wyoming_indextts.store.clip import read_clip, wav_of

CHINESE = [ROOT / "README.zh-CN.md", *sorted((ROOT / "docs" / "zh").glob("*.md"))]


def commands(program: str) -> list[list[str]]:
    """Return each command of the documents that begins with `program`, in words."""
    lines = (line for block in blocks("sh") for line in block.text.splitlines())
    words = (shlex.split(line, comments=True) for line in lines if line.startswith(program))
    return [list(command) for command in sorted({tuple(command) for command in words})]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    for link in links(document):
        name, _, heading = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        assert target.exists(), link
        assert not heading or heading in anchors(target), link


@pytest.mark.parametrize("document", CHINESE, ids=lambda file: file.name)
def test_what_can_be_typed_is_the_same_in_chinese(document: Path) -> None:
    """So that what was run of the one was run of the other; only comments are translated."""
    english = ROOT / ("README.md" if document.parent == ROOT else f"docs/{document.name}")
    typed = ("sh", "toml", "json", "python", "yaml")
    pairs = [
        [(one.language, words(one)) for one in blocks_of(text) if one.language in typed]
        for text in (document, english)
    ]
    assert pairs[0] == pairs[1]


def words(block: Block) -> list[str]:
    """Return a block's lines without comments, and without what is to be said in it."""
    lines = [re.sub(r"\s*(#.*|message: .*)$", "", line) for line in block.text.splitlines()]
    return list(filter(None, lines))


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_settings_that_are_shown_can_be_set(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(block.text, "utf-8")
    supervised = {"SUPERVISOR_TOKEN": "secret"} if block.document.parent.name == "addon" else {}
    load({"config": file}, supervised)


@pytest.mark.parametrize("block", blocks("yaml") + blocks("json"), ids=str)
def test_what_is_shown_in_a_language_is_of_that_language(block: Block) -> None:
    assert json.loads(block.text) if block.language == "json" else yaml.safe_load(block.text)


@pytest.mark.parametrize("command", commands("script/run"), ids=" ".join)
def test_every_command_is_understood(command: list[str]) -> None:
    arguments = command[1:]
    while arguments[:1] == ["--extra"]:
        assert f"{arguments[1]} |" in (ROOT / "script" / "run").read_text("utf-8")
        arguments = arguments[2:]
    assert parse(arguments).command


@pytest.mark.parametrize("command", commands("script/"), ids=" ".join)
def test_every_script_is_there(command: list[str]) -> None:
    assert (ROOT / command[0]).stat().st_mode & 0o100


async def run(folder: Path, *command: str) -> str:
    """Run the program in `folder` with what a document hands to `script/run`."""
    where = ("--data-dir", folder / "data", "--cache-dir", folder / "cache")
    told = [str(folder / word) if (folder / word).exists() else word for word in command]
    async with program(*told, *where) as process:
        said, complaint = await process.communicate()
    assert process.returncode == 0, f"{command}: {complaint.decode()}"
    return said.decode()


async def test_what_is_said_to_a_server_is_spoken(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").symlink_to(kept)
    ((*command,),) = (words[1:] for words in commands("script/run") if "--server" in words)
    async with served(kept, tmp_path / "data") as server:
        told = [word.replace("tcp://127.0.0.1:10200", server.uri) for word in command]
        await run(tmp_path, *told, "-o", str(tmp_path / "aloud.wav"))
    assert read_clip((tmp_path / "aloud.wav").read_bytes()).seconds > 3


async def test_a_voice_comes_is_heard_and_goes(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").symlink_to(kept)
    noise = np.random.default_rng(1).uniform(-0.3, 0.3, 4 * 24_000).astype(np.float32)
    (tmp_path / "recording.ogg").write_bytes(wav_of(Clip(noise, 24_000)))  # what is inside counts
    told = {words[2]: words[1:] for words in commands("script/run") if words[1:2] == ["voices"]}
    told["preview"][-1] = str(tmp_path / told["preview"][-1])
    for command in ("add", "list", "preview", "remove"):
        said = await run(tmp_path, *told[command])
        assert ("mum" in said) == (command != "preview"), said
    assert read_clip((tmp_path / "mum.wav").read_bytes()).seconds > 1
