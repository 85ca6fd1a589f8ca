"""Voices are added, listed, heard and removed by commands, and a running server follows."""

import asyncio
import getpass
import json
import os
import pty
import subprocess
import sys
import wave
from pathlib import Path

import pytest
import soundfile
from wyoming.client import AsyncTcpClient
from wyoming.event import Event
from wyoming.info import Describe
from wyoming.tts import Synthesize, SynthesizeVoice

from tests.edges.wyoming_house import answer, serving
from tests.golden.speech_like import speech_like
from tests.program import served
from wyoming_indextts.cli import main
from wyoming_indextts.store.audit import AuditFiles
from wyoming_indextts.store.audit_reading import Choice, chosen
from wyoming_indextts.store.enrolment import clip_of
from wyoming_indextts.store.voices import find_voice, read_voices, voices_folder

SECOND = 1.0


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    file = tmp_path / "mum.ogg"
    soundfile.write(file, speech_like(9.0, 16_000, seed=4), 16_000)
    return file


def voices(data: Path, *arguments: str | Path) -> int:
    """Run a command as its own process would."""
    return main(["voices", *map(str, arguments), "--data-dir", str(data)])


def add(data: Path, clip: Path, *arguments: str) -> int:
    """Add mum, with her consent."""
    return voices(data, "add", "mum", clip, "--consent-by", "Anna", *arguments)


