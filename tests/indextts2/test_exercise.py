"""Speech for a benchmark: so many codes for each token, and what they were spent on."""

from pathlib import Path

from tests.indextts2 import patched
from tests.indextts2.test_engine import job, speak, started
from tests.store.newcomers import add
from wyoming_indextts.indextts2 import layout
from wyoming_indextts.indextts2.options import Exercise
from wyoming_indextts.indextts2.text import Text
from wyoming_indextts.indextts2.work import Work, stage_of

TEXT = "Hello world, this is a test."


def test_a_model_that_would_loop_gives_the_codes_it_is_told_to(tmp_path: Path) -> None:
    """It says the same for ever: without an exercise it would be cut, and tried again."""
    folder = patched.looping(tmp_path)
    add(tmp_path / "voices")
    told = Exercise(codes_per_token=6, eager=True)
    engine = started(folder, tmp_path / "voices", exercise=told)
    read = Text.load(folder / layout.TOKENIZER, longest=120)
    tokens = sum(map(len, read.tokenize(TEXT)))
    noted: list[Work] = []
    engine.noted = noted.extend
    heard = speak(engine, job(1, TEXT))[1]
    assert heard.finished
    (work,) = noted
    assert len(work.codes) == work.passes - 1 == 6 * tokens
    assert heard.seconds > 0.9 * 6 * tokens / 50
    assert work.passes_at_first is not None
    assert work.passes_at_first < work.passes
    assert work.spent.keys() >= {"text", "codes", "flow", "wave"}
    assert engine.real_time_factor == 0.0


def test_a_step_counts_for_what_it_changed() -> None:
    before = Work(passes=1)
    assert stage_of(before, Work(passes=2)) == "codes"
    assert stage_of(Work(), Work(passes=1)) == "text"
    assert stage_of(before, Work(passes=1, frame_steps=9)) == "flow"
    assert stage_of(before, Work(passes=1, waves=9)) == "wave"
    assert stage_of(before, before.copy()) == "rest"
