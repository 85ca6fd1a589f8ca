"""The root of IndexTTS2's process: weights as they were downloaded, voices as they are enrolled."""

from pathlib import Path

import pytest

from tests.indextts2.official_folder import write_official_folder
from tests.store.newcomers import add
from wyoming_indextts.engines import Enrolments, indextts2
from wyoming_indextts.errors import (
    VoiceNotFoundError,
    WeightsCorruptError,
    WeightsMissingError,
)
from wyoming_indextts.indextts2.options import IndexTTS2Options
from wyoming_indextts.store.digest import sha256_of
from wyoming_indextts.store.lock import Record, write_lock
from wyoming_indextts.store.weights import MODELS


def test_files_that_are_not_as_downloaded_are_refused_before_any_is_loaded(tmp_path: Path) -> None:
    write_official_folder(tmp_path)
    places = [file.place for file in MODELS["indextts2"]]
    records = {
        place: Record.of(tmp_path / place, sha256_of(tmp_path / place), "hub") for place in places
    }
    write_lock(tmp_path, records)
    content = (tmp_path / "s2mel.pth").read_bytes()
    (tmp_path / "s2mel.pth").unlink()  # other folders share it
    (tmp_path / "s2mel.pth").write_bytes(content + b"more")
    with pytest.raises(WeightsCorruptError, match=r"s2mel\.pth is not as downloaded: run "):
        indextts2(IndexTTS2Options(tmp_path, tmp_path / "voices"))


def test_files_that_are_not_there_are_named_with_the_command_that_brings_them(
    tmp_path: Path,
) -> None:
    with pytest.raises(WeightsMissingError, match="wyoming-indextts download indextts2"):
        indextts2(IndexTTS2Options(tmp_path, tmp_path / "voices"))


def test_the_model_is_shown_the_voices_that_are_there_now(tmp_path: Path) -> None:
    enrolments = Enrolments(tmp_path)
    assert enrolments.names() == []
    voice = add(tmp_path, "mum")
    assert enrolments.names() == ["mum"]
    found = enrolments.find("mum")
    assert found.audio == voice.record.consent.audio
    assert found.read().seconds == pytest.approx(3.2)
    with pytest.raises(VoiceNotFoundError):
        enrolments.find("dad")
