"""`wyoming-indextts bench --soak N`: mixed requests, and that nothing is kept of them."""

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from mmap import MAP_ANONYMOUS, MAP_PRIVATE, mmap
from pathlib import Path

import pytest

from wyoming_indextts.bench.holding import Held, held, most_resident
from wyoming_indextts.bench.soak import ROWS, told_of
from wyoming_indextts.bench.soaking import LEAVING, Look, Soak, mixed
from wyoming_indextts.cli import main

SENTENCES = ("This is a test.", "It is.")

MORE = 32 << 20

HELD = Held(100.0, 90.0, 0.0, 0.0, 7, 5, 1, 1000)


def test_requests_are_mixed_and_the_same_for_a_seed() -> None:
    asked = list(mixed(SENTENCES, count=500))
    assert asked == list(mixed(SENTENCES, count=500))
    assert asked != list(mixed(SENTENCES, count=500, seed=1))
    leaving = sum(one.leaves is not None for one in asked)
    assert LEAVING / 2 < leaving / len(asked) < LEAVING * 2
    assert len({(one.request.voice, one.request.emotion, one.request.intensity, one.streamed)
                for one in asked}) > 60  # fmt: skip


def test_pieces_are_cut_anywhere_and_are_all_of_the_text() -> None:
    pieces = [one.pieces for one in mixed(SENTENCES, count=100)]
    assert any(len(cut) > 1 for cut in pieces)
    assert all(piece for cut in pieces for piece in cut)
    assert {"".join(cut) for cut in pieces} >= set(SENTENCES)


def soak(looks: int) -> Soak:
    held = [replace(HELD, resident=100.0 + number / 2) for number in range(looks)]
    return Soak([Look(10 * number, number / 2, one) for number, one in enumerate(held)], left=3)


def test_growth_is_counted_from_the_warm_up_on() -> None:
    done = soak(21)
    assert (done.warm.requests, done.grown("resident"), done.grown("files")) == (10, 9.5, 0)


def test_a_table_shows_few_looks_and_always_the_last() -> None:
    lines = told_of(soak(101)).splitlines()
    rows = [line for line in lines if line.startswith("| ")][2:]
    assert len(rows) <= ROWS + 3
    assert rows[0].startswith("| 0 |")
    assert rows[1].startswith("| 10 |")
    assert rows[-2].startswith("| 1000 |")
    assert rows[-1] == "| grown since the warm-up |  | 49.5 | 0 | 0 | 0 | 0 | 0 |"
    assert "card" not in lines[0]


async def test_what_is_held_is_seen(tmp_path: Path) -> None:
    before = held()
    with (tmp_path / "file").open("w"):
        task = asyncio.create_task(asyncio.Event().wait())
        kept = [[number] for number in range(1000)]
        # never memory that was there before
        with mmap(-1, MORE, flags=MAP_PRIVATE | MAP_ANONYMOUS) as written:
            written.write(bytes(MORE))
            now = held()
    task.cancel()
    del kept
    assert (now.files - before.files, now.tasks - before.tasks) == (1, 1)
    assert now.objects - before.objects >= 1000
    for grown in (now.resident - before.resident, now.anonymous - before.anonymous):
        assert grown > MORE / 2**20 - 2
    assert held().files == before.files


def test_the_most_of_a_process_is_its_own_and_not_of_who_started_it() -> None:
    asking = "from wyoming_indextts.bench.holding import most_resident as m; print(m())"
    with mmap(-1, 4 * MORE, flags=MAP_PRIVATE | MAP_ANONYMOUS) as pages:
        pages.write(b"1" * (4 * MORE))
        told = subprocess.run([sys.executable, "-c", asking], check=True, capture_output=True)  # noqa: S603 - our own arguments
        mine = most_resident()
    assert mine > 4 * MORE / 2**20
    assert 1 < float(told.stdout) < 4 * MORE / 2**20
    assert most_resident() == pytest.approx(mine, abs=1)


def test_a_soak_of_few_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["bench", "--soak", "99"])
    assert ended.value.code == 2
    assert "from 100 to" in capsys.readouterr().err


@pytest.mark.timeout(400)
def test_nothing_is_kept_of_what_was_asked(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the real server, IndexTTS2 in it; for 5,000 see docs/benchmarks.md."""
    file = tmp_path / "soak.json"
    given = ["--small", "--cache-dir", str(cache), "--json", str(file)]
    assert main(["bench", "--soak", "100", *given]) == 0
    assert "110 requests, of them 10 to warm up" in capsys.readouterr().out
    content = json.loads(file.read_text("utf-8"))["soak"]
    looks = [Held(**look["held"]) for look in content["looks"]]
    before, warm, middle, last = looks[0], looks[1], looks[6], looks[-1]
    assert content["left"] > 10
    assert (last.tasks, last.files) == (before.tasks, before.files)
    lately = min(one.objects for one in looks[-2:])  # a connection may still be there in one look
    assert lately - middle.objects < 40  # less than one of each request
    assert last.resident - warm.resident < 8
    assert not file.with_suffix(".svg").exists()
