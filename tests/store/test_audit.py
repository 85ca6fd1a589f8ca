"""The audit log: a line for each deed, only ever added to, and a change of it shows."""

import errno
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.store.test_voices import files_of_at_most
from wyoming_indextts.errors import StorageFullError
from wyoming_indextts.speech.deeds import Asker, Deed
from wyoming_indextts.store.audit import FIRST, AuditFiles, entry_of, hash_of
from wyoming_indextts.store.audit_log import WAITING, audit_log
from wyoming_indextts.store.audit_reading import Choice, chosen, verify

ANNA = Asker("token:12ab34cd@192.168.1.9", "0123456789abcdef")


def deed(target: str = "mum", **more: Any) -> Deed:  # noqa: ANN401 - examples
    return Deed("voice.create", ANNA, target, **more)


def written(files: AuditFiles, *targets: str) -> None:
    files.append([entry_of(deed(target), text=False) for target in targets])


def targets(files: AuditFiles, choice: Choice | None = None) -> list[object]:
    return [entry["target"] for entry in chosen(files, choice or Choice())]


def test_a_line_says_who_did_what_and_is_bound_to_the_one_before(tmp_path: Path) -> None:
    files = AuditFiles(tmp_path / "data")
    before = datetime.now(UTC) - timedelta(seconds=1)
    written(files, "mum", "dad")
    first, second = files.newest.read_bytes().splitlines()
    entry = json.loads(first)
    assert before < datetime.fromisoformat(entry.pop("ts")) < before + timedelta(minutes=1)
    assert entry == {
        "actor": "token:12ab34cd@192.168.1.9", "action": "voice.create", "target": "mum",
        "result": "ok", "request": "0123456789abcdef", "prev": FIRST,
    }  # fmt: skip
    assert json.loads(second)["prev"] == hash_of(first)
    assert verify(files).faults == () and verify(files).lines == 2
    assert verify(files).last == hash_of(second)


def test_only_this_user_may_read_it_even_if_it_was_otherwise(tmp_path: Path) -> None:
    files = AuditFiles(tmp_path)
    files.newest.touch(0o644)
    written(files, "mum")
    assert {place.stat().st_mode & 0o777 for place in tmp_path.iterdir()} == {0o600}


def test_words_are_kept_only_where_that_is_wanted() -> None:
    spoken = deed(text="Good night.")
    assert "Good night." not in entry_of(spoken, text=False).values()
    assert entry_of(spoken, text=True)["text"] == "Good night."
    assert len(str(entry_of(deed(text="x" * 50_000), text=True)["text"])) == 20_000


def test_any_text_is_one_line_that_can_be_read_again(tmp_path: Path) -> None:
    files = AuditFiles(tmp_path)
    odd = "a\nb\r\x1b[31m\u2028\ud83d 妈妈"
    written(files, odd, "next")
    assert targets(files) == [odd, "next"]
    assert verify(files).faults == ()


def test_a_full_file_is_followed_by_the_next_and_the_oldest_goes(tmp_path: Path) -> None:
    files = AuditFiles(tmp_path, largest=600, files=3)
    for number in range(40):
        written(files, str(number))
    names = [file.name for file in files.oldest_first()]
    assert names == ["audit.jsonl.2", "audit.jsonl.1", "audit.jsonl"]
    assert all(file.stat().st_size < 900 for file in files.oldest_first())
    kept = targets(files)
    assert 4 < len(kept) < 12 and kept == [str(n) for n in range(40 - len(kept), 40)]
    assert verify(files).faults == ()


def test_fewer_files_than_before_are_kept_when_it_is_said_so(tmp_path: Path) -> None:
    for number in range(30):
        written(AuditFiles(tmp_path, largest=1, files=20), str(number))
    written(AuditFiles(tmp_path, largest=1, files=2), "last")
    assert targets(AuditFiles(tmp_path)) == ["29", "last"]


def changed(lines: list[bytes]) -> list[bytes]:
    return [lines[0].replace(b"mum", b"pop"), *lines[1:]]


@pytest.mark.parametrize(
    ("forge", "place"),
    [
        (changed, 2),
        (lambda lines: [lines[0], *lines[2:]], 2),
        (lambda lines: [lines[0], lines[0], *lines[1:]], 2),
        (lambda lines: [lines[1], lines[0], *lines[2:]], 2),
        (lambda lines: [lines[0], b"{}", *lines[1:]], 2),
        (lambda lines: [lines[0], b"\xff", *lines[1:]], 2),
    ],
)
def test_a_line_that_is_changed_added_or_removed_shows(
    tmp_path: Path, forge: Callable[[list[bytes]], list[bytes]], place: int
) -> None:
    files = AuditFiles(tmp_path)
    written(files, "mum", "dad", "son", "aunt")
    lines = files.newest.read_bytes().splitlines()
    files.newest.write_bytes(b"".join(line + b"\n" for line in forge(lines)))
    assert verify(files).faults[0].startswith(f"audit.jsonl, line {place}: ")


def test_a_change_in_an_older_file_shows(tmp_path: Path) -> None:
    files = AuditFiles(tmp_path, largest=1)
    for name in ("mum", "dad", "son"):
        written(files, name)
    older = tmp_path / "audit.jsonl.1"
    older.write_bytes(older.read_bytes().replace(b"dad", b"pop"))
    (fault,) = verify(files).faults
    assert fault.startswith("audit.jsonl, line 1: ")


