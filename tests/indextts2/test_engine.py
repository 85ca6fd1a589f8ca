"""IndexTTS2 as an engine, with a small model of random weights: jobs, turns, failures."""

import logging
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from tests.indextts2 import patched
from tests.store.newcomers import add
from wyoming_indextts.engines import Enrolments
from wyoming_indextts.errors import SpeechError, UnsupportedError
from wyoming_indextts.indextts2 import trial
from wyoming_indextts.indextts2.engine import IndexTTS2Engine
from wyoming_indextts.indextts2.options import RATE, IndexTTS2Options
from wyoming_indextts.indextts2.prefix_file import NAMES
from wyoming_indextts.indextts2.speed_file import Speed
from wyoming_indextts.indextts2.starting import start
from wyoming_indextts.speech.emotion import emotion
from wyoming_indextts.speech.engine import Audio, Failed, Finished, Job, Style
from wyoming_indextts.speech.script import Phrase
from wyoming_indextts.speech.tempo import Tempo
from wyoming_indextts.store.voices import remove_voice

HELLO = "Hello, the light is on."
ANGRY = emotion((0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0))


@dataclass
class Heard:
    """What came of one job."""

    samples: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int16))
    runs: int = 0
    finished: bool = False
    error: SpeechError | None = None

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return patched.well_behaved(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    voices = tmp_path_factory.mktemp("voices")
    add(voices, "mum")
    return voices


@pytest.fixture(scope="module")
def engine(folder: Path, voices: Path) -> IndexTTS2Engine:
    return started(folder, voices)


def started(folder: Path, voices: Path, **options: object) -> IndexTTS2Engine:
    """Start one that speaks the same on every machine."""
    options = {"steps": 4, "precision": "float32", **options}
    return start(IndexTTS2Options(folder, voices, **options), Enrolments(voices))  # type: ignore[arg-type] # of tests


def job(number: int, text: str = HELLO, style: Style | None = None, deadline: float = 0.0) -> Job:
    return Job(number, (Phrase(text),), style or Style("mum"), deadline)


def speak(engine: IndexTTS2Engine, *jobs: Job, steps: int = 20_000) -> dict[int, Heard]:
    """Step until every job has ended; an engine that never ends fails the test."""
    heard = {job.id: Heard() for job in jobs}
    for one in jobs:
        engine.begin(one)
    for _ in range(steps):
        for produced in engine.step():
            mine = heard[produced.job_id]
            match produced:
                case Audio(_, pcm):
                    assert pcm.rate == RATE
                    mine.runs += 1
                    mine.samples = np.concatenate([mine.samples, np.frombuffer(pcm.data, "<i2")])
                case Finished():
                    mine.finished = True
                case Failed(_, error):
                    mine.error = error
        if all(one.finished or one.error for one in heard.values()):
            return heard
    raise AssertionError(f"not finished after {steps} steps")


def sound(engine: IndexTTS2Engine, one: Job) -> np.ndarray:
    heard = speak(engine, one)[one.id]
    assert heard.finished, heard.error
    return heard.samples


def test_a_sentence_becomes_sound(engine: IndexTTS2Engine) -> None:
    heard = speak(engine, job(1))[1]
    assert heard.finished
    assert 0.2 < heard.seconds < 6.0
    assert np.abs(heard.samples).max() > 300


def test_its_work_is_counted(engine: IndexTTS2Engine) -> None:
    before = engine.toll.counts
    heard = speak(engine, job(1))[1]
    done = {what: count - before[what] for what, count in engine.toll.counts.items()}
    assert done["segments"] == 1
    assert done["passes"] > done["codes"] > 10
    assert done["waves"] >= done["given"]
    assert done["given"] * 256 / RATE == pytest.approx(heard.seconds, abs=0.5)


def test_the_same_words_always_sound_the_same(engine: IndexTTS2Engine) -> None:
    np.testing.assert_array_equal(sound(engine, job(1)), sound(engine, job(2)))


def test_another_emotion_sounds_different(engine: IndexTTS2Engine) -> None:
    plain, angry = sound(engine, job(1)), sound(engine, job(2, style=Style("mum", ANGRY)))
    assert len(plain) != len(angry) or not np.array_equal(plain, angry)


def test_speed_makes_it_shorter_and_gain_louder(engine: IndexTTS2Engine) -> None:
    plain = sound(engine, job(1))
    fast = sound(engine, job(2, style=Style("mum", speed=2.0)))
    assert len(fast) == pytest.approx(len(plain) / 2, rel=0.15)
    soft = sound(engine, job(3, style=Style("mum", gain=-12.0)))
    assert np.abs(soft).max() == pytest.approx(np.abs(plain).max() / 4, rel=0.02)


def test_a_given_reading_is_spoken_instead_of_the_text(engine: IndexTTS2Engine) -> None:
    read = Job(2, (Phrase("重", ("chong2",)), Phrase("庆")), Style("mum"), 0.0)
    other = Job(3, (Phrase("重", ("zhong4",)), Phrase("庆")), Style("mum"), 0.0)
    assert not np.array_equal(sound(engine, read), sound(engine, other))


def test_a_text_longer_than_the_models_positions_is_spoken_in_segments(
    engine: IndexTTS2Engine,
) -> None:
    one = speak(engine, job(1))[1]
    many = speak(engine, job(2, HELLO + " The door is open, and the window is not." * 20))[2]
    assert many.finished
    assert many.seconds > 3 * one.seconds


def test_nothing_to_say_is_finished_without_sound(engine: IndexTTS2Engine) -> None:
    assert speak(engine, Job(1, (), Style("mum"), 0.0))[1].seconds == 0.0


def test_two_jobs_take_turns_and_neither_changes_the_other(engine: IndexTTS2Engine) -> None:
    alone = [sound(engine, job(1)), sound(engine, job(2, "The door is open."))]
    both = speak(engine, job(3), job(4, "The door is open."))
    for before, together in zip(alone, (both[3], both[4]), strict=True):
        np.testing.assert_array_equal(before, together.samples)


def test_sentences_that_decode_together_sound_as_they_do_alone(folder: Path, voices: Path) -> None:
    engine = started(folder, voices, slots=3)
    texts = (HELLO, "The door is open.", "Good morning, the window is open.", HELLO)
    alone = [sound(engine, job(number, text)) for number, text in enumerate(texts)]
    crowd = [job(10 + number, text) for number, text in enumerate(texts)]
    together = speak(engine, *crowd)
    for before, one in zip(alone, crowd, strict=True):
        np.testing.assert_array_equal(before, together[one.id].samples)


def test_the_earlier_deadline_is_served_first(engine: IndexTTS2Engine) -> None:
    engine.begin(job(1, deadline=100.0))
    engine.begin(job(2, deadline=10.0))
    ended = [item for _ in range(5000) for item in engine.step() if isinstance(item, Finished)]
    assert [item.job_id for item in ended] == [2, 1]


def test_a_sentence_is_heard_in_chunks_unless_its_listener_has_plenty(
    folder: Path, voices: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        trial, "_tried", lambda *_: (Tempo(), Speed(0.0, 0.0, 0.0))
    )  # a very fast machine
    streaming, whole = started(folder, voices), started(folder, voices, streaming=False)
    later = time.monotonic() + 1000
    assert speak(streaming, job(1))[1].runs > speak(whole, job(1))[1].runs
    np.testing.assert_array_equal(sound(streaming, job(2, deadline=later)), sound(whole, job(2)))


def test_what_was_read_of_a_voice_outlives_the_engine(folder: Path, tmp_path: Path) -> None:
    kept = add(tmp_path, "mum").prompts
    first = started(folder, tmp_path, streaming=False)
    before = sound(first, job(1))
    assert not list(kept.glob(NAMES))  # not on the way to the first sound
    first.step()
    assert len(list(kept.glob(NAMES))) == 1
    np.testing.assert_array_equal(sound(started(folder, tmp_path, streaming=False), job(1)), before)


def test_a_cancelled_job_yields_nothing_more(engine: IndexTTS2Engine) -> None:
    before = sound(engine, job(1))
    engine.begin(job(2))
    for _ in range(10):
        engine.step()
    engine.cancel(2)
    engine.cancel(77)
    assert not any(engine.step() for _ in range(100))
    np.testing.assert_array_equal(sound(engine, job(3)), before)


def test_the_positions_of_training_are_a_setting(folder: Path, voices: Path) -> None:
    trained = started(folder, voices, training_positions=True, streaming=False)
    assert speak(trained, job(1))[1].seconds > 0.2


def test_an_unknown_voice_fails_its_job_alone(engine: IndexTTS2Engine) -> None:
    both = speak(engine, job(1, style=Style("nobody")), job(2))
    assert both[1].error is not None
    assert both[1].error.code == "voice-not-found"
    assert both[2].finished


def test_a_voice_is_enrolled_once_and_known_ever_after(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    add(tmp_path, "mum")
    first = sound(started(folder, tmp_path, streaming=False), job(1))
    assert "enrolling the voice mum, once" in caplog.text
    caplog.clear()
    again = sound(started(folder, tmp_path, streaming=False), job(1))
    np.testing.assert_array_equal(again, first)
    assert "enrolling" not in caplog.text


def test_a_damaged_prompt_is_made_again(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    voice = add(tmp_path, "mum")
    first = sound(started(folder, tmp_path, streaming=False), job(1))
    (prompt,) = voice.prompts.iterdir()
    prompt.write_bytes(prompt.read_bytes()[:-1000])
    caplog.clear()
    again = sound(started(folder, tmp_path, streaming=False), job(1))
    np.testing.assert_array_equal(again, first)
    assert "enrolling the voice mum again" in caplog.text


def test_an_idle_engine_enrols_who_is_new_and_forgets_who_is_removed(
    folder: Path, tmp_path: Path
) -> None:
    engine = started(folder, tmp_path)
    voice = add(tmp_path, "mum")
    assert not engine.step()
    assert list(voice.prompts.iterdir())
    assert speak(engine, job(1))[1].finished
    remove_voice(tmp_path, "mum")
    error = speak(engine, job(2))[2].error
    assert error is not None
    assert error.code == "voice-not-found"


def test_a_segment_that_runs_away_is_tried_twice_and_then_cut(
    voices: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = started(patched.looping(tmp_path), voices)
    caplog.set_level(logging.INFO)
    caplog.clear()
    heard = speak(engine, job(1))[1]
    assert heard.finished
    assert heard.seconds < 0.5
    assert caplog.text.count("ran away") == 2


def test_what_is_no_number_fails_its_sentence_and_the_log_names_the_stage(
    voices: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = started(patched.numberless(tmp_path), voices)
    error = speak(engine, job(1))[1].error
    assert error is not None
    assert error.code == "synthesis-failed"
    assert "the flow gave values that are not numbers" in caplog.text


def test_without_a_card_nobody_gets_one(folder: Path, voices: Path) -> None:
    import torch  # noqa: PLC0415 - only to know

    if torch.cuda.is_available():
        assert started(folder, voices, device="cuda").real_time_factor > 0
    else:
        with pytest.raises(UnsupportedError, match="no CUDA"):
            started(folder, voices, device="cuda")


def test_half_precision_speaks_too(folder: Path, voices: Path) -> None:
    heard = speak(started(folder, voices, precision="bfloat16"), job(1))[1]
    assert heard.finished
    assert 0.2 < heard.seconds < 6.0


def test_it_speaks_with_matrices_of_int8_too(folder: Path, voices: Path) -> None:
    heard = speak(started(folder, voices, precision="bfloat16", int8=True), job(1))[1]
    assert heard.finished
    assert 0.2 < heard.seconds < 6.0


def test_too_little_memory_fails_one_sentence_and_the_next_is_spoken(
    folder: Path, voices: Path
) -> None:
    told = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "tests.indextts2.starving", str(folder), str(voices)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert told.stdout.split() == ["out-of-memory", "spoken"], told.stderr
