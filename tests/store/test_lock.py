"""The lock file: what is missing, changed, copied or never recorded."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_indextts.errors import WeightsCorruptError, WeightsMissingError
from wyoming_indextts.store.digest import sha256_of
from wyoming_indextts.store.lock import LOCK, Record, examine, read_lock, require, write_lock
from wyoming_indextts.store.weights import MODELS

PLACES: Final = [file.place for file in MODELS["indextts2"]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with small files in the official layout, recorded."""
    records = {}
    for place in PLACES:
        file = tmp_path / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(place, "utf-8")
        records[place] = Record.of(file, sha256_of(file), "nowhere")
    write_lock(tmp_path, records)
    return tmp_path


def write_unnoticed(file: Path, content: bytes) -> None:
    """Change a file's content, not its time."""
    stat = file.stat()
    file.write_bytes(content)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_all_is_as_it_was_recorded(folder: Path) -> None:
    require("indextts2", folder)
    assert examine("indextts2", folder, thorough=True) == examine("indextts2", folder)


def test_everybody_may_read_the_lock_file(folder: Path) -> None:
    assert (folder / LOCK).stat().st_mode & 0o777 == 0o644


def test_missing_files_are_counted_and_the_first_named(folder: Path) -> None:
    (folder / "gpt.pth").unlink()
    with pytest.raises(WeightsMissingError, match=r"^gpt\.pth is not there: run `wyoming-"):
        require("indextts2", folder)
    (folder / "bpe.model").unlink()
    (folder / "bpe.model").mkdir()
    with pytest.raises(WeightsMissingError, match=r"^bpe\.model and 1 more are not there: run"):
        require("indextts2", folder)


@pytest.mark.parametrize("content", [b"gpt.ptH", b"gpt.p"])
def test_a_changed_file_is_named(folder: Path, content: bytes) -> None:
    (folder / "gpt.pth").write_bytes(content)
    os.utime(folder / "gpt.pth", ns=(1, 1))
    with pytest.raises(WeightsCorruptError, match=r"^gpt\.pth is not as downloaded: run"):
        require("indextts2", folder)


def test_a_shorter_file_is_found_though_its_time_is_the_same(folder: Path) -> None:
    write_unnoticed(folder / "gpt.pth", b"gpt.pt")
    assert examine("indextts2", folder).changed == ["gpt.pth"]


def test_only_a_thorough_look_finds_what_left_no_trace(folder: Path) -> None:
    write_unnoticed(folder / "gpt.pth", b"gpt.ptH")
    assert not examine("indextts2", folder).changed
    assert examine("indextts2", folder, thorough=True).changed == ["gpt.pth"]


def test_a_copied_file_is_hashed_once(folder: Path) -> None:
    os.utime(folder / "gpt.pth", ns=(1, 1))
    assert list(examine("indextts2", folder).copied) == ["gpt.pth"]
    require("indextts2", folder)
    assert read_lock(folder)["gpt.pth"].mtime_ns == 1
    assert not examine("indextts2", folder).copied


def test_files_that_were_never_recorded_are_trusted(folder: Path) -> None:
    (folder / LOCK).unlink()
    require("indextts2", folder)
    assert examine("indextts2", folder).unrecorded == PLACES


def test_another_models_files_are_not_asked_for(folder: Path) -> None:
    with pytest.raises(WeightsMissingError, match=r"^qwen0.6bemo4-merge/.* download qwen`"):
        require("qwen", folder)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["sha256", "size", "mtime_ns", "source", "gpt.pth"]), inner
        )
    ),
    max_leaves=8,
)


@given(table=JSON)
def test_any_lock_file_is_records_or_damage(
    tmp_path_factory: pytest.TempPathFactory, table: object
) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / LOCK).write_text(json.dumps(table), "utf-8")
    with suppress(WeightsCorruptError):
        assert all(isinstance(record, Record) for record in read_lock(folder).values())


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[1]"])
def test_a_lock_file_that_cannot_be_read_is_damage(folder: Path, content: bytes) -> None:
    (folder / LOCK).write_bytes(content)
    with pytest.raises(WeightsCorruptError, match="cannot be read: run `wyoming-indextts download"):
        require("indextts2", folder)
