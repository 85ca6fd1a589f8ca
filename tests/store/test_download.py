"""Downloads from a hub on loopback that does all that hubs and networks do."""

import json
import os
import resource
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final

import pytest

from tests.store.hub import (
    COMMIT,
    Drop,
    Fault,
    Instead,
    Misplaced,
    Promise,
    Rangeless,
    Silent,
    Slow,
    StandIn,
    Status,
    Tag,
    standing_in,
)
from wyoming_indextts.errors import (
    BusyError,
    ForbiddenError,
    InterruptedSpeechError,
    SpeechError,
    StorageFullError,
    TimedOutError,
    WeightsCorruptError,
    WeightsMissingError,
)
from wyoming_indextts.store.download import download
from wyoming_indextts.store.hub import Hub
from wyoming_indextts.store.insistence import Patience
from wyoming_indextts.store.licence import accept
from wyoming_indextts.store.lock import LOCK, examine, read_lock, require
from wyoming_indextts.store.weights import MODELS

HASTE: Final = Patience(read=0.5, tries=3, wait=0.01, longest_wait=0.05)

GPT: Final = "IndexTeam/IndexTTS-2/gpt.pth"
CONFIG: Final = "IndexTeam/IndexTTS-2/config.yaml"


@pytest.fixture
def hub() -> Iterator[StandIn]:
    with standing_in() as hub:
        yield hub


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    accept("indextts2", tmp_path)
    return tmp_path


def nothing(place: str, here: int, size: int) -> None:
    """Follow nothing."""


def bring(
    hub: StandIn,
    folder: Path,
    *,
    patience: Patience = HASTE,
    stop: Event | None = None,
    progress: Callable[[str, int, int], None] = nothing,
) -> None:
    """Download IndexTTS2 from a stand-in."""
    with Hub(hub.url, stop=stop or Event(), patience=patience) as asked:
        download("indextts2", folder, asked, progress)


def parts(folder: Path) -> list[Path]:
    return list(folder.rglob("*.part"))


def test_all_files_come_into_the_official_layout(hub: StandIn, folder: Path) -> None:
    bring(hub, folder)
    there = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert there == {
        "config.yaml", "bpe.model", "feat1.pt", "feat2.pt", "wav2vec2bert_stats.pt", "gpt.pth",
        "s2mel.pth", "hf_cache/w2v-bert-2.0/config.json", "hf_cache/w2v-bert-2.0/model.safetensors",
        "hf_cache/semantic_codec_model.safetensors", "hf_cache/campplus_cn_common.bin",
        "hf_cache/bigvgan/config.json", "hf_cache/bigvgan/bigvgan_generator.pt",
        "weights.lock.json", "licences.json", ".download.lock",
    }  # fmt: skip
    for file in MODELS["indextts2"]:
        content = hub.contents[f"{file.repository}/{file.name}"]
        assert (folder / file.place).read_bytes() == content
    require("indextts2", folder)


def test_the_lock_file_says_what_came_and_whence(hub: StandIn, folder: Path) -> None:
    bring(hub, folder)
    record = read_lock(folder)["gpt.pth"]
    assert record.size == len(hub.contents[GPT])
    assert record.source == f"{GPT}@{COMMIT}"
    condition = examine("indextts2", folder, thorough=True)
    assert not (condition.missing or condition.changed or condition.unrecorded)


def test_a_mirrors_url_may_end_in_a_slash(hub: StandIn, folder: Path) -> None:
    hub.url += "/"
    bring(hub, folder)


def test_progress_is_told_for_every_file_and_only_grows(hub: StandIn, folder: Path) -> None:
    told: dict[str, list[tuple[int, int]]] = {}
    bring(hub, folder, progress=lambda *seen: told.setdefault(seen[0], []).append(seen[1:]))
    assert told.keys() == {file.place for file in MODELS["indextts2"]}
    assert list(told)[-1] == "gpt.pth"
    for steps in told.values():
        assert steps == sorted(steps)
        assert steps[0][0] == 0
        assert steps[-1][0] == steps[-1][1]


