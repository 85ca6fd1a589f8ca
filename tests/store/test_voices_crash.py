"""Whatever ends a program that changes the voices, either the old ones are there or the new."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.store.newcomers import add
from tests.store.rival import NAMES
from wyoming_indextts.store.enrolment import clip_of
from wyoming_indextts.store.voices import find_voice, read_voices, remove_voice
from wyoming_indextts.store.whole_folder import changing, tidy

FEWEST_STEPS = 6
"""Lock, temporary folder, its files, rename: fewer would mean that nothing was counted."""


def crashed(change: str, folder: Path) -> list[Path]:
    """Return the folders that crashes left, the last one after a whole change."""
    command = [sys.executable, "-m", "tests.store.crashing", change, str(folder)]
    subprocess.run(command, check=True, timeout=60)  # noqa: S603 - our own program
    folders = sorted(folder.iterdir(), key=lambda place: int(place.name))
    assert len(folders) > FEWEST_STEPS
    return folders


def whole(folder: Path) -> list[str]:
    """Return who is there; make sure that they are whole, and nothing else is seen."""
    shelf = read_voices(folder)
    assert not shelf.faults
    for voice in shelf.voices:
        assert clip_of(voice).seconds > 3
    return [voice.name for voice in shelf.voices]


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [("add", ["dad"], ["dad", "mum"]), ("remove", ["dad", "mum"], ["dad"])],
)
def test_a_crash_at_any_step_leaves_the_old_or_the_new(
    change: str, old: list[str], new: list[str], tmp_path: Path
) -> None:
    *broken_off, done = crashed(change, tmp_path)
    assert whole(done) == new
    found = [whole(folder) for folder in broken_off]
    assert found[0] == old
    assert all(there in (old, new) for there in found)
    assert [there == new for there in found] == sorted(there == new for there in found)


@pytest.mark.parametrize("change", ["add", "remove"])
def test_what_a_crash_left_is_deleted_by_whoever_comes_next(change: str, tmp_path: Path) -> None:
    folders = crashed(change, tmp_path)
    hidden = {place.name[:5] for folder in folders for place in folder.glob(".*")}
    assert hidden == {".chan", {"add": ".new-", "remove": ".gone"}[change]}
    for folder in folders:
        before = whole(folder)
        tidy(folder)
        assert whole(folder) == before
        assert sorted(place.name for place in folder.iterdir()) == [".changing", *before]
        if "mum" not in before:
            add(folder)
        remove_voice(folder, "mum")
        assert whole(folder) == ["dad"]
        assert find_voice(folder, "dad").prompts.is_dir()


def test_tidying_waits_for_nobody(tmp_path: Path) -> None:
    (tmp_path / ".new-1").mkdir()
    with changing(tmp_path):
        (tmp_path / ".new-2").mkdir()
        tidy(tmp_path)
        assert (tmp_path / ".new-2").is_dir()
    assert not (tmp_path / ".new-1").exists()


def test_of_two_programs_that_enrol_the_same_voice_one_does(tmp_path: Path) -> None:
    rivals = [
        subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "tests.store.rival", str(tmp_path), who],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for who in ("Anna", "Bob")
    ]  # fmt: skip
    for rival in rivals:
        assert rival.stdout
        assert rival.stdout.readline() == "ready\n"
    for rival in rivals:
        assert rival.stdin
        rival.stdin.write("\n")
        rival.stdin.flush()
    anna, bob = (rival.communicate(timeout=60)[0].split() for rival in rivals)
    assert [rival.returncode for rival in rivals] == [0, 0]
    assert sorted(anna + bob) == sorted(NAMES)
    assert whole(tmp_path) == sorted(NAMES)
    owners = {voice.name: voice.record.display_name for voice in read_voices(tmp_path).voices}
    assert owners == dict.fromkeys(anna, "Anna") | dict.fromkeys(bob, "Bob")
    assert sorted(place.name for place in tmp_path.iterdir()) == [".changing", *sorted(NAMES)]
