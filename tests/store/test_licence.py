"""Licences: shown, accepted once for each folder, and again when they change."""

import json
from pathlib import Path

import pytest

from wyoming_indextts.errors import ForbiddenError
from wyoming_indextts.store.licence import (
    RECORD,
    accept,
    is_accepted,
    licences_of,
    require_acceptance,
)
from wyoming_indextts.store.weights import MODELS


@pytest.mark.parametrize("model", MODELS)
def test_every_file_has_a_licence(model: str) -> None:
    told = {licence.repository for licence in licences_of(model)}
    assert told == {file.repository for file in MODELS[model]}


def test_a_licence_is_told_with_the_page_to_read_it_on() -> None:
    first, *_ = licences_of("indextts2")
    assert "bilibili Model Use License Agreement" in str(first)
    assert "https://huggingface.co/IndexTeam/IndexTTS-2" in str(first)


def test_acceptance_is_recorded_for_a_model_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ForbiddenError, match="licences of indextts2 have not been accepted"):
        require_acceptance("indextts2", tmp_path)
    accept("indextts2", tmp_path / "new")
    require_acceptance("indextts2", tmp_path / "new")
    assert not is_accepted("qwen", tmp_path / "new")
    assert not is_accepted("indextts2", tmp_path)
    accept("qwen", tmp_path / "new")
    assert is_accepted("indextts2", tmp_path / "new")


def test_other_licences_are_to_be_accepted_anew(tmp_path: Path) -> None:
    accept("indextts2", tmp_path)
    record = json.loads((tmp_path / RECORD).read_text("utf-8"))
    record["indextts2"]["licences"].pop()
    (tmp_path / RECORD).write_text(json.dumps(record), "utf-8")
    assert not is_accepted("indextts2", tmp_path)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"indextts2": true}', b"\xff"])
def test_a_record_that_cannot_be_read_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / RECORD).write_bytes(content)
    assert not is_accepted("indextts2", tmp_path)
    accept("indextts2", tmp_path)
    assert is_accepted("indextts2", tmp_path)