def test_nothing_is_told_to_the_hub_but_what_is_wanted(
    hub: StandIn, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    bring(hub, folder)
    assert {asked.headers["user-agent"] for asked in hub.asked} == {"wyoming-indextts"}
    assert {asked.headers["accept-encoding"] for asked in hub.asked} == {"identity"}
    assert not any("authorization" in asked.headers for asked in hub.asked)
    assert {asked.name for asked in hub.asked} == hub.contents.keys()


def test_what_is_there_is_not_fetched_again(hub: StandIn, folder: Path) -> None:
    bring(hub, folder)
    hub.asked.clear()
    bring(hub, folder)
    assert {asked.method for asked in hub.asked} == {"HEAD"}


@pytest.mark.parametrize("reset", [False, True])
def test_a_dropped_connection_is_gone_on_from(hub: StandIn, folder: Path, *, reset: bool) -> None:
    hub.gets[GPT] = [Drop(70_000), Drop(70_000, reset=reset), Drop(0, reset=reset), Drop(70_000)]
    bring(hub, folder)
    first, *later = hub.fetched("gpt.pth")
    assert first is None
    assert later[0] == "bytes=70000-"
    assert all(asked is not None for asked in later)
    assert (folder / "gpt.pth").read_bytes() == hub.contents[GPT]


def test_the_next_download_goes_on_where_the_last_one_ended(hub: StandIn, folder: Path) -> None:
    hub.gets[GPT] = [Drop(100_000)]
    with pytest.raises(WeightsMissingError, match=rf"^{GPT} cannot be fetched: "):
        bring(hub, folder, patience=Patience(read=0.5, tries=1))
    assert not (folder / "gpt.pth").exists()
    assert [part.stat().st_size for part in parts(folder)] == [100_000]
    seen: list[int] = []
    bring(
        hub, folder, progress=lambda place, here, _: seen.append(here) if "gpt" in place else None
    )
    assert hub.fetched("gpt.pth")[1:] == ["bytes=100000-"]
    assert seen[0] == 100_000
    assert (folder / "gpt.pth").read_bytes() == hub.contents[GPT]
    assert not parts(folder)


def test_what_is_left_of_another_version_is_not_gone_on_from(hub: StandIn, folder: Path) -> None:
    hub.gets[GPT] = [Drop(100_000)]
    with pytest.raises(WeightsMissingError):
        bring(hub, folder, patience=Patience(read=0.5, tries=1))
    hub.contents[GPT] = hub.contents[GPT][::-1]
    bring(hub, folder)
    assert hub.fetched("gpt.pth") == [None, None]
    assert not parts(folder)


@pytest.mark.parametrize("fault", [Rangeless(), Misplaced()])
@pytest.mark.parametrize("about", [[], [Tag('"v1"')]])
def test_a_hub_that_cannot_go_on_begins_anew(
    hub: StandIn, folder: Path, fault: Fault, about: list[Fault]
) -> None:
    hub.heads[GPT] = about
    hub.gets[GPT] = [Drop(100_000), fault]
    bring(hub, folder)
    assert (folder / "gpt.pth").read_bytes() == hub.contents[GPT]


def test_a_file_that_the_hub_lacks_is_named_before_anything_is_fetched(
    hub: StandIn, folder: Path
) -> None:
    del hub.contents[GPT]
    with pytest.raises(WeightsMissingError, match=f"^{GPT} is not on the hub$"):
        bring(hub, folder)
    assert {asked.method for asked in hub.asked} == {"HEAD"}


@pytest.mark.parametrize("code", [429, 500, 503])
@pytest.mark.parametrize("retry_after", [None, "0", "86400", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_busy_hub_is_asked_again(
    hub: StandIn, folder: Path, code: int, retry_after: str | None
) -> None:
    hub.heads[CONFIG] = [Status(code, retry_after), Status(code)]
    hub.gets[GPT] = [Status(code, retry_after), Status(code)]
    bring(hub, folder)
    assert len(hub.fetched("gpt.pth")) == 3


@pytest.mark.parametrize("code", [429, 500])
def test_a_hub_that_stays_busy_is_left_alone(hub: StandIn, folder: Path, code: int) -> None:
    hub.gets[GPT] = [Status(code)] * 9
    with pytest.raises(WeightsMissingError, match=f"cannot be fetched: the hub answers {code}$"):
        bring(hub, folder)
    assert len(hub.fetched("gpt.pth")) == HASTE.tries
    assert len(read_lock(folder)) == len(MODELS["indextts2"]) - 1


@pytest.mark.parametrize("code", [401, 403, 410])
def test_a_hub_that_refuses_is_asked_once(hub: StandIn, folder: Path, code: int) -> None:
    hub.heads[CONFIG] = [Status(code)] * 9
    with pytest.raises(WeightsMissingError, match=f"the hub answers {code}$"):
        bring(hub, folder)
    assert len(hub.asked) == 1


@pytest.mark.parametrize("size", [299_999, 300_001, 10])
@pytest.mark.parametrize("lie", [Promise, partial(Tag, '"v1"')])
def test_a_hub_that_lies_about_a_size_is_caught(
    hub: StandIn, folder: Path, lie: Callable[[int], Fault], size: int
) -> None:
    hub.heads[GPT] = [lie(size)]
    told: list[tuple[int, int]] = []
    with pytest.raises(WeightsCorruptError, match=f"^{GPT}: "):
        bring(hub, folder, progress=lambda _, here, size: told.append((here, size)))
    assert all(here <= size for here, size in told)
    assert not (folder / "gpt.pth").exists()
    assert "gpt.pth" not in read_lock(folder)
    assert all(part.stat().st_size <= size for part in parts(folder))
    bring(hub, folder)
    require("indextts2", folder)


@pytest.mark.parametrize("name", [GPT, CONFIG])
def test_wrong_bytes_are_fetched_again(hub: StandIn, folder: Path, name: str) -> None:
    hub.gets[name] = [Instead(hub.contents[name][::-1])]
    bring(hub, folder)
    assert hub.fetched(name) == [None, None]
    assert (folder / Path(name).name).read_bytes() == hub.contents[name]


@pytest.mark.parametrize("name", [GPT, CONFIG])
def test_bytes_that_stay_wrong_never_count(hub: StandIn, folder: Path, name: str) -> None:
    hub.gets[name] = [Instead(hub.contents[name][::-1])] * 9
    with pytest.raises(WeightsCorruptError, match=f"^{name}: the bytes the hub sends are not"):
        bring(hub, folder)
    assert not (folder / Path(name).name).exists()
    assert not parts(folder)


@pytest.mark.parametrize("faults", ["heads", "gets"])
def test_a_silent_hub_is_a_timeout(hub: StandIn, folder: Path, faults: str) -> None:
    getattr(hub, faults)[GPT] = [Silent()] * 9
    with pytest.raises(TimedOutError, match=f"^{GPT}: the hub is silent for 0.2 s$"):
        bring(hub, folder, patience=Patience(read=0.2, tries=2, wait=0.01))


def test_a_slow_hub_is_waited_for(hub: StandIn, folder: Path) -> None:
    hub.contents[GPT] = hub.contents[GPT][:20_000]
    hub.gets[GPT] = [Slow(0.03)]
    bring(hub, folder, patience=Patience(read=0.2, tries=1))
    assert hub.fetched("gpt.pth") == [None]


def test_a_download_can_be_stopped_and_gone_on_with(hub: StandIn, folder: Path) -> None:
    hub.gets[GPT] = [Slow(0.01)]
    stop = Event()

    def enough(place: str, here: int, _: int) -> None:
        if place == "gpt.pth" and here >= 5_000:
            stop.set()

    with pytest.raises(InterruptedSpeechError):
        bring(hub, folder, stop=stop, progress=enough)
    (part,) = parts(folder)
    assert 5_000 <= part.stat().st_size < 50_000
    bring(hub, folder)
    assert (folder / "gpt.pth").read_bytes() == hub.contents[GPT]


def test_waiting_for_a_busy_hub_can_be_stopped(hub: StandIn, folder: Path) -> None:
    hub.gets[GPT] = [Status(503, "60")]
    stop = Event()
    ending = threading.Timer(0.1, stop.set)
    ending.start()
    with pytest.raises(InterruptedSpeechError):
        bring(hub, folder, stop=stop, patience=Patience(wait=60))
    ending.join()


def test_no_hub_at_all_is_told(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    nobody = StandIn({}, url=f"http://127.0.0.1:{port}")
    with pytest.raises(WeightsMissingError, match=r"config\.yaml cannot be fetched: .*refused"):
        bring(nobody, folder)


def test_a_server_that_is_no_hub_is_told(hub: StandIn, folder: Path) -> None:
    hub.url += "/elsewhere"
    with pytest.raises(WeightsMissingError, match="is not on the hub"):
        bring(hub, folder)


def test_an_etag_that_tells_nothing_is_taken_for_a_version(hub: StandIn, folder: Path) -> None:
    hub.heads[GPT] = [Tag('W/"v1"')] * 4
    bring(hub, folder)
    bring(hub, folder)
    assert hub.fetched("gpt.pth") == [None]
    with (folder / "gpt.pth").open("r+b") as file:
        file.write(b"damage")
    bring(hub, folder)
    assert hub.fetched("gpt.pth") == [None, None]


def test_too_little_room_is_told_before_anything_is_fetched(hub: StandIn, folder: Path) -> None:
    hub.heads[GPT] = [Promise(10**16)]
    with pytest.raises(StorageFullError, match=r"^10000000\.0 GB are still to come"):
        bring(hub, folder)
    assert not (folder / "config.yaml").exists()


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Let no file grow beyond `size` bytes, as a full disk would."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def test_a_disk_that_fills_up_gets_its_room_back(hub: StandIn, folder: Path) -> None:
    with files_up_to(100_000), pytest.raises(StorageFullError, match="is full; make room"):
        bring(hub, folder)
    assert not parts(folder)
    assert (folder / "config.yaml").exists()
    bring(hub, folder)


def test_a_folder_that_cannot_be_is_told(hub: StandIn, folder: Path) -> None:
    (folder / "hf_cache").write_text("a file", "utf-8")
    with pytest.raises(StorageFullError, match="the weights folder cannot be written"):
        bring(hub, folder)


def test_only_one_download_runs_at_a_time(hub: StandIn, folder: Path) -> None:
    hub.gets[GPT] = [Slow(0.01)]
    begun, stop = Event(), Event()

    def first() -> None:
        with pytest.raises(InterruptedSpeechError):
            bring(hub, folder, stop=stop, progress=lambda *_: begun.set())

    running = threading.Thread(target=first)
    running.start()
    assert begun.wait(5)
    with pytest.raises(BusyError):
        bring(hub, folder)
    stop.set()
    running.join()
    hub.gets.clear()
    bring(hub, folder)


def test_files_that_came_by_another_way_are_taken_as_they_are(hub: StandIn, folder: Path) -> None:
    for file in MODELS["indextts2"]:
        (folder / file.place).parent.mkdir(parents=True, exist_ok=True)
        (folder / file.place).write_bytes(hub.contents[f"{file.repository}/{file.name}"])
    bring(hub, folder)
    assert {asked.method for asked in hub.asked} == {"HEAD"}
    assert len(read_lock(folder)) == len(MODELS["indextts2"])


def test_another_file_of_the_users_steps_aside(hub: StandIn, folder: Path) -> None:
    (folder / "gpt.pth").write_bytes(b"fine-tuned")
    bring(hub, folder)
    assert (folder / "gpt.pth").read_bytes() == hub.contents[GPT]
    assert (folder / "gpt.pth.old").read_bytes() == b"fine-tuned"


def test_a_damaged_file_is_mended(hub: StandIn, folder: Path) -> None:
    bring(hub, folder)
    stat = (folder / "gpt.pth").stat()
    with (folder / "gpt.pth").open("r+b") as file:
        file.write(b"damage")
    os.utime(folder / "gpt.pth", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    bring(hub, folder)
    assert (folder / "gpt.pth").read_bytes() == hub.contents[GPT]
    assert not (folder / "gpt.pth.old").exists()


def test_a_new_version_replaces_the_old_one(hub: StandIn, folder: Path) -> None:
    bring(hub, folder)
    hub.contents[GPT] = hub.contents[GPT][::-1]
    bring(hub, folder)
    assert (folder / "gpt.pth").read_bytes() == hub.contents[GPT]
    require("indextts2", folder)


def test_a_broken_lock_file_is_made_anew(hub: StandIn, folder: Path) -> None:
    bring(hub, folder)
    (folder / LOCK).write_text("{", "utf-8")
    bring(hub, folder)
    assert len(json.loads((folder / LOCK).read_text("utf-8"))) == len(MODELS["indextts2"])


def test_without_acceptance_no_hub_is_asked(hub: StandIn, tmp_path: Path) -> None:
    with pytest.raises(ForbiddenError, match="--accept-licence"):
        bring(hub, tmp_path)
    assert not hub.asked
    assert not list(tmp_path.iterdir())


def test_every_failure_is_an_error_for_people(hub: StandIn, folder: Path) -> None:
    hub.gets[GPT] = [Status(500)] * 9
    with pytest.raises(SpeechError) as caught:
        bring(hub, folder)
    assert str(folder) not in str(caught.value)
