"""What is read before the text: read once, kept in memory and on the disk, exactly as it was."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.indextts2 import patched
from wyoming_indextts.indextts2.loading import Model, load_model
from wyoming_indextts.indextts2.precision import Dtypes
from wyoming_indextts.indextts2.prefix_file import FILES
from wyoming_indextts.indextts2.prefixes import KEPT, Prefixes
from wyoming_indextts.indextts2.prompts import KnownVoice
from wyoming_indextts.indextts2.trial import nobody
from wyoming_indextts.indextts2.voice_lm import Cache
from wyoming_indextts.speech.emotion import Weights


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = patched.well_behaved(tmp_path_factory.mktemp("model"))
    return load_model(folder, device=torch.device("cpu"), dtypes=Dtypes.of(torch.float32))


@pytest.fixture(autouse=True)
def inference() -> Iterator[None]:
    with torch.inference_mode():
        yield


@pytest.fixture
def someone(model: Model, tmp_path: Path) -> KnownVoice:
    return KnownVoice("a", tmp_path, nobody(model, codes=50), model.examples)


def remembering(model: Model, key: str = "m") -> Prefixes:
    """Return what a process that has just started remembers."""
    return Prefixes(model.speaking, model=key)


def calm(much: float) -> Weights:
    return (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, much)


def find(prefixes: Prefixes, voice: KnownVoice, much: float = 0.0) -> Cache:
    return prefixes.find(voice, calm(much), voice.emotion(calm(much)))


def saved(prefixes: Prefixes) -> int:
    count = 0
    while prefixes.save():
        count += 1
    return count


def test_it_is_made_once_for_a_voice_and_an_emotion(model: Model, someone: KnownVoice) -> None:
    prefixes = remembering(model)
    first = find(prefixes, someone)
    assert find(prefixes, someone) is first
    assert prefixes.made == 1
    assert not torch.equal(find(prefixes, someone, 0.4).held, first.held)
    other = replace(someone, audio="b", prompt=nobody(model, codes=60))
    assert find(prefixes, other) is not first


def test_those_that_spoke_last_stay_in_memory(model: Model, someone: KnownVoice) -> None:
    prefixes = remembering(model)
    first = find(prefixes, someone)
    for much in range(1, KEPT + 1):
        find(prefixes, someone, much / 100)
    assert find(prefixes, someone) is not first


def test_another_process_finds_exactly_what_was_made(model: Model, someone: KnownVoice) -> None:
    before = remembering(model)
    made = find(before, someone)
    assert saved(before) == 1
    after = remembering(model)
    found = find(after, someone)
    assert after.made == 0
    assert torch.equal(found.held, made.held)
    assert saved(after) == 0


def test_another_model_or_emotion_finds_nothing(model: Model, someone: KnownVoice) -> None:
    before = remembering(model)
    find(before, someone)
    saved(before)
    other = remembering(model, key="n")
    find(other, someone)
    find(other, someone, 0.4)
    assert other.made == 2


def test_a_damaged_file_is_made_again(model: Model, someone: KnownVoice) -> None:
    before = remembering(model)
    made = find(before, someone)
    saved(before)
    (file,) = someone.kept.iterdir()
    whole = file.read_bytes()
    for damaged in (whole[:-4], b"", b"\x00" * len(whole), whole.replace(b'"F32"', b'"I32"')):
        file.write_bytes(damaged)
        after = remembering(model)
        assert torch.equal(find(after, someone).held, made.held)
        assert after.made == 1


def test_the_disk_keeps_those_that_spoke_last(model: Model, someone: KnownVoice) -> None:
    prefixes = remembering(model)
    for much in range(FILES):
        find(prefixes, someone, much / 100)
        saved(prefixes)
    oldest_first = sorted(someone.kept.iterdir(), key=lambda file: file.stat().st_mtime_ns)
    for age, file in enumerate(oldest_first):
        os.utime(file, (age, age))
    find(remembering(model), someone)  # the oldest speaks once more
    find(prefixes, someone, 0.5)
    saved(prefixes)
    assert len(list(someone.kept.iterdir())) == FILES
    again = remembering(model)
    find(again, someone)
    assert again.made == 0
    find(again, someone, 0.01)
    assert again.made == 1


def test_a_voice_that_is_gone_is_not_brought_back(model: Model, someone: KnownVoice) -> None:
    prefixes = remembering(model)
    find(prefixes, someone)
    someone.kept.rmdir()
    assert saved(prefixes) == 1
    assert not someone.kept.exists()
