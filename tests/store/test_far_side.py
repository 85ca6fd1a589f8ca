"""What the far side offered last: kept whole, and good for nothing where it is not."""

from pathlib import Path

import pytest

from tests.house import PRESETS, voices
from wyoming_indextts.errors import StorageFullError
from wyoming_indextts.speech.wire import House
from wyoming_indextts.store.far_side import LARGEST, keep_house, read_house

URL = "ws://gpu:8080/ws"

HOUSE = House("0.1.0", 22_050, tuple(voices()), tuple(PRESETS), "alice")


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "data" / "remote.json"
    assert read_house(file, URL) is None
    keep_house(file, URL, HOUSE)
    assert read_house(file, URL) == HOUSE


def test_another_far_side_has_other_voices(tmp_path: Path) -> None:
    keep_house(tmp_path / "remote.json", URL, HOUSE)
    assert read_house(tmp_path / "remote.json", "ws://other:8080/ws") is None


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"7", b"\xff", b'{"url": "ws://gpu:8080/ws"}', b"[" * 100_000,
     b'{"url": "ws://gpu:8080/ws", "house": {"voices": []}}', b" " * (LARGEST + 10)],
    ids=range(9),
)  # fmt: skip
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "remote.json").write_bytes(content)
    assert read_house(tmp_path / "remote.json", URL) is None


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFullError, match="folder of voices"):
        keep_house(tmp_path / "file" / "remote.json", URL, HOUSE)
