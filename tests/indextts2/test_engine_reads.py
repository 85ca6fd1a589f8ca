"""The engine reads the emotion of what it speaks, where it is told to, and holds nobody up."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.indextts2 import patched
from tests.indextts2.emotion_folder import write_answering
from tests.indextts2.test_engine import job, sound
from tests.store.newcomers import add
from wyoming_indextts.engines import Enrolments, indextts2
from wyoming_indextts.indextts2.emotion_reader import EmotionReader, Reading
from wyoming_indextts.indextts2.emotion_text import load_emotion_model
from wyoming_indextts.indextts2.engine import IndexTTS2Engine
from wyoming_indextts.indextts2.layout import EMOTION_MODEL
from wyoming_indextts.indextts2.options import IndexTTS2Options
from wyoming_indextts.indextts2.starting import start
from wyoming_indextts.speech.emotion import Emotion, Weights, emotion
from wyoming_indextts.speech.engine import Audio, Finished, Style
from wyoming_indextts.store.lock import Record, write_lock

ANGRY: Weights = (0.0, 0.9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)

AUTO = Style("mum", Emotion(from_text=1.0))


class HeldReader(EmotionReader):
    """Reads nothing by itself; a test says what was read, and when."""

    def __init__(self, patience: float = 60.0) -> None:
        super().__init__(partial(load_emotion_model, Path()))
        self.patience = patience
        self.readings: dict[str, Reading] = {}

    def read(self, text: str) -> Reading:
        reading = Reading(due=time.monotonic() + self.patience)
        self.readings[text] = reading
        return reading


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model that finds everything very annoying."""
    folder = patched.well_behaved(tmp_path_factory.mktemp("model"))
    write_answering(folder / EMOTION_MODEL, ['{"愤怒"', ": 0.9}"])
    return folder


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    voices = tmp_path_factory.mktemp("voices")
    add(voices, "mum")
    return voices


@pytest.fixture(scope="module")
def engine(folder: Path, voices: Path) -> IndexTTS2Engine:
    return started(folder, voices)


@pytest.fixture
def reader() -> Iterator[HeldReader]:
    reader = HeldReader()
    yield reader
    reader.close()


@pytest.fixture
def held(folder: Path, voices: Path, reader: HeldReader) -> IndexTTS2Engine:
    """Return an engine that reads with `reader`."""
    return started(folder, voices, reader)


def started(folder: Path, voices: Path, reader: EmotionReader | None = None) -> IndexTTS2Engine:
    options = IndexTTS2Options(folder, voices, steps=4)
    return start(options, Enrolments(voices), reader)


def steps(engine: IndexTTS2Engine, seconds: float) -> int:
    """Return how many steps there are in so many seconds; they must yield nothing."""
    until = time.monotonic() + seconds
    count = 0
    while time.monotonic() < until:
        assert not engine.step()
        count += 1
    return count


@pytest.mark.parametrize("intensity", [1.0, 0.5])
def test_an_emotion_from_the_text_sounds_like_the_same_one_told(
    engine: IndexTTS2Engine, intensity: float
) -> None:
    told = emotion(ANGRY, intensity=intensity)
    read = Style("mum", Emotion(from_text=intensity))
    heard = sound(engine, job(1, style=read))
    np.testing.assert_array_equal(heard, sound(engine, job(2, style=Style("mum", told))))
    neutral = sound(engine, job(3))
    assert len(heard) != len(neutral) or not np.array_equal(heard, neutral)


def test_without_a_model_the_voice_speaks_in_its_own_emotion(
    voices: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = started(patched.well_behaved(tmp_path), voices)
    np.testing.assert_array_equal(sound(engine, job(1, style=AUTO)), sound(engine, job(2)))
    np.testing.assert_array_equal(sound(engine, job(3, style=AUTO)), sound(engine, job(4)))
    assert caplog.text.count("`wyoming-indextts download qwen`") == 1


def test_a_model_that_is_not_as_it_was_downloaded_is_not_used(
    voices: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = patched.well_behaved(tmp_path)
    name = "tokenizer.json"
    file = write_answering(folder / EMOTION_MODEL, ['{"愤怒"', ": 0.9}"]) / name
    write_lock(folder, {f"{EMOTION_MODEL}/{name}": Record.of(file, "0" * 64, "the hub")})
    file.write_text(file.read_text("utf-8") + "\n", "utf-8")
    engine = indextts2(IndexTTS2Options(folder, voices, steps=4))
    assert isinstance(engine, IndexTTS2Engine)
    np.testing.assert_array_equal(sound(engine, job(1, style=AUTO)), sound(engine, job(2)))
    fault = f"{EMOTION_MODEL}/{name} is not as downloaded: run `wyoming-indextts download qwen`"
    assert fault in caplog.text
    engine.close()


def test_what_cannot_be_read_is_spoken_as_it_was_told(
    held: IndexTTS2Engine, reader: HeldReader
) -> None:
    told = emotion(ANGRY)
    heard = Style("mum", Emotion(told.weights, from_text=1.0))
    held.begin(job(1, "No!", heard))
    reader.readings["No!"].weights.set_result(None)
    until = time.monotonic() + 60.0
    given: list[bytes] = []
    while time.monotonic() < until:
        produced = held.step()
        given += [item.pcm.data for item in produced if isinstance(item, Audio)]
        if any(isinstance(item, Finished) for item in produced):
            break
    wanted = sound(held, job(2, "No!", Style("mum", told)))
    assert b"".join(given) == wanted.astype("<i2").tobytes()


def test_others_speak_while_a_text_is_read(held: IndexTTS2Engine, reader: HeldReader) -> None:
    held.begin(job(1, "Read me.", AUTO, deadline=0.0))
    assert sound(held, job(2, deadline=1000.0)).any()
    reader.readings["Read me."].weights.set_result(ANGRY)
    until = time.monotonic() + 60.0
    while time.monotonic() < until:
        if Finished(1) in held.step():
            return
    raise AssertionError("what was read is not spoken")


def test_waiting_does_not_spin(held: IndexTTS2Engine) -> None:
    held.begin(job(1, style=AUTO))
    assert 2 <= steps(held, 0.3) <= 90
    held.cancel(1)


def test_a_job_that_waits_can_be_cancelled(held: IndexTTS2Engine, reader: HeldReader) -> None:
    held.begin(job(1, "Read me.", AUTO))
    steps(held, 0.05)
    held.cancel(1)
    assert reader.readings["Read me."].dropped.is_set()
    reader.readings["Read me."].weights.set_result(ANGRY)
    steps(held, 0.2)


def test_after_some_time_a_sentence_waits_no_longer(folder: Path, voices: Path) -> None:
    reader = HeldReader(patience=0.2)
    engine = started(folder, voices, reader)
    began = time.monotonic()
    heard = sound(engine, job(1, "Read me.", AUTO))
    assert time.monotonic() - began >= 0.2
    np.testing.assert_array_equal(heard, sound(engine, job(2, "Read me.")))
    engine.close()


def test_only_what_is_to_be_read_is_read(held: IndexTTS2Engine, reader: HeldReader) -> None:
    sound(held, job(1))
    sound(held, job(2, style=Style("mum", emotion(ANGRY))))
    sound(held, job(3, style=Style("mum", Emotion(from_text=0.0))))
    held.begin(job(4, " ", AUTO))
    held.cancel(4)
    assert not reader.readings
