"""The measured speed is kept beside the weights, and told to whoever owns the machine."""

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.indextts2 import patched
from tests.indextts2.test_engine import started
from tests.store.newcomers import add
from wyoming_indextts.doctor import downloads
from wyoming_indextts.edges.mqtt.edge import LONGEST
from wyoming_indextts.indextts2.engine import IndexTTS2Engine
from wyoming_indextts.indextts2.options import Exercise
from wyoming_indextts.indextts2.reckoning import forecast
from wyoming_indextts.indextts2.speed_file import (
    FILE,
    Forecast,
    Measured,
    Speed,
    Way,
    load_measured,
    save_measured,
)

FAST = Measured(
    "a card, float16, torch 2",
    "key",
    Speed(1e-3, 5e-6, 2e-5),
    Way(25, 6.0),
    Forecast(whole=0.1, streamed=0.15, first=0.08, listeners=5),
)

SLOW = Measured(
    "CPU (x86_64, 2 threads), float32, torch 2",
    "key",
    Speed(0.1, 5e-3, 4e-3),
    Way(25, 3.0),
    Forecast(whole=1.6, streamed=1.65, first=8.25, listeners=0),
)

MIDDLE = 4.5
"""Seconds of a prompt; the small model would be given 6 by any machine that runs this."""


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    assert load_measured(tmp_path) is None
    save_measured(tmp_path, FAST)
    assert load_measured(tmp_path) == FAST
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    save_measured(tmp_path / "not there", FAST)
    assert load_measured(tmp_path / "not there") is None


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "{}", "null", '{"format": 2}', "\xff",
        '{"format": 1, "machine": "m", "model": "k", "speed": {}, "way": {}, "forecast": {}}',
    ],
)  # fmt: skip
def test_what_is_none_of_ours_is_not_read(content: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(content, "latin-1")
    assert load_measured(tmp_path) is None


@pytest.mark.parametrize("wrong", [-1.0, float("nan"), "fast", None, True, [1.0]])
def test_a_number_that_is_none_spoils_all(wrong: object, tmp_path: Path) -> None:
    save_measured(tmp_path, FAST)
    content = json.loads((tmp_path / FILE).read_text("utf-8"))
    content["speed"]["code"] = wrong
    (tmp_path / FILE).write_text(json.dumps(content), "utf-8")
    assert load_measured(tmp_path) is None


def test_who_keeps_up_is_told_numbers_only(tmp_path: Path) -> None:
    save_measured(tmp_path, FAST)
    found = downloads.pace(tmp_path)
    assert found is not None
    assert (found.state, found.mend) == ("ok", "")
    for told in ("1e+03 codes a second", "25 steps", "0.1 s of work", "after 0.08 s", "once: 5"):
        assert told in found.text


def test_who_does_not_keep_up_is_told_what_helps(tmp_path: Path) -> None:
    save_measured(tmp_path, SLOW)
    found = downloads.pace(tmp_path)
    assert found is not None
    assert found.state == "warning"
    assert "speaks 0.61 s a second" in found.text
    assert "8.2 s for one of 5 s" in found.text
    assert 'quality = "fast"' in found.mend


def test_what_it_cannot_do_is_told_in_both_languages_and_fits_into_a_state() -> None:
    assert FAST.lack is None
    assert SLOW.lack is not None
    assert SLOW.lack.en == f"{SLOW.lacking}; {SLOW.mend}"
    for told in (SLOW.lack.en, SLOW.lack.zh):
        for part in ("0.61", "8.2", 'quality = "fast"', "gateway.md"):
            assert part in told
        assert len(told) <= LONGEST
    fewest = replace(SLOW, way=Way(10, 3.0)).lack
    assert fewest is not None
    assert "fast" not in fewest.en.partition(";")[2].partition("faster")[0]
    assert "quality" not in fewest.zh


def test_nothing_is_said_of_what_was_never_loaded(tmp_path: Path) -> None:
    assert downloads.pace(tmp_path) is None


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, IndexTTS2Engine]:
    folder = patched.well_behaved(tmp_path_factory.mktemp("model"))
    add(folder / "voices")
    return folder, started(folder, folder / "voices", steps=None)


def test_an_engine_that_loads_keeps_what_it_measured(engine: tuple[Path, IndexTTS2Engine]) -> None:
    folder, _ = engine
    measured = load_measured(folder)
    assert measured is not None
    assert measured.machine.startswith("CPU (")
    assert "float32" in measured.machine
    assert 0 < measured.speed.code < 1
    assert measured.speed.frame_step > 0
    assert measured.forecast.whole > 0


def test_one_that_loads_again_goes_on_as_before(
    engine: tuple[Path, IndexTTS2Engine], caplog: pytest.LogCaptureFixture
) -> None:
    """The prompt that was kept holds, whatever would be chosen now: voices are made by it."""
    folder, _ = engine
    caplog.set_level("INFO", logger="wyoming_indextts")
    first = load_measured(folder)
    assert first is not None
    save_measured(folder, replace(first, way=Way(first.way.steps, MIDDLE)))
    started(folder, folder / "voices", steps=None)
    second = load_measured(folder)
    assert second is not None
    assert (second.machine, second.model) == (first.machine, first.model)
    assert second.way.prompt == MIDDLE
    assert any(second.told() in message for message in caplog.messages)


def test_a_server_does_not_try_a_machine_again_that_it_has_measured(
    engine: tuple[Path, IndexTTS2Engine],
) -> None:
    """An engine that comes back after idling speaks sooner by two sentences."""
    folder, _ = engine
    first = load_measured(folder)
    assert first is not None
    fast = first.speed.scaled(0.01)  # and no way but the most exact follows from it
    kept = replace(first, speed=fast, way=Way(25, first.way.prompt))
    began = time.time() - 1
    save_measured(folder, kept)
    again = started(folder, folder / "voices", steps=None, since=began)
    assert load_measured(folder) == kept  # nothing is measured, and nothing written
    assert again.real_time_factor == pytest.approx(forecast(kept.speed, kept.way).whole)
    started(folder, folder / "voices", steps=None, since=time.time() + 60)
    third = load_measured(folder)
    assert third is not None
    assert third.speed != kept.speed


def test_an_engine_says_what_its_machine_cannot_do(
    engine: tuple[Path, IndexTTS2Engine],
) -> None:
    folder, _ = engine
    first = load_measured(folder)
    assert first is not None
    save_measured(folder, replace(first, speed=first.speed.scaled(1000.0)))
    slow = started(folder, folder / "voices", steps=None, since=0.0)
    assert slow.lack is not None
    assert "IndexTTS2" in slow.lack.en
    save_measured(folder, replace(first, speed=first.speed.scaled(0.01)))
    assert started(folder, folder / "voices", steps=None, since=0.0).lack is None


def test_a_benchmark_that_hurries_measures_nothing(
    engine: tuple[Path, IndexTTS2Engine],
) -> None:
    folder, _ = engine
    (folder / FILE).unlink(missing_ok=True)
    hurried = started(folder, folder / "voices", exercise=Exercise(5, eager=True))
    assert hurried.real_time_factor == 0.0
    assert not (folder / FILE).exists()
