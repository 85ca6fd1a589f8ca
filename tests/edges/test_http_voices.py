"""Voices come and go over HTTP: with a person's consent, and nothing of an upload is kept."""

import asyncio
import json
import struct
import subprocess
import sys
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import aiohttp
import numpy as np
import pytest
import soundfile

from tests.edges.http_house import PATIENCE, House, decoded, serving
from tests.golden.speech_like import speech_like
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.speech.voices import PREVIEW
from wyoming_indextts.store.enrolment import clip_of
from wyoming_indextts.store.voice_record import PURPOSE, STATEMENT
from wyoming_indextts.store.voices import find_voice

RATE: Final = 8_000

AGREED: Final = {"consent": "true", "consent_by": "Anna", "name": "mum"}


def packed(kind: str = "WAV", seconds: float = 3.2, **tags: str) -> bytes:
    file = BytesIO()
    with soundfile.SoundFile(file, "w", RATE, 1, format=kind) as sound:
        for name, value in tags.items():
            setattr(sound, name, value)
        sound.write(speech_like(seconds, RATE, seed=4))
    return file.getvalue()


CLIP: Final = packed()


def form(content: bytes | None = CLIP, **fields: str) -> aiohttp.FormData:
    filled = aiohttp.FormData(default_to_multipart=True)
    for name, value in {**AGREED, **fields}.items():
        if value:
            filled.add_field(name, value)
    if content is not None:
        file = BytesIO(content)
        filled.add_field("file", file, filename="../../etc/passwd", content_type="video/mp4")
    return filled


async def added(house: House, content: bytes = CLIP, **fields: str) -> dict[str, Any]:
    async with house.client.post("/voices", data=form(content, **fields)) as answer:
        told = await answer.json()
        assert answer.status == 201, told
        assert answer.headers["Location"] == f"voices/{told['name']}"
    return told  # type: ignore[no-any-return]


async def listed(house: House, **headers: str) -> dict[str, dict[str, Any]]:
    async with house.client.get("/voices", headers=headers) as answer:
        return {voice["name"]: voice for voice in await answer.json()}


async def refused(house: House, content: bytes = CLIP, **fields: str) -> tuple[int, str]:
    """Return status and code; nothing may be left behind."""
    told = await house.error("POST", "/voices", data=form(content, **fields))
    assert list(await listed(house)) == ["alice", "bob"]
    return told


def left(folder: Path) -> list[str]:
    """Return every file below a folder but the lock."""
    return sorted(
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and file.name != ".changing"
    )


async def test_a_voice_is_enrolled_and_is_there_at_once(tmp_path: Path) -> None:
    async with serving(enrolled=tmp_path) as house:
        told = await added(house, sex="male", display_name="Mum 妈妈", language="en-GB")
        consent = find_voice(tmp_path, "mum").record.consent
        assert told == (await listed(house))["mum"]
        assert told == {
            "name": "mum", "description": "Mum 妈妈", "language": "en-GB", "languages": ["en-GB"],
            "sex": "male", "default": False, "enrolled": True, "stand_in": "bob",
            "added": consent.given, "speakers": told["speakers"],
            "consent": {
                "by": "Anna", "given": consent.given, "statement": STATEMENT, "purpose": PURPOSE,
            },
        }  # fmt: skip
        await house.sound("GET", "/stream", params={"text": "Hello.", "voice": "mum-happy"})
        assert house.engine.jobs[-1].style.voice == "mum"


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
async def test_nothing_of_an_upload_is_kept_but_its_sound(tmp_path: Path, kind: str) -> None:
    content = packed(kind, title="a secret title", artist="a secret artist", comment="a secret")
    assert b"secret" in content
    async with serving(enrolled=tmp_path) as house:
        await added(house, content)
    assert left(tmp_path) == ["mum/clip.wav", "mum/voice.json"]
    kept = b"".join((tmp_path / name).read_bytes() for name in left(tmp_path))
    assert b"secret" not in kept and b"passwd" not in kept
    clip = clip_of(find_voice(tmp_path, "mum"))
    assert clip.seconds == pytest.approx(3.2, abs=0.25)


