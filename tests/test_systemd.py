"""The systemd unit is one, shuts the server in, and sets what can be set."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from wyoming_indextts.settings import load

UNIT = Path(__file__).parents[1] / "contrib" / "wyoming-indextts.service"

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


def test_what_it_sets_can_be_set(tmp_path: Path) -> None:
    text = UNIT.read_text("utf-8")
    env = dict(re.findall(r"^Environment=(WYOMING_INDEXTTS_\w+)=(.+)$", text, re.MULTILINE))
    (tmp_path / "wyoming-indextts.toml").touch()
    env["WYOMING_INDEXTTS_CONFIG"] = str(tmp_path / "wyoming-indextts.toml")
    settings = load({}, env)
    assert str(settings.data_dir) == "%S/wyoming-indextts"
