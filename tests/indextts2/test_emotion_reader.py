"""The reader of emotions: beside the engine, once for each text, and no sentence fails of it."""

import logging
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.indextts2.emotion_folder import write_answering
from wyoming_indextts.indextts2.emotion_reader import TEXTS, EmotionReader, Reading
from wyoming_indextts.indextts2.emotion_text import load_emotion_model
from wyoming_indextts.speech.emotion import Weights

HAPPY = (0.8, 0, 0, 0, 0, 0, 0, 0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_answering(tmp_path_factory.mktemp("qwen"), ["高兴", ":0.8"])


@pytest.fixture
def reader(folder: Path) -> Iterator[EmotionReader]:
    reader = reader_of(folder)
    yield reader
    reader.close()


def reader_of(folder: Path) -> EmotionReader:
    return EmotionReader(partial(load_emotion_model, folder))


def read(reader: EmotionReader, text: str) -> Weights | None:
    reading = reader.read(text)
    reading.wait(60.0)
    return reading.take()


def test_a_text_is_read(reader: EmotionReader) -> None:
    assert read(reader, "Hooray!") == HAPPY


def test_a_text_that_was_read_is_known_at_once(reader: EmotionReader) -> None:
    before = reader.read("Hooray!")
    assert not before.ready
    assert read(reader, "Hooray!") == HAPPY
    after = reader.read("Hooray!")
    assert after.ready
    assert after.take() == HAPPY
    assert not reader.read("Hurrah!").ready


def test_of_many_texts_the_last_are_remembered(reader: EmotionReader) -> None:
    read(reader, "first")
    read(reader, "second")
    for number in range(TEXTS - 2):
        reader.read(f"{number}")
    read(reader, "first")  # and so it is not the oldest any more
    read(reader, "one more")
    assert reader.read("first").ready
    assert not reader.read("second").ready


def test_what_nobody_wants_to_know_is_not_read(tmp_path: Path) -> None:
    reader = reader_of(write_answering(tmp_path, ["高兴", ":0.8"], endless=True))
    dropped, wanted = reader.read("dropped"), reader.read("wanted")
    dropped.cancel()
    wanted.wait(60.0)
    assert wanted.take() is not None
    assert dropped.take() is None
    assert not reader.read("dropped").ready
    reader.close()


def test_a_closed_reader_comes_to_its_end(tmp_path: Path) -> None:
    reader = reader_of(write_answering(tmp_path, ["高兴", ":0.8"], endless=True))
    reading = reader.read("Hooray!")
    reader.close()
    reading.wait(60.0)
    assert reading.take() is None


def test_an_emotion_is_not_waited_for_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    reading = Reading(due=time.monotonic() + 0.05)
    assert not reading.ready
    reading.wait(0.1)
    assert reading.ready
    assert reading.take() is None
    assert reading.dropped.is_set()
    assert "waited" in caplog.text


def nothing(_: Path) -> None:
    pass


def a_model(folder: Path) -> None:
    write_answering(folder, ["高兴", ":0.8"])


def without_tokenizer(folder: Path) -> None:
    a_model(folder)
    (folder / "tokenizer.json").unlink()


def with_half_the_weights(folder: Path) -> None:
    a_model(folder)
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:5000])


def with_a_broken_template(folder: Path) -> None:
    a_model(folder)
    (folder / "chat_template.jinja").write_text("{% for %}", "utf-8")


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (nothing, "wyoming-indextts download qwen"),
        (without_tokenizer, "wyoming-indextts download qwen"),
        (with_half_the_weights, "wyoming-indextts download qwen"),
        (with_a_broken_template, "TemplateSyntaxError"),
    ],
)
def test_what_is_wrong_is_said_once(
    write: Callable[[Path], None],
    said: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    write(tmp_path)
    reader = reader_of(tmp_path)
    assert read(reader, "Hooray!") is None
    assert read(reader, "Oh no!") is None
    (record,) = (record for record in caplog.records if record.levelno >= logging.WARNING)
    assert record.levelno == logging.WARNING
    assert said in record.getMessage()
    reader.close()


def test_a_model_that_comes_later_is_used(tmp_path: Path) -> None:
    reader = reader_of(tmp_path)
    assert read(reader, "Hooray!") is None
    a_model(tmp_path)
    assert read(reader, "Hooray!") == HAPPY
    reader.close()
