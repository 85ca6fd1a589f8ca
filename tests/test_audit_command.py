"""`wyoming-indextts audit`, and what other commands leave for it."""

import getpass
import json
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
import soundfile

from tests.golden.speech_like import speech_like
from wyoming_indextts.cli import main
from wyoming_indextts.speech.deeds import Asker, Deed
from wyoming_indextts.store.audit import AuditFiles, entry_of


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data folder with five entries on record."""
    entries = [
        entry_of(Deed("speak", Asker(f"10.0.0.{number}"), "lan", more={"characters": 3}), text=True)
        for number in range(4)
    ]
    odd = Deed("refused", Asker("10.0.1.9"), "POST /stop\x1b[2J", "forbidden")
    AuditFiles(tmp_path).append([*entries, entry_of(odd, text=True)])
    return tmp_path


def audit(data: Path, *arguments: str) -> int:
    return main(["audit", *arguments, "--data-dir", str(data)])


def shown(capsys: pytest.CaptureFixture[str], data: Path, *arguments: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert audit(data, "--json", *arguments) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_it_is_read_a_line_an_entry(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(data) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert lines[0].endswith("10.0.0.0  speak  lan  ok  characters=3")
    assert lines[4].endswith("10.0.1.9  refused  POST /stop?[2J  forbidden")


def test_it_is_filtered(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def actors(*arguments: str) -> list[str]:
        return [entry["actor"] for entry in shown(capsys, data, *arguments)]

    assert len(actors("--since", "1h")) == 5
    assert actors("--since", "2999-01-01") == []
    assert actors("--action", "refused") == ["10.0.1.9"]
    assert actors("--actor", "10.0.0.2") == ["10.0.0.2"]
    assert actors("-n", "2") == ["10.0.0.3", "10.0.1.9"]
    assert len(actors("-n", "0")) == 5
    assert len(shown(capsys, data)[0]["prev"]) == 64


@pytest.mark.parametrize(
    "wrong", [("--since", "yesterday"), ("--since", "9999999999d"), ("-n", "-1"), ("-n", "x")]
)
def test_what_is_no_filter_is_one_line_and_status_2(
    data: Path, capsys: pytest.CaptureFixture[str], wrong: tuple[str, str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        audit(data, *wrong)
    assert capsys.readouterr().err.count("\n") == 1


def test_it_is_verified(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(data, "--verify") == 0
    assert capsys.readouterr().out.startswith("5 entries, unbroken; the last one is ")
    file = data / "audit.jsonl"
    file.write_bytes(file.read_bytes().replace(b"10.0.0.1", b"10.0.0.7"))
    assert audit(data, "--verify") == 1
    told = capsys.readouterr().out
    assert told.startswith("audit.jsonl, line 3: ") and "5 entries, 1 faults" in told


def test_where_nothing_is_on_record_nothing_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(tmp_path) == 0
    assert audit(tmp_path, "--verify") == 0
    assert capsys.readouterr().out.startswith("0 entries, unbroken")


def test_a_log_that_cannot_be_read_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "audit.jsonl").symlink_to(tmp_path / "audit.jsonl")
    assert audit(tmp_path) == 0  # a link in a circle is no file
    (tmp_path / "audit.jsonl").unlink()
    (tmp_path / "audit.jsonl").write_bytes(b"\xff\n" * 3)
    assert audit(tmp_path) == 0
    assert capsys.readouterr().out == ""
    assert audit(tmp_path, "--verify") == 1


def test_a_reader_that_leaves_early_is_no_error(data: Path) -> None:
    entries = [entry_of(Deed("stop", Asker("10.0.0.9"), "x" * 200), text=False)] * 2000
    AuditFiles(data).append(entries)
    command = (sys.executable, "-m", "wyoming_indextts", "audit", "-n", "0", "--data-dir", data)
    with subprocess.Popen(command, stdout=PIPE, stderr=PIPE) as reading:  # noqa: S603 - ours
        assert reading.stdout and reading.stderr
        assert reading.stdout.readline()
        reading.stdout.close()
        assert reading.stderr.read() == b""
        assert reading.wait(30) == 0


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    file = tmp_path / "mum.ogg"
    soundfile.write(file, speech_like(4.0, 16_000, seed=4), 16_000)
    return file


def test_voices_that_come_and_go_by_command_are_on_record(
    tmp_path: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def voices(*arguments: str) -> int:
        return main(["voices", *arguments, "--data-dir", str(tmp_path)])

    assert voices("add", "mum", str(clip), "--consent-by", "Anna") == 0
    assert voices("add", "mum", str(clip), "--consent-by", "Anna") == 1
    assert voices("remove", "mum") == 0
    assert voices("remove", "mum") == 1
    told = [
        (entry["actor"], entry["action"], entry["target"], entry["result"])
        for entry in shown(capsys, tmp_path, "--action", "voice")
    ]
    me = f"user:{getpass.getuser()}"
    assert told == [
        (me, "voice.create", "mum", "ok"),
        (me, "voice.create", "mum", "bad-request"),
        (me, "voice.delete", "mum", "ok"),
        (me, "voice.delete", "mum", "voice-not-found"),
    ]


def test_a_command_does_not_fail_for_want_of_a_record(
    tmp_path: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "audit.jsonl").mkdir()
    add = ["voices", "add", "mum", str(clip), "--consent-by", "Anna", "--data-dir", str(tmp_path)]
    assert main(add) == 0
    assert "not on record: the folder of voices cannot be written" in capsys.readouterr().err


def test_nothing_is_recorded_where_nobody_wants_it(
    tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WYOMING_INDEXTTS_AUDIT__ENABLED", "false")
    add = ["voices", "add", "mum", str(clip), "--consent-by", "Anna", "--data-dir", str(tmp_path)]
    assert main(add) == 0
    assert not list(tmp_path.glob("audit*"))