def listed(data: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    """Return what is listed of each voice."""
    capsys.readouterr()
    assert voices(data, "list", "--json") == 0
    return {voice["name"]: voice for voice in json.loads(capsys.readouterr().out)}


def test_a_voice_is_added_listed_and_removed(
    tmp_path: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--display-name", "Mum 妈妈", "--language", "en-GB", "--stand-in", "mei")
    agreed = ("--statement", "Yes.", "--purpose", "Reading.")
    assert add(tmp_path, clip, *options, *agreed) == 0
    assert capsys.readouterr().out == (
        "mum (Mum 妈妈) was added: 9.0 s, with the consent of Anna; "
        "a server that runs has it in a second\n"
    )
    seen = listed(tmp_path, capsys)
    mum, lan = seen["mum"], seen["lan"]
    assert (mum["description"], mum["languages"], mum["sex"]) == ("Mum 妈妈", ["en-GB"], "female")
    assert mum["stand_in"] == "mei"
    assert (lan["stand_in"], lan["consent"]) == (None, None)
    consent = find_voice(voices_folder(tmp_path), "mum").record.consent
    assert mum["consent"] == {
        "by": "Anna", "given": consent.given, "statement": "Yes.", "purpose": "Reading.",
        "audio": consent.audio,
    }  # fmt: skip
    assert voices(tmp_path, "list") == 0
    assert "Anna" in capsys.readouterr().out
    assert voices(tmp_path, "remove", "mum") == 0
    assert "mum" not in listed(tmp_path, capsys)


def test_the_best_seconds_alone_are_kept_where_that_is_wanted(tmp_path: Path, clip: Path) -> None:
    assert add(tmp_path, clip, "--best-seconds") == 0
    assert 3 <= clip_of(find_voice(voices_folder(tmp_path), "mum")).seconds <= 6


@pytest.mark.parametrize(
    ("options", "sex", "stand_in"),
    [
        ((), "female", "lan"),
        (("--sex", "male"), "male", "yun"),
        (("--stand-in", "yun"), "male", "yun"),
        (("--stand-in", "yun", "--sex", "female"), "female", "yun"),
    ],
)
def test_the_stand_in_is_of_the_sex_and_the_sex_is_the_stand_ins(
    tmp_path: Path,
    clip: Path,
    options: tuple[str, ...],
    sex: str,
    stand_in: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert add(tmp_path, clip, *options) == 0
    mum = listed(tmp_path, capsys)["mum"]
    assert (mum["sex"], mum["stand_in"]) == (sex, stand_in)


@pytest.mark.parametrize(
    ("name", "options", "complaint"),
    [
        ("Mum", (), "bad-request: a voice cannot be named 'Mum'"),
        ("lan", (), "bad-request: 'lan' means the voice lan already"),
        ("lan-happy", (), "bad-request: 'lan-happy' means the voice lan in the emotion happy"),
        ("mum", ("--language", "de"), "bad-request: the language 'de' is not spoken"),
        ("mum", ("--stand-in", "son"), "bad-request: only an embedded voice can stand in; there"),
    ],
)
def test_a_wish_that_will_not_do_is_one_line_and_status_1(
    tmp_path: Path,
    clip: Path,
    name: str,
    options: tuple[str, ...],
    complaint: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert voices(tmp_path, "add", name, clip, "--consent-by", "Anna", *options) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"wyoming-indextts: {complaint}")
    assert told.count("\n") == 1
    assert not read_voices(voices_folder(tmp_path)).voices


def test_what_is_no_clip_is_one_line_and_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.wav").write_bytes(b"nothing")
    assert add(tmp_path, tmp_path / "a.wav") == 1
    assert "bad-request: the file is not audio" in capsys.readouterr().err
    assert add(tmp_path, tmp_path / "b.wav") == 1
    assert "b.wav cannot be read: no such file" in capsys.readouterr().err
    assert add(tmp_path, tmp_path) == 1
    assert "cannot be read: is a directory" in capsys.readouterr().err


def asked(data: Path, clip: Path, answers: bytes | None) -> subprocess.CompletedProcess[str]:
    """Add mum without any flag of consent, at a terminal where `answers` are typed if given."""
    command = [sys.executable, "-m", "wyoming_indextts", "voices", "add", "mum", str(clip)]
    person, terminal = pty.openpty()
    os.write(person, answers or b"")
    done = subprocess.run(  # noqa: S603 - our own program
        [*command, "--data-dir", str(data)],
        stdin=subprocess.DEVNULL if answers is None else terminal,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    os.close(person)
    os.close(terminal)
    return done


def test_without_a_person_consent_is_given_by_a_flag_or_not_at_all(
    tmp_path: Path, clip: Path
) -> None:
    done = asked(tmp_path, clip, None)
    assert done.returncode == 2
    assert done.stderr == (
        "wyoming-indextts: whose voice is it, and who agrees? "
        '--consent-by "NAME" says so; without, none is added\n'
    )
    assert not read_voices(voices_folder(tmp_path)).voices


@pytest.mark.parametrize(
    ("answers", "status"), [(b"Anna\ny\n", 0), (b"Anna\nn\n", 1), (b"\ny\n", 1)]
)
def test_a_person_is_asked_for_consent(
    tmp_path: Path, clip: Path, answers: bytes, status: int
) -> None:
    done = asked(tmp_path, clip, answers)
    assert "Whose voice is Mum?" in done.stderr
    assert "I agree that my voice is cloned from this recording" in done.stderr
    assert done.returncode == status
    consents = [voice.record.consent.by for voice in read_voices(voices_folder(tmp_path)).voices]
    assert consents == (["Anna"] if status == 0 else [])


def test_a_voice_that_is_not_there_cannot_be_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert voices(tmp_path, "remove", "lan") == 1
    assert capsys.readouterr().err == (
        "wyoming-indextts: voice-not-found: no enrolled voice is named 'lan'; there are: none\n"
    )


def test_who_removes_the_default_voice_is_told(
    tmp_path: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(tmp_path, clip) == 0
    config = tmp_path / "a.toml"
    config.write_text("voice = 'mum'\n", "utf-8")
    assert voices(tmp_path, "remove", "mum", "--config", config) == 0
    assert "the settings name it as the default voice" in capsys.readouterr().out


def test_a_broken_voice_is_told_and_costs_nothing_else(
    tmp_path: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(tmp_path, clip) == 0
    find_voice(voices_folder(tmp_path), "mum").clip.unlink()
    config = tmp_path / "a.toml"
    config.write_text("voice = 'mum'\n", "utf-8")
    capsys.readouterr()
    assert voices(tmp_path, "list", "--config", config) == 0
    told = capsys.readouterr()
    assert "lan" in told.out
    assert told.err == (
        "wyoming-indextts: the voice mum cannot be used: it has no voice.json or no clip.wav\n"
    )


async def test_a_voice_is_heard_in_a_preview(tmp_path: Path) -> None:
    target = tmp_path / "a.wav"
    async with serving() as house:
        server = f"tcp://{house.host}:{house.port}"
        arguments = ("preview", "bob-happy", "-o", target, "--server", server)
        assert await asyncio.to_thread(voices, tmp_path, *arguments) == 0
        assert {job.style.voice for job in house.engine.jobs} == {"bob"}
        assert "这就是我的声音" in house.engine.said
    with wave.open(str(target)) as sound:
        assert sound.getnframes() / sound.getframerate() > 1


async def offered(client: AsyncTcpClient) -> list[str]:
    """Return the names that the server describes."""
    await client.write_event(Describe().event())
    event = await client.read_event()
    assert event
    return [voice["name"] for voice in event.data["tts"][0]["voices"]]


async def until_offered(client: AsyncTcpClient, name: str, *, there: bool) -> None:
    async with asyncio.timeout(SECOND):
        while (name in await offered(client)) != there:
            await asyncio.sleep(0.02)


async def spoken(client: AsyncTcpClient, voice: str) -> Event:
    """Ask for a word in that voice; return what ends the answer."""
    await client.write_event(Synthesize("Good morning.", SynthesizeVoice(name=voice)).event())
    return (await answer(client))[-1]


async def test_a_running_server_has_a_voice_within_a_second_and_loses_it_again(
    kept: Path, tmp_path: Path, clip: Path
) -> None:
    words = {"WYOMING_INDEXTTS_AUDIT__TEXT": "true"}
    async with served(kept, tmp_path, **words) as server, server.client() as client:
        assert "mum" not in await offered(client)
        assert await asyncio.to_thread(add, tmp_path, clip) == 0
        await until_offered(client, "mum-happy", there=True)
        assert (await spoken(client, "mum-happy")).type == "audio-stop"
        assert await asyncio.to_thread(voices, tmp_path, "remove", "mum") == 0
        await until_offered(client, "mum", there=False)
        refused = await spoken(client, "mum")
        assert (refused.type, refused.data["code"]) == ("error", "voice-not-found")
        assert (await spoken(client, "lan")).type == "audio-stop"
        server.process.terminate()
        await server.end()
    deeds = list(chosen(AuditFiles(tmp_path), Choice()))
    told = [(deed["actor"], deed["action"], deed["target"], deed.get("text")) for deed in deeds]
    me = f"user:{getpass.getuser()}"
    assert told == [
        (me, "voice.create", "mum", None),
        ("127.0.0.1", "speak", "mum", "Good morning."),
        (me, "voice.delete", "mum", None),
        ("127.0.0.1", "speak", "lan", "Good morning."),
    ]


def test_without_the_extra_voices_are_listed_and_the_line_that_adds_them_is_told(
    tmp_path: Path, clip: Path
) -> None:
    (tmp_path / "soundfile.py").write_text('raise ModuleNotFoundError(name="soundfile")', "utf-8")
    add_mum = ("add", "mum", str(clip), "--consent-by", "Anna")
    listing, adding = (
        subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "wyoming_indextts", "voices", *arguments],
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True, text=True, check=False, timeout=60,
        )
        for arguments in (("list",), add_mum)
    )  # fmt: skip
    assert (listing.returncode, "lan" in listing.stdout) == (0, True)
    assert adding.returncode == 1
    assert adding.stderr == (
        "wyoming-indextts: soundfile is not installed; "
        'run `pip install "wyoming-indextts[formats]"`\n'
    )
