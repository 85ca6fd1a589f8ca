"""The converted network is kept on disk whole, as it was made, or not at all."""

import hashlib
import os
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from wyoming_indextts.errors import StorageFullError, WeightsCorruptError
from wyoming_indextts.kokoro.converted import converted, is_converted
from wyoming_indextts.kokoro.weights import Model, find_model


def silent(_: str) -> None:
    """Take a line of progress."""


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let the system refuse to make any file longer than `size` bytes, as a full disk does."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


@pytest.fixture(scope="module")
def model() -> Model:
    return find_model(None)


@pytest.fixture(scope="module")
def made(kept: Path, model: Model) -> Path:
    """Return the network as the engine of these tests keeps it."""
    return converted(model, kept / "kokoro", silent)


@pytest.fixture
def cache(tmp_path: Path, made: Path) -> Path:
    """Return a cache that holds the network."""
    for file in (made, made.with_suffix(".sha256")):
        shutil.copy(file, tmp_path)
    return tmp_path


def test_a_network_that_is_there_is_not_made_again(model: Model, cache: Path) -> None:
    told: list[str] = []
    assert converted(model, cache, told.append).parent == cache
    assert told == []


def a_bit(network: Path) -> None:
    with network.open("r+b") as stream:
        stream.seek(1_000_000)
        byte = stream.read(1)[0]
        stream.seek(1_000_000)
        stream.write(bytes([byte ^ 1]))


def its_end(network: Path) -> None:
    os.truncate(network, 1_000_000)


def its_record(network: Path) -> None:
    network.with_suffix(".sha256").unlink()


@pytest.mark.parametrize("harm", [a_bit, its_end, its_record])
def test_a_network_that_was_changed_does_not_count(
    model: Model, cache: Path, harm: Callable[[Path], None]
) -> None:
    network = converted(model, cache, silent)
    assert is_converted(model, cache)
    harm(network)
    assert not is_converted(model, cache)


def test_what_does_not_count_is_made_anew(model: Model, cache: Path) -> None:
    network = converted(model, cache, silent)
    whole = hashlib.sha256(network.read_bytes()).digest()
    a_bit(network)
    told: list[str] = []
    again = converted(model, cache, told.append)
    assert hashlib.sha256(again.read_bytes()).digest() == whole
    assert is_converted(model, cache)
    assert len(told) == 1


def test_a_full_disk_is_told_and_nothing_half_written_is_left(model: Model, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    with files_of_at_most(10_000_000), pytest.raises(StorageFullError, match="300 MB") as caught:
        converted(model, cache, silent)
    assert list(cache.iterdir()) == []
    assert str(tmp_path) not in str(caught.value)


def test_a_cache_that_cannot_be_written_is_named_with_its_flag(
    model: Model, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "cache"
    in_the_way.write_text("a file", "utf-8")
    with pytest.raises(StorageFullError, match=r"file exists.*--cache-dir") as caught:
        converted(model, in_the_way, silent)
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"no network", bytes(1000)])
def test_a_users_model_that_is_no_kokoro_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "mine.onnx"
    file.write_bytes(content)
    with pytest.raises(WeightsCorruptError, match="model file"):
        converted(find_model(file), tmp_path / "cache", silent)
    assert not (tmp_path / "cache").exists()