async def test_a_voice_without_a_slug_of_its_own_gets_one(tmp_path: Path) -> None:
    async with serving(enrolled=tmp_path) as house:
        names = [
            (await added(house, name="", display_name=name))["name"]
            for name in ("妈妈", "爸爸", "Aunt May!", "")
        ]
    assert names == ["voice-1", "voice-2", "aunt-may", "voice-3"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"consent": ""}, (403, "forbidden")),
        ({"consent": "no"}, (403, "forbidden")),
        ({"consent": "on"}, (403, "forbidden")),
        ({"consent_by": ""}, (400, "bad-request")),
        ({"consent_by": "  "}, (400, "bad-request")),
        ({"consent_by": "x" * 81}, (400, "bad-request")),
        ({"statement": "two\nlines"}, (400, "bad-request")),
        ({"name": "Mum"}, (400, "bad-request")),
        ({"name": "../mum"}, (400, "bad-request")),
        ({"name": ".."}, (400, "bad-request")),
        ({"name": "mum/../../x"}, (400, "bad-request")),
        ({"name": "m\x00m"}, (400, "bad-request")),
        ({"name": "alice"}, (400, "bad-request")),
        ({"name": "alice-happy"}, (400, "bad-request")),
        ({"name": "x" * 41}, (400, "bad-request")),
        ({"display_name": "x" * 81}, (400, "bad-request")),
        ({"sex": "other"}, (400, "bad-request")),
        ({"language": "de-DE"}, (400, "bad-request")),
        ({"stand_in": "nobody"}, (400, "bad-request")),
        ({"colour": "red"}, (400, "bad-request")),
        ({"purpose": "x" * 9000}, (413, "too-large")),
    ],
)
async def test_a_form_that_will_not_do_leaves_nothing(
    tmp_path: Path, fields: dict[str, str], expected: tuple[int, str]
) -> None:
    async with serving(enrolled=tmp_path) as house:
        assert await refused(house, CLIP, **fields) == expected
    assert not left(tmp_path)


def lying(**wrong: int) -> bytes:
    """Return a WAV whose head says something else than what is in it."""
    head = {"riff": len(CLIP), "channels": 1, "rate": RATE, "bits": 16, "data": len(CLIP)} | wrong
    form = struct.pack(
        "<HHIIHH", 1, head["channels"], head["rate"], head["rate"] * 2, 2, head["bits"]
    )
    return (
        struct.pack("<4sI4s4sI", b"RIFF", head["riff"], b"WAVE", b"fmt ", 16) + form
        + struct.pack("<4sI", b"data", head["data"]) + CLIP[44:]
    )  # fmt: skip


async def test_a_head_that_lies_of_lengths_changes_nothing(tmp_path: Path) -> None:
    async with serving(enrolled=tmp_path) as house:
        await added(house, lying(riff=0xFFFFFFF0, data=0xFFFFFFF0))
    clip = clip_of(find_voice(tmp_path, "mum"))
    assert clip.seconds == pytest.approx(3.2, abs=0.01)