def test_a_line_that_the_power_cut_off_costs_no_other(tmp_path: Path) -> None:
    files = AuditFiles(tmp_path)
    written(files, "mum", "dad")
    with files.newest.open("ab") as file:
        file.write(b'{"ts": "2026')
    written(files, "son")
    assert targets(files) == ["mum", "dad", "son"]
    (fault,) = verify(files).faults
    assert fault.startswith("audit.jsonl, line 3: not an entry")


def test_a_full_disk_leaves_whole_lines(tmp_path: Path) -> None:
    files = AuditFiles(tmp_path)
    written(files, "mum")
    whole = files.newest.read_bytes()
    with files_of_at_most(len(whole) + 10):
        with pytest.raises(StorageFullError):
            written(files, "dad")
    assert files.newest.read_bytes() == whole


def test_it_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "else").touch()
    files = AuditFiles(tmp_path)
    files.newest.symlink_to("else")
    with pytest.raises(StorageFullError, match=os.strerror(errno.ELOOP)):
        written(files, "mum")


WRITER = """
import sys
from pathlib import Path
from wyoming_indextts.speech.deeds import Asker, Deed
from wyoming_indextts.store.audit import AuditFiles, entry_of
files = AuditFiles(Path(sys.argv[1]), largest=4000, files=1000)
for number in range(60):
    deed = Deed("stop", Asker(sys.argv[2]), str(number))
    files.append([entry_of(deed, text=False)])
"""


def test_programs_that_write_at_once_do_not_break_it(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, tmp_path, name])  # noqa: S603 - ours
        for name in ("a", "b", "c")
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    files = AuditFiles(tmp_path)
    assert verify(files).faults == () and verify(files).lines == 180
    for name in ("a", "b", "c"):
        assert targets(files, Choice(actor=name)) == [str(number) for number in range(60)]


def test_entries_are_chosen_by_time_action_and_actor(tmp_path: Path) -> None:
    files = AuditFiles(tmp_path)
    early = {**entry_of(deed("early"), text=False), "ts": "2026-01-01T00:00:00+00:00"}
    stop = entry_of(Deed("stop", Asker("10.0.0.1"), "all"), text=False)
    files.append([early, entry_of(deed("late"), text=False), stop])
    since = datetime(2026, 6, 1, tzinfo=UTC)
    assert targets(files, Choice(since=since)) == ["late", "all"]
    assert targets(files, Choice(action="stop")) == ["all"]
    assert targets(files, Choice(action="voice")) == ["early", "late"]
    assert targets(files, Choice(action="voice.create", actor="12ab34cd")) == ["early", "late"]
    assert targets(files, Choice(action="voice.delete")) == []
    assert targets(files, Choice(actor="10.0.0.")) == ["all"]


def test_what_is_recorded_is_on_the_disk_in_a_moment_and_in_order(tmp_path: Path) -> None:
    files = AuditFiles(tmp_path)
    with audit_log(files, text=False) as log:
        log.record(deed("first"))
        end = time.monotonic() + 10
        while not targets(files):
            assert time.monotonic() < end
            time.sleep(0.005)
        for number in range(500):
            log.record(deed(str(number)))
    assert targets(files) == ["first", *map(str, range(500))]
    assert verify(files).faults == ()


def test_a_disk_that_takes_nothing_holds_nobody_up_and_the_loss_is_on_record(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = AuditFiles(tmp_path)
    with audit_log(files, text=False) as log:
        (tmp_path / "audit.jsonl").mkdir()
        log.record(deed("lost"))
        end = time.monotonic() + 10
        while not caplog.messages:
            assert time.monotonic() < end
            time.sleep(0.005)
        (tmp_path / "audit.jsonl").rmdir()
        log.record(deed("kept"))
    loss, kept = chosen(files, Choice())
    assert (loss["action"], loss["entries"], kept["target"]) == ("lost", 1, "kept")
    assert [message.partition(":")[0] for message in caplog.messages] == [
        "the audit log cannot be written",
        "the audit log is written again; 1 entries are lost",
    ]


def test_no_more_waits_than_there_is_room_for(tmp_path: Path) -> None:
    import fcntl  # noqa: PLC0415 - of this test alone

    files = AuditFiles(tmp_path)
    with (tmp_path / "audit.lock").open("w") as lock:
        with audit_log(files, text=False) as log:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for number in range(WAITING + 1000):
                log.record(deed(str(number)))
            fcntl.flock(lock, fcntl.LOCK_UN)
    kept = targets(files)
    assert WAITING <= len(kept) <= WAITING + 300
    told = [entry["entries"] for entry in chosen(files, Choice(action="lost"))]
    assert sum(map(int, map(str, told))) + len(kept) - len(told) == WAITING + 1000


def test_nothing_stays_behind_when_it_is_closed(tmp_path: Path) -> None:
    before = threading.active_count()
    opened = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count
    with audit_log(AuditFiles(tmp_path), text=False) as log:
        log.record(deed())
    assert threading.active_count() == before
    assert len(os.listdir("/proc/self/fd")) == opened  # noqa: PTH208
