"""The systemd unit is one, shuts the server in, and sets what can be set."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.documents import ROOT, blocks
from wyoming_indextts.settings import load

UNIT = ROOT / "contrib" / "wyoming-indextts.service"

EXPOSURE = "15"
"""Tenths, of 100 at most, to which systemd may find the server exposed."""


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """Return the unit with a program that this machine has."""
    text = UNIT.read_text("utf-8")
    program = Path(sys.executable).with_name("wyoming-indextts")
    here = tmp_path / UNIT.name
    here.write_text(
        text.replace("/opt/wyoming-indextts/bin/wyoming-indextts", str(program)), "utf-8"
    )
    return here


def analyse(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    assert program, "systemd-analyze is missing; run: sudo apt-get install systemd"
    return subprocess.run(  # noqa: S603 - our own arguments
        [program, "--no-pager", *arguments], capture_output=True, text=True, check=False
    )


def test_systemd_takes_it(unit: Path) -> None:
    ran = analyse("verify", unit)
    complaints = [line for line in ran.stderr.splitlines() if UNIT.name in line]
    assert (ran.returncode, complaints) == (0, [])


def test_a_key_that_systemd_does_not_know_would_be_seen(unit: Path) -> None:
    unit.write_text(unit.read_text("utf-8").replace("ProtectHome=", "ProtectHose="), "utf-8")
    assert "ProtectHose" in analyse("verify", unit).stderr


def test_the_server_is_shut_in(unit: Path) -> None:
    ran = analyse("security", "--offline=true", f"--threshold={EXPOSURE}", unit)
    assert ran.returncode == 0, ran.stdout


def test_what_is_typed_to_install_it_is_there() -> None:
    (lines,) = (
        block.text.splitlines()
        for block in blocks("sh")
        if block.document == ROOT / "docs" / "systemd.md"
    )
    (unit,) = (line.split()[-2] for line in lines if "/etc/systemd/system/" in line)
    assert ROOT / unit == UNIT
    assert f"sudo systemctl enable --now {UNIT.stem}" in lines
    (install,) = (shlex.split(line) for line in lines if " install -c " in line)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(Requirement(f"here{install[-1][1:]}").extras) <= set(
        project["optional-dependencies"]
    )
    assert (ROOT / install[-2]).is_file()
    started = UNIT.read_text("utf-8").split("ExecStart=")[1].split()[0]
    assert Path(started).parent == Path(install[1]).parent


def test_what_it_sets_can_be_set(tmp_path: Path) -> None:
    text = UNIT.read_text("utf-8")
    env = dict(re.findall(r"^Environment=(WYOMING_INDEXTTS_\w+)=(.+)$", text, re.MULTILINE))
    (tmp_path / "wyoming-indextts.toml").touch()
    env["WYOMING_INDEXTTS_CONFIG"] = str(tmp_path / "wyoming-indextts.toml")
    settings = load({}, env)
    assert str(settings.data_dir) == "%S/wyoming-indextts"
