"""Enrolled voices on the disk: kept as they were, gone without a trace, broken one by one."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.house import voices as embedded_voices
from tests.store.newcomers import CLIP, RECORD, add, derive
from wyoming_indextts.errors import (
    BadRequestError,
    ForbiddenError,
    StorageFullError,
    VoiceNotFoundError,
)
from wyoming_indextts.speech.clip import Clip, hash_of_clip
from wyoming_indextts.speech.voices import Voice
from wyoming_indextts.store.clip import wav_of
from wyoming_indextts.store.enrolment import clip_of
from wyoming_indextts.store.voice_record import as_json
from wyoming_indextts.store.voices import (
    find_voice,
    fingerprint,
    keep_voice,
    read_voices,
    remove_voice,
    voices_of,
)

EMBEDDED = list(embedded_voices())


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let the system refuse to write files that are longer."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def left(folder: Path) -> list[str]:
    """Return all that is in a folder but the lock."""
    return sorted(place.name for place in folder.iterdir() if place.name != ".changing")


def test_a_voice_comes_back_as_it_was_enrolled(tmp_path: Path) -> None:
    voice = add(tmp_path)
    assert read_voices(tmp_path).voices == [voice] == [find_voice(tmp_path, "mum")]
    clip = clip_of(voice)
    assert clip.rate == CLIP.rate
    assert np.array_equal(clip.wave, CLIP.wave)
    consent = voice.record.consent
    assert (consent.by, consent.audio) == ("Anna", hash_of_clip(CLIP))


def test_voices_are_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("mum", "dad", "aunt-2"):
        add(tmp_path, name)
    assert [voice.name for voice in read_voices(tmp_path).voices] == ["aunt-2", "dad", "mum"]


def test_where_nobody_was_enrolled_there_is_nobody_and_nothing_is_written(tmp_path: Path) -> None:
    shelf = read_voices(tmp_path / "voices")
    assert not shelf.voices
    assert not shelf.faults
    assert not (tmp_path / "voices").exists()


def test_only_this_user_may_look_into_a_voice(tmp_path: Path) -> None:
    assert add(tmp_path).folder.stat().st_mode & 0o077 == 0


def test_removing_a_voice_removes_all_that_was_derived_from_it(tmp_path: Path) -> None:
    prompt = derive(add(tmp_path))
    derive(add(tmp_path, "dad"))
    remove_voice(tmp_path, "mum")
    assert not prompt.exists()
    assert left(tmp_path) == ["dad"]
    with pytest.raises(
        VoiceNotFoundError, match="no enrolled voice is named 'mum'; there are: dad"
    ):
        find_voice(tmp_path, "mum")


def test_a_broken_voice_can_be_removed(tmp_path: Path) -> None:
    (add(tmp_path).folder / "voice.json").write_text("{", "utf-8")
    remove_voice(tmp_path, "mum")
    assert not left(tmp_path)


@pytest.mark.parametrize("name", ["mum", "..", ".", "", "a/b", "../other", ".changing", "x" * 999])
def test_what_is_no_voice_cannot_be_removed(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "voices"
    add(folder, "dad")
    (tmp_path / "other").mkdir()
    with pytest.raises(VoiceNotFoundError):
        remove_voice(folder, name)
    with pytest.raises(VoiceNotFoundError):
        find_voice(folder, name)
    assert (tmp_path / "other").is_dir()
    assert left(folder) == ["dad"]


def test_a_name_is_had_once(tmp_path: Path) -> None:
    first = add(tmp_path)
    with pytest.raises(BadRequestError, match="there is a voice named mum already"):
        add(tmp_path, display_name="Another")
    assert find_voice(tmp_path, "mum") == first
    assert left(tmp_path) == ["mum"]


@pytest.mark.parametrize(
    ("name", "display_name", "clip", "complaint"),
    [
        ("Mum", "Mum", CLIP, "a voice cannot be named 'Mum'"),
        ("..", "Mum", CLIP, "a voice cannot be named"),
        ("mum", "", CLIP, "the display name must be"),
        ("mum", "Mum", Clip(CLIP.wave[:8000], 8000), "the clip lasts 1.00 seconds"),
        ("mum", "Mum", Clip(np.zeros(32_000, np.float32), 8000), "the clip is silent"),
    ],
)
def test_a_newcomer_who_will_not_do_leaves_nothing(
    tmp_path: Path, name: str, display_name: str, clip: Clip, complaint: str
) -> None:
    with pytest.raises(BadRequestError, match=complaint):
        add(tmp_path / "voices", name, display_name, clip)
    assert not (tmp_path / "voices").exists()


def test_a_full_disk_leaves_nothing_of_a_newcomer(tmp_path: Path) -> None:
    add(tmp_path, "dad")
    with files_of_at_most(50_000):
        with pytest.raises(
            StorageFullError, match=r"disk of the folder of voices is full; .*--data-dir"
        ):
            add(tmp_path)
    assert left(tmp_path) == ["dad"]


def test_a_folder_that_cannot_be_had_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"")
    with pytest.raises(StorageFullError, match="the folder of voices cannot be written"):
        add(tmp_path / "data")
    assert read_voices(tmp_path / "data").faults == {
        "data": "the folder cannot be read: Not a directory"
    }


@pytest.mark.parametrize(
    ("file", "content", "fault"),
    [
        ("voice.json", None, "it has no voice.json or no clip.wav"),
        ("voice.json", b"", "its record is not JSON"),
        ("voice.json", b"\xff", "its record is not UTF-8 text"),
        ("voice.json", b" " * 100_000 + as_json(RECORD).encode(), "its record is not JSON"),
        ("voice.json", as_json(replace(RECORD, languages=("de-DE",))).encode(), "not spoken"),
        ("clip.wav", None, "it has no voice.json or no clip.wav"),
        ("clip.wav", b"", "its clip.wav is empty"),
    ],
)
def test_a_broken_voice_costs_no_other(
    tmp_path: Path, file: str, content: bytes | None, fault: str
) -> None:
    dad = add(tmp_path, "dad")
    broken = add(tmp_path).folder / file
    broken.unlink()
    if content is not None:
        broken.write_bytes(content)
    shelf = read_voices(tmp_path)
    assert shelf.voices == [dad]
    assert list(shelf.faults) == ["mum"]
    assert fault in shelf.faults["mum"]
    with pytest.raises(VoiceNotFoundError):
        find_voice(tmp_path, "mum")


def test_a_recording_or_a_link_laid_into_the_folder_is_no_voice(tmp_path: Path) -> None:
    voices = tmp_path / "voices"
    other = add(tmp_path / "elsewhere")
    voices.mkdir()
    (voices / "dad.wav").write_bytes(wav_of(CLIP))
    (voices / "mum").symlink_to(other.folder)
    (voices / "Aunt").mkdir()
    shelf = read_voices(voices)
    assert not shelf.voices
    assert "`voices add` enrols" in shelf.faults["dad.wav"]
    assert "`voices add` enrols" in shelf.faults["mum"]
    assert "cannot be named 'Aunt'" in shelf.faults["Aunt"]
    with pytest.raises(VoiceNotFoundError):
        remove_voice(voices, "mum")


def test_another_clip_in_the_place_of_the_one_agreed_to_is_not_used(tmp_path: Path) -> None:
    voice = add(tmp_path)
    voice.clip.write_bytes(wav_of(Clip(CLIP.wave[::-1].copy(), CLIP.rate)))
    with pytest.raises(ForbiddenError, match="not the one that the consent is for"):
        clip_of(voice)


def test_every_change_changes_the_fingerprint(tmp_path: Path) -> None:
    seen = [fingerprint(tmp_path / "voices")]
    voice = add(tmp_path / "voices")
    seen.append(fingerprint(tmp_path / "voices"))
    (voice.folder / "voice.json").write_text(as_json(RECORD), "utf-8")
    seen.append(fingerprint(tmp_path / "voices"))
    voice.clip.write_bytes(b"")
    seen.append(fingerprint(tmp_path / "voices"))
    remove_voice(tmp_path / "voices", "mum")
    assert len(set(seen)) == 4
    assert fingerprint(tmp_path / "voices") == seen[0]


def test_users_see_an_enrolled_voice_with_its_stand_in(tmp_path: Path) -> None:
    keep_voice(tmp_path, "mum", RECORD, wav_of(CLIP))
    keep_voice(tmp_path, "son", replace(RECORD, sex="male"), wav_of(CLIP))
    keep_voice(tmp_path, "tom", replace(RECORD, stand_in="bob"), wav_of(CLIP))
    keep_voice(tmp_path, "bob", RECORD, wav_of(CLIP))
    seen = voices_of(read_voices(tmp_path), EMBEDDED)
    assert seen[0] == Voice("mum", "Mum", ("zh-CN", "en-US"), "female", stand_in="alice")
    assert {voice.name: voice.stand_in for voice in seen} == {
        "mum": "alice", "son": "bob", "tom": "bob",
    }  # fmt: skip
