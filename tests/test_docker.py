"""Container images hold what the tests ran with, and run with as little as can be."""

import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from tests.documents import blocks
from wyoming_indextts.cli.arguments import parse

REPOSITORY = Path(__file__).parents[1]

IMAGES = {
    "gateway": ("formats", "webrtc"),
    "engine": ("formats", "indextts2", "qwen", "webrtc"),
}
"""Images, and the extras that each has."""

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]


def locked(name: str) -> dict[str, str]:
    """Return the versions in a lock file, by package."""
    text = (REPOSITORY / "docker" / f"{name}.txt").read_text("utf-8")
    return dict(re.findall(r"^([\w.-]+)==([\w.+!]+)", text, re.MULTILINE))


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_holds_all_that_the_program_asks_for(image: str) -> None:
    versions = {**locked("torch"), **locked(image)} if image == "engine" else locked(image)
    extras = PROJECT["optional-dependencies"]
    asked = [*PROJECT["dependencies"], *(one for extra in IMAGES[image] for one in extras[extra])]
    for requirement in map(Requirement, asked):
        version = versions[canonical(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement}: {version} is locked"


@pytest.mark.parametrize("lock", [*IMAGES, "torch"])
def test_an_image_holds_what_was_tested(lock: str) -> None:
    lines = (REPOSITORY / "constraints.txt").read_text("utf-8").splitlines()
    tested = {canonical(name): version for name, version in (
        line.split("==") for line in lines if not line.startswith("#"))}  # fmt: skip
    versions = locked(lock)
    assert len(versions) > 10
    assert {name: tested.get(name, version) for name, version in versions.items()} == versions


def test_the_gateway_has_no_torch() -> None:
    assert not {name for name in locked("gateway") if re.match("torch|nvidia|triton", name)}


@pytest.mark.parametrize("lock", [*IMAGES, "torch", "build"])
def test_every_package_has_hashes(lock: str) -> None:
    text = (REPOSITORY / "docker" / f"{lock}.txt").read_text("utf-8")
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert entry.startswith("#") or "--hash=sha256:" in entry, entry


def test_the_base_is_taken_by_digest() -> None:
    text = (REPOSITORY / "Dockerfile").read_text("utf-8")
    assert re.search(r"^ARG BASE=\S+@sha256:[0-9a-f]{64}$", text, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) <= {
        "${BASE}", "python", "build", "program",
    }  # fmt: skip


def test_compose_confines_both() -> None:
    services = yaml.safe_load((REPOSITORY / "compose.yaml").read_text("utf-8"))["services"]
    assert services.keys() == IMAGES.keys()
    for service in services.values():
        assert service["user"] == "10001:10001"
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in service


COMMANDS = sorted({
    line
    for block in blocks("sh")
    for line in block.text.replace("\\\n", " ").splitlines()
    if "docker compose" in line
})  # fmt: skip
"""What the documents have people type."""


def test_the_commands_name_what_there_is() -> None:
    """Docker itself is not at hand: files, services and our own commands are looked at."""
    known = yaml.safe_load((REPOSITORY / "compose.yaml").read_text("utf-8"))["services"].keys()
    seen = set()
    for line in COMMANDS:
        words = shlex.split(line.partition("docker compose ")[2], comments=True)
        while words[0] == "-f":
            assert (REPOSITORY / words[1]).is_file(), line
            words = words[2:]
        named = [word for word in words if word in known]
        seen.update(named)
        if words[0] in ("exec", "run"):
            told = words[words.index(named[0]) + 1 :]
            told = told[1:] if words[0] == "exec" else told
            assert "--entrypoint" in words or parse(told).command, line
    assert seen == known
    assert len(COMMANDS) > 10


def test_what_was_put_by_is_there_again(tmp_path: Path) -> None:
    """The backup's two lines, with `tar` as it is and folders for volumes."""
    (tmp_path / "data" / "voices" / "mum").mkdir(parents=True)
    (tmp_path / "data" / "voices" / "mum" / "clip.wav").write_bytes(b"RIFF")
    (tmp_path / "data" / "cache").mkdir()
    (tmp_path / "data" / "cache" / "graph.onnx").write_bytes(b"large")
    (tmp_path / "new").mkdir()
    keep, restore = (line for line in COMMANDS if "--entrypoint tar" in line)
    assert "voices.tar.gz" in keep and "-T" in restore
    for line, volume in ((keep, "data"), (restore, "new")):
        command = "tar" + line.partition("--entrypoint tar engine")[2].replace("/data", volume)
        subprocess.run(["sh", "-ec", command], cwd=tmp_path, check=True)  # noqa: S603, S607
    kept = [path for path in (tmp_path / "new").rglob("*") if path.is_file()]
    assert kept == [tmp_path / "new" / "voices" / "mum" / "clip.wav"]


def test_nothing_of_a_checkout_gets_into_an_image_but_the_program() -> None:
    lines = (REPOSITORY / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert rules[0] == "*"
    assert [rule for rule in rules[1:] if not rule.startswith("!")] == ["**/__pycache__"]
