"""`wyoming-indextts bench`: what it counts, what it writes, and that our server takes part."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import torch

from tests.bench.describe_models import described
from wyoming_indextts.bench.command import CODES_PER_TOKEN, Wishes, bench
from wyoming_indextts.bench.contest import Contest, Done, Ready
from wyoming_indextts.bench.contestants import Answer, Moment, contestant, in_hand, stalled
from wyoming_indextts.bench.measuring import Crowd, Results, percentile
from wyoming_indextts.bench.model_files import MODELS, NEVER, weights_folder
from wyoming_indextts.bench.report import REFERENCE, STREAMED, WHOLE, Report
from wyoming_indextts.cli import main
from wyoming_indextts.errors import EngineFailedError, UnsupportedError
from wyoming_indextts.indextts2 import layout
from wyoming_indextts.indextts2.loading import load_model
from wyoming_indextts.indextts2.precision import Dtypes


def arrivals(*times: float, each: float = 0.1) -> list[tuple[Moment, float]]:
    """Return arrivals of runs of sound, each as long."""
    return [(Moment(at, at / 2), each * (number + 1)) for number, at in enumerate(times)]


def test_a_tiny_packet_is_no_first_audio() -> None:
    heard = [(Moment(0.1, 0.0), 0.001), (Moment(0.5, 0.0), 0.2)]
    assert in_hand(heard, 0.02).wall == 0.5


def test_of_a_short_answer_all_is_in_hand_at_its_end() -> None:
    assert in_hand(arrivals(1.0, 2.0), 0.25).wall == 2.0


def test_a_player_stands_still_while_nothing_comes() -> None:
    assert stalled(arrivals(1.0, 1.05, 1.15)) == 0.0
    assert stalled(arrivals(1.0, 1.3)) == pytest.approx(0.2)


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], 50) == 2.0
    assert percentile([1.0, 2.0, 3.0, 4.0], 95) == 4.0
    assert percentile([1.0], 99) == 1.0


def test_the_models_are_those_of_the_goldens() -> None:
    assert json.loads(gzip.decompress(MODELS.read_bytes())) == json.loads(json.dumps(described()))


def test_weights_are_written_once_and_load(cache: Path) -> None:
    folder = weights_folder(cache, "small")
    written = (folder / layout.GPT).stat().st_mtime_ns
    assert weights_folder(cache, "small") == folder
    assert (folder / layout.GPT).stat().st_mtime_ns == written
    model = load_model(folder, device=torch.device("cpu"), dtypes=Dtypes.of(torch.float32))
    voice = model.speaking.voice
    for code in (voice.sizes.start_code, voice.sizes.stop_code):
        assert voice.head.bias[code] == NEVER


def test_zeros_take_no_room_on_the_disk(cache: Path) -> None:
    """Half a gigabyte that only enrols; it holds what it did."""
    file = weights_folder(cache, "small") / layout.W2V_BERT
    facts = file.stat()
    assert facts.st_size > 500e6
    assert facts.st_blocks * 512 < 0.2 * facts.st_size


def done(stages: Mapping[str, float]) -> Done:
    counts = {
        "codes": 50, "places": 2000, "frame_steps": 60, "pinned_steps": 80, "frame_pairs": 4000,
        "waves": 10,
    }  # fmt: skip
    return Done(stages, counts, 200.0)


def answered(first: float, whole: float, **stages: float) -> Answer:
    moment = Moment(whole * 3, whole)
    return Answer(Moment(first * 3, first), moment, moment, 1.0, 0.0, done(stages))


def results() -> Results:
    return Results(
        {
            (STREAMED, 50): [answered(0.2, 2.2)],
            (WHOLE, 50): [answered(2.0, 2.0, flow=1.0, codes=0.5)],
            (REFERENCE, 50): [answered(4.0, 4.0, flow=2.0)],
            (STREAMED, 250): [answered(0.5, 9.0)],
            (WHOLE, 250): [answered(8.0, 8.0, flow=5.0)],
            (REFERENCE, 250): [answered(20.0, 20.0, flow=12.0)],
        },
        [Crowd(4, 2.0, 0.5, 0.75, 1, 0.25)],
        [0.01, 0.02],
    )


def report() -> Report:
    floor = {
        "code": 0.004, "place": 2.5e-5, "frame_step": 0.005, "pinned_step": 0.002,
        "frame_pair": 1e-5, "frame_wave": 0.01,
    }  # fmt: skip
    ready = Ready(1, "ours", floor)
    return Report(
        results(), {STREAMED: ready, WHOLE: ready, REFERENCE: Ready(2, "theirs")}, device="cpu"
    )


def test_ratios_are_the_references_seconds_over_ours() -> None:
    assert report().ratios == {"whole": 2.0, "first_audio": 40.0}


def test_a_stage_is_shown_beside_its_floor() -> None:
    """The flow took 1 s, at least 60 frames at 5 ms, 80 at 2 ms, 4,000 pairs at 10 us: 0.5 s."""
    lines = report().tables().splitlines()
    assert "| flow | 0 | 1 | 2 | 2 |" in lines
    assert "| codes | 0 | 0.5 | 0 | 2 |" in lines
    assert "| 4 | 2 | 0.5 | 0.75 | 1 | 0.25 |" in lines


def test_the_picture_is_a_picture() -> None:
    root = ET.fromstring(report().picture())  # noqa: S314 - our own
    assert len(root.findall("{*}rect")) == 12


def test_json_holds_the_ratios_and_every_answer() -> None:
    content = json.loads(json.dumps(report().as_json({"date": "today"})))
    assert content["ratios"]["whole"] == 2.0
    assert len(content["answers"]) == 6


async def test_a_contestant_that_cannot_load_says_so(tmp_path: Path) -> None:
    told = Contest(str(tmp_path), str(tmp_path))
    command = ("python3", "-c", "raise SystemExit(1)")
    with pytest.raises(EngineFailedError):
        async with contestant(command, told, threads=1):
            pass


def test_without_a_card_it_does_not_measure_one(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    wishes = Wishes(cache, "cuda", "small", against=False, environment=None, rounds=1, codes=[5])
    with pytest.raises(UnsupportedError, match="--device cpu"):
        bench(wishes)


@pytest.mark.parametrize("wrong", [["--codes", "7"], ["--codes", "255"], ["--rounds", "0"]])
def test_wrong_numbers_are_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["bench", *wrong])
    assert ended.value.code == 2
    assert "must be" in capsys.readouterr().err


@pytest.mark.full
@pytest.mark.timeout(400)
def test_our_server_gives_the_codes_it_is_told_to(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Over a real socket, from the command line to the three files."""
    file = tmp_path / "bench.json"
    codes = 6 * CODES_PER_TOKEN
    given = ["bench", "--small", "--no-listeners", "--rounds", "1", "--codes", str(codes)]
    assert main([*given, "--cache-dir", str(cache), "--json", str(file)]) == 0
    printed = capsys.readouterr().out
    assert f"{codes} codes, first audio" in printed
    content = json.loads(file.read_text("utf-8"))
    streamed, whole = content["answers"]
    assert streamed["done"]["counts"]["codes"] == whole["done"]["counts"]["codes"] == codes
    assert 0 < streamed["first"]["cpu"] < streamed["whole"]["cpu"]
    assert whole["done"]["spent"].keys() >= {"text", "codes", "flow", "wave"}
    assert file.with_suffix(".svg").is_file()