def bomb() -> bytes:
    """Return an hour of a constant in a few kilobytes."""
    file = BytesIO()
    samples = np.full(RATE * 3600, 0.3, np.float32)
    soundfile.write(file, samples, RATE, format="FLAC")
    assert len(file.getvalue()) < 500_000
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "must be a recording"),
        (None, "must be a recording"),
        (b"Hello, this is no sound at all." * 40, "not audio"),
        (b"\x89PNG\r\n\x1a\n" + bytes(900), "not audio"),
        (b"\x00\x00\x00\x20ftypisom" + bytes(900), "a video"),
        (b"\x1aE\xdf\xa3" + bytes(900), "a video"),
        (b"RIFF\x00\x10\x00\x00AVI LIST" + bytes(900), "a video"),
        (b"FORM\x00\x00\x10\x00AIFF" + bytes(900), "not audio"),
        (CLIP[:40], "not audio"),
        (b"fLaC" + bytes(5000), "not audio"),
        (b"OggS" + bytes(5000), "not audio"),
        (b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(5000), "not audio"),
        (lying(rate=1), "1 samples a second"),
        (lying(rate=0x7FFFFFFF), ""),
        (lying(channels=200), ""),
        (lying(bits=3), ""),
        (packed(seconds=2.0), "at least 3"),
        (packed(seconds=31.0), "at most 30"),
        (bomb(), "at most 30"),
    ],
)
async def test_a_recording_that_will_not_do_leaves_nothing(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    async with serving(enrolled=tmp_path) as house:
        async with house.client.post("/voices", data=form(content)) as answer:
            assert answer.status == 400
            error = (await answer.json())["error"]
        assert error["code"] == "bad-request"
        assert said in error["message"] and str(tmp_path) not in error["message"]
        assert list(await listed(house)) == ["alice", "bob"]
    assert not left(tmp_path)


async def test_ten_megabytes_are_the_most(tmp_path: Path) -> None:
    async with serving(enrolled=tmp_path) as house:
        assert await refused(house, bytes(10 * 2**20 + 1)) == (413, "too-large")
        assert await refused(house, bytes(11 * 2**20)) == (413, "too-large")


async def test_a_form_that_never_ends_is_given_up(tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        while True:
            yield bytes(65_536)

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    async with serving(enrolled=tmp_path) as house:
        told = await house.error("POST", "/voices", data=endless(), headers=kind)
        assert told == (413, "too-large")


BEGUN: Final = (
    b"POST /voices HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9000\r\n"
    b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nRIFF'
)

CHUNKED: Final = b"Transfer-Encoding: chunked"


async def test_a_slow_upload_is_given_up_in_time(tmp_path: Path) -> None:
    async with serving(enrolled=tmp_path, options=HttpOptions(upload_timeout=0.2)) as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(BEGUN)
        async with asyncio.timeout(PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
            assert b'"timeout"' in await reader.read(4096)
        assert head.startswith(b"HTTP/1.1 408 ")
        writer.transport.abort()
    assert not left(tmp_path)


async def test_only_so_many_recordings_are_taken_at_once(tmp_path: Path) -> None:
    async with serving(enrolled=tmp_path, options=HttpOptions(uploads=1)) as house:
        _, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(BEGUN)
        async with asyncio.timeout(PATIENCE):
            while await refused(house, consent="") != (429, "busy"):
                await asyncio.sleep(0.005)
        writer.transport.abort()
        async with asyncio.timeout(PATIENCE):
            while await refused(house, consent="") == (429, "busy"):
                await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--y\r\n\r\n",
        b"--x",
        b"--x\r\n\r\n",
        b"--x\r\nnonsense\r\n\r\nabc\r\n--x--\r\n",
        b"--x\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc',
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\xfe\r\n--x--\r\n',
        b"--x\r\nA: " + b"x" * 100_000 + b"\r\n\r\nabc\r\n--x--\r\n",
        b"--x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n--x--\r\n",
        b"--x\r\nContent-Length: -5\r\nContent-Disposition: a; name=a\r\n\r\n1\r\n--x--\r\n",
        b"".join(
            b'--x\r\nContent-Disposition: form-data; name="language"\r\n\r\nzh-CN\r\n'
            for _ in range(40)
        ) + b"--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\n' + b"u" * 40 + b"\r\n",
    ],
)  # fmt: skip
async def test_a_form_that_cannot_be_read_is_told_so(tmp_path: Path, body: bytes) -> None:
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    async with serving(enrolled=tmp_path) as house:
        status, code = await house.error("POST", "/voices", data=body, headers=kind)
        assert (status, code) in {(400, "bad-data"), (400, "bad-request")}


@pytest.mark.parametrize("rest", [b"zz\r\n", b"5\r\n--x\r\nnonsense\r\n", b"0\r\n\r\n"])
async def test_a_form_in_broken_chunks_is_told_so(tmp_path: Path, rest: bytes) -> None:
    head = BEGUN.partition(b"\r\n\r\n")[0].replace(b"Content-Length: 9000", CHUNKED)
    async with serving(enrolled=tmp_path) as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(head + b"\r\n\r\n" + rest)
        async with asyncio.timeout(PATIENCE):
            answer = await reader.readuntil(b"\r\n\r\n") + await reader.read(4096)
        writer.transport.abort()
    assert b" 400 " in answer and b'{"error": {"code": "bad-' in answer


async def test_another_kind_of_body_is_no_form(tmp_path: Path) -> None:
    async with serving(enrolled=tmp_path) as house:
        assert await house.error("POST", "/voices", json=AGREED) == (415, "unsupported")
        without = {"Content-Type": "multipart/form-data"}
        told = await house.error("POST", "/voices", data=b"a", headers=without)
        assert told == (400, "bad-data")


async def test_a_field_or_a_file_is_there_once(tmp_path: Path) -> None:
    twice = form()
    twice.add_field("sex", "male")
    twice.add_field("sex", "female")
    two = form()
    two.add_field("file", CLIP, filename="b")
    async with serving(enrolled=tmp_path) as house:
        for filled in (twice, two):
            assert await house.error("POST", "/voices", data=filled) == (400, "bad-request")


async def test_a_removed_voice_is_gone_at_once_with_all_of_it(tmp_path: Path) -> None:
    async with serving(enrolled=tmp_path) as house:
        await added(house)
        async with house.client.delete("/voices/mum") as answer:
            assert (answer.status, await answer.json()) == (200, {"removed": "mum"})
        assert list(await listed(house)) == ["alice", "bob"]
        assert not left(tmp_path)
        gone = (404, "voice-not-found")
        for name in ("mum", "alice", "..", "%2e%2e%2f%2e%2e", "mum%2f..", ".changing"):
            path = f"/voices/{name}"
            status, code = await house.error("DELETE", path)
            assert (status, code) == gone or status in (404, 405)
        assert await house.error("GET", "/stream", params={"text": "a", "voice": "mum"}) == gone


OWNER, GUEST = "a-token-for-all-of-it", "a-token-to-speak-with"

TOKENS: Final = HttpOptions(
    tokens={OWNER: {"speak", "control", "voices"}, GUEST: {"speak"}},
)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_only_who_may_adds_removes_and_sees_who_agreed(tmp_path: Path) -> None:
    async with serving(enrolled=tmp_path, options=TOKENS) as house:
        none = (401, "unauthorized")
        assert await house.error("POST", "/voices", data=form()) == none
        assert await house.error("DELETE", "/voices/mum") == none
        guest, owner = bearer(GUEST), bearer(OWNER)
        told = await house.error("POST", "/voices", data=form(), headers=guest)
        assert told == (403, "forbidden")
        assert await house.error("DELETE", "/voices/mum", headers=guest) == (403, "forbidden")
        async with house.client.post("/voices", data=form(), headers=owner) as answer:
            assert answer.status == 201
        seen = (await listed(house, **guest))["mum"]
        assert "consent" not in seen and seen["added"]
        assert (await listed(house, **owner))["mum"]["consent"]["by"] == "Anna"
        assert (await listed(house, **owner))["alice"]["consent"] is None


async def test_a_token_is_told_what_it_allows(tmp_path: Path) -> None:
    async with serving(enrolled=tmp_path, options=TOKENS) as house:
        async with house.client.get("/me", headers=bearer(GUEST)) as answer:
            me = await answer.json()
        assert me["scopes"] == ["speak"]
        assert len(me["token"]) == 8 and me["token"] not in GUEST
    async with serving() as house:
        async with house.client.get("/me") as answer:
            everything = ["control", "speak", "voices"]
            assert await answer.json() == {"scopes": everything, "token": None}


async def test_a_form_is_told_what_it_needs(tmp_path: Path) -> None:
    async with serving(enrolled=tmp_path) as house, house.client.get("/enrolment") as answer:
        terms = await answer.json()
    assert terms == {
        "possible": True, "reason": None, "statement": STATEMENT, "purpose": PURPOSE,
        "formats": ["wav", "flac", "mp3", "ogg"], "shortest": 3.0, "longest": 30.0,
        "languages": ["zh-CN", "en-US"], "bytes": 10 * 2**20, "sexes": ["female", "male"],
    }  # fmt: skip


async def test_where_nobody_enrols_that_is_told() -> None:
    async with serving() as house:
        assert await house.error("POST", "/voices", data=form()) == (422, "unsupported")
        assert await house.error("DELETE", "/voices/mum") == (422, "unsupported")
        async with house.client.get("/enrolment") as answer:
            assert (await answer.json())["possible"] is False


def test_without_the_extra_the_line_that_mends_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "soundfile.py").write_text("raise ImportError", "utf-8")
    program = """
import asyncio
from pathlib import Path
from tests.house import voices
from wyoming_indextts.edges.http.enrolment import Newcomer
from wyoming_indextts.enrolments import Enrolments
from wyoming_indextts.errors import UnsupportedError
from wyoming_indextts.store.clip_apart import read_clip_apart

try:
    asyncio.run(Enrolments(Path("."), voices(), print).add(Newcomer(b"RIFF", "Anna", "mum")))
except UnsupportedError as error:
    print(error)
try:
    asyncio.run(read_clip_apart(b"RIFF"))
except UnsupportedError as error:
    print(error)
"""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program],
        env={"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}"},
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    told = 'recordings cannot be read here; pip install "wyoming-indextts[formats]"\n'
    assert (done.stdout, done.stderr) == (2 * told, "")


