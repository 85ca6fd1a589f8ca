"""`download` as a person runs it, and what the doctor says of what it brought."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.indextts2.emotion_folder import write_answering
from tests.store.hub import StandIn, standing_in
from wyoming_indextts.cli import main
from wyoming_indextts.doctor import downloads
from wyoming_indextts.store.licence import is_accepted
from wyoming_indextts.store.lock import LOCK


@pytest.fixture
def hub() -> Iterator[StandIn]:
    with standing_in() as hub:
        yield hub


def download(folder: Path, *arguments: str) -> int:
    """Run the command as its own process would; return its exit status."""
    return main(["download", "indextts2", "--cache-dir", str(folder), *arguments])


def test_a_model_is_downloaded_and_then_checked_offline(
    hub: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert download(tmp_path, "--accept-licence", "--mirror", hub.url) == 0
    told = capsys.readouterr()
    assert told.out == f"indextts2: 13 files, 0.00 GB, in {tmp_path}\n"
    assert "bilibili Model Use License Agreement" in told.err
    hub.asked.clear()
    assert download(tmp_path, "--offline") == 0
    assert not hub.asked
    assert capsys.readouterr().out == f"indextts2: 13 files, 0.00 GB, in {tmp_path}\n"


def test_licences_are_shown_once(
    hub: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert download(tmp_path, "--accept-licence", "--mirror", hub.url) == 0
    capsys.readouterr()
    assert download(tmp_path, "--mirror", hub.url) == 0
    assert "licence" not in capsys.readouterr().err.lower()


def test_without_a_person_licences_are_accepted_by_the_flag_only(
    hub: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert download(tmp_path, "--mirror", hub.url) == 1
    *_, last = capsys.readouterr().err.splitlines()
    assert last.startswith("wyoming-indextts: forbidden: the licences of indextts2 have not been")
    assert not hub.asked


@pytest.mark.parametrize(("answer", "accepted"), [(b"y\n", True), (b"n\n", False), (b"\n", False)])
def test_a_person_is_asked(hub: StandIn, tmp_path: Path, answer: bytes, *, accepted: bool) -> None:
    person, terminal = pty.openpty()
    os.write(person, answer)
    done = subprocess.run(  # noqa: S603 - our own program
        [
            sys.executable, "-m", "wyoming_indextts", "download", "indextts2",
            "--cache-dir", str(tmp_path), "--mirror", hub.url,
        ],
        stdin=terminal, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    os.close(person)
    os.close(terminal)
    assert "Do you accept them? (y/N)" in done.stderr
    assert (done.returncode == 0, is_accepted("indextts2", tmp_path)) == (accepted, accepted)
    assert bool(hub.asked) == accepted


def test_what_is_missing_or_damaged_is_found_offline(
    hub: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert download(tmp_path, "--offline") == 1
    assert "weights-missing: config.yaml and 12 more are not there" in capsys.readouterr().err
    assert download(tmp_path, "--accept-licence", "--mirror", hub.url) == 0
    stat = (tmp_path / "gpt.pth").stat()
    with (tmp_path / "gpt.pth").open("r+b") as file:
        file.write(b"damage")
    os.utime(tmp_path / "gpt.pth", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    capsys.readouterr()
    assert download(tmp_path, "--offline") == 1
    assert "weights-corrupt: gpt.pth is not as downloaded: run" in capsys.readouterr().err


@pytest.mark.parametrize("mirror", ["hub", "ftp://hub", "http://", "http://[", "http://hub:x"])
def test_a_mirror_is_a_web_address(
    tmp_path: Path, mirror: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        download(tmp_path, "--mirror", mirror)
    assert ended.value.code == 2
    assert "--mirror: must be http(s)://HOST" in capsys.readouterr().err


def test_without_the_extra_a_line_names_it(tmp_path: Path) -> None:
    (tmp_path / "huggingface_hub.py").write_text(
        'raise ModuleNotFoundError(name="huggingface_hub")', "utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "wyoming_indextts", "download", "indextts2"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == (
        "wyoming-indextts: huggingface_hub is not installed; "
        'run `pip install "wyoming-indextts[indextts2]"`\n'
    )


def test_the_doctor_tells_how_the_weights_are(hub: StandIn, tmp_path: Path) -> None:
    found = downloads.weights("indextts2", tmp_path)
    assert (found.state, found.text.split(";")[0]) == ("ok", "not downloaded")
    assert download(tmp_path, "--accept-licence", "--mirror", hub.url) == 0
    assert downloads.weights("indextts2", tmp_path).text == f"13 files in {tmp_path}"
    (tmp_path / "bpe.model").write_bytes(b"damage")
    found = downloads.weights("indextts2", tmp_path)
    assert (found.state, found.text) == ("warning", "bpe.model is not as downloaded")
    assert found.mend == "wyoming-indextts download indextts2"
    (tmp_path / "gpt.pth").unlink()
    assert downloads.weights("indextts2", tmp_path).text == "gpt.pth is not there"
    (tmp_path / LOCK).write_text("{", "utf-8")
    assert downloads.weights("indextts2", tmp_path).text == f"{LOCK} cannot be read"


def test_the_doctor_tells_whether_emotions_can_be_read_from_texts(tmp_path: Path) -> None:
    found = downloads.qwen(tmp_path, library="no_such_library")
    assert (found.state, "no_such_library is not installed" in found.text) == ("ok", True)
    found = downloads.qwen(tmp_path)
    assert (found.state, found.text.split(";")[0]) == ("ok", "not downloaded")
    assert "`wyoming-indextts download qwen`" in found.text
    write_answering(tmp_path / "qwen0.6bemo4-merge", ["高兴", ":0.8"])
    found = downloads.qwen(tmp_path)
    assert (found.state, found.text.split(",")[0]) == ("ok", f"6 files in {tmp_path}")
    found = downloads.qwen(tmp_path, library="no_such_library")
    assert (found.state, found.mend) == ("warning", 'pip install "wyoming-indextts[qwen]"')
    (tmp_path / "qwen0.6bemo4-merge" / "chat_template.jinja").unlink()
    found = downloads.qwen(tmp_path)
    assert (found.state, found.mend) == ("warning", "wyoming-indextts download qwen")
    assert found.text == "qwen0.6bemo4-merge/chat_template.jinja is not there"


def test_the_doctor_tells_of_files_that_nobody_checked(hub: StandIn, tmp_path: Path) -> None:
    assert download(tmp_path, "--accept-licence", "--mirror", hub.url) == 0
    (tmp_path / LOCK).unlink()
    found = downloads.weights("indextts2", tmp_path)
    assert (found.state, "13 of them not checked" in found.text) == ("ok", True)