async def test_a_voice_is_heard_in_a_preview_which_is_kept_for_a_moment(tmp_path: Path) -> None:
    async with serving(enrolled=tmp_path) as house:
        await added(house)
        path = "/voices/mum-happy/preview"
        whole = await house.sound("GET", path)
        async with house.client.get(path, headers={"Range": "bytes=44-99"}) as answer:
            assert answer.status == 206
            assert answer.headers["X-Synthetic-Speech"] == "true"
            assert await answer.read() == whole[44:100]
        async with house.client.head(path) as answer:
            assert answer.content_length == len(whole)
        assert {job.style.voice for job in house.engine.jobs} == {"mum"}
        assert house.engine.said.replace("|", "") == PREVIEW
        async with house.client.put("/stage", json={"speed": 1.5}):
            await house.sound("GET", path)
        assert len(house.engine.said.replace("|", "")) == 2 * len(PREVIEW)
        assert "Synthetic speech" in decoded(whole)[2]["comment"]


@pytest.mark.parametrize("kind", ["mp3", "flac", "opus"])
async def test_a_preview_may_be_of_any_kind_of_file(kind: str) -> None:
    async with serving() as house:
        content = await house.sound("GET", "/voices/bob/preview", params={"format": kind})
    samples, rate, tags = decoded(content)
    assert len(samples) / rate > 2
    assert "Synthetic speech" in tags["comment"]


async def test_a_preview_that_cannot_be_is_refused() -> None:
    async with serving() as house:
        missing = (404, "voice-not-found")
        assert await house.error("GET", "/voices/nobody/preview") == missing
        assert await house.error("GET", "/voices/%2e%2e%2fx/preview") == missing
        for query in ({"format": "pcm"}, {"format": "avi"}, {"text": "a"}):
            told = await house.error("GET", "/voices/bob/preview", params=query)
            assert told == (400, "bad-request")


def test_the_record_says_who_agreed(tmp_path: Path) -> None:
    async def enrolled() -> None:
        async with serving(enrolled=tmp_path) as house:
            await added(house, statement="Yes.", purpose="Reading.")

    asyncio.run(enrolled())
    record = json.loads((tmp_path / "mum" / "voice.json").read_text("utf-8"))["consent"]
    assert (record["by"], record["statement"], record["purpose"]) == ("Anna", "Yes.", "Reading.")
