"""`say` delivers sound as it comes: into a file, a stream, or a player."""

import asyncio
import io
import os
import stat
import wave
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from tests.edges.wyoming_house import PATIENCE, serving
from tests.house import pieces, speaking
from tests.tone import CHARACTER, RATE, ToneEngine, tone
from wyoming_indextts.edges.wyoming import client
from wyoming_indextts.errors import (
    EmotionNotFoundError,
    EngineFailedError,
    SynthesisFailedError,
    VoiceNotFoundError,
)
from wyoming_indextts.say.command import say, speak_here
from wyoming_indextts.say.output import OutputError
from wyoming_indextts.say.player import Player, find_player, played
from wyoming_indextts.say.recording import recorded, streamed
from wyoming_indextts.say.words import whole, written
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.wav import HEAD, wav_head


def program(folder: Path, name: str, script: str) -> Path:
    """Make a stand-in program."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


def seconds(file: Path) -> float:
    with wave.open(str(file)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)
        return float(sound.getnframes() / sound.getframerate())


def is_pipe(place: Path) -> bool:
    return place.is_fifo()


def sizes(folder: Path) -> dict[str, int]:
    """Return the size of each file of a folder."""
    return {file.name: file.stat().st_size for file in folder.iterdir()}


async def test_a_recording_is_a_wav_file(tmp_path: Path) -> None:
    target = tmp_path / "a.wav"
    async with recorded(target) as hear:
        await hear(tone(0.5))
        await hear(tone(0.25))
        assert not target.exists()
    with wave.open(str(target)) as sound:
        assert sound.getframerate() == RATE
        assert sound.readframes(RATE) == tone(0.5).data + tone(0.25).data
    assert sizes(tmp_path).keys() == {"a.wav"}


async def test_a_recording_is_written_as_it_comes(tmp_path: Path) -> None:
    async with recorded(tmp_path / "a.wav") as hear:
        await hear(tone(0.5))
        assert list(sizes(tmp_path).values()) == [HEAD + len(tone(0.5).data)]


async def test_a_recording_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "a.wav"
    target.write_text("old", "utf-8")
    with pytest.raises(SynthesisFailedError):
        async with recorded(target) as hear:
            await hear(tone(0.1))
            raise SynthesisFailedError("in the middle")
    assert target.read_text("utf-8") == "old"
    assert sizes(tmp_path).keys() == {"a.wav"}


async def test_a_recording_follows_a_link_and_keeps_it(tmp_path: Path) -> None:
    link = tmp_path / "link.wav"
    link.symlink_to(tmp_path / "real.wav")
    async with recorded(link) as hear:
        await hear(tone(0.1))
    assert link.is_symlink()
    assert seconds(tmp_path / "real.wav") == pytest.approx(0.1)


@pytest.mark.parametrize("place", ["none/a.wav", "file/a.wav", "."])
async def test_a_place_that_cannot_be_written_is_named(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(OutputError, match=f"^{tmp_path / place} cannot be written: "):
        async with recorded(tmp_path / place) as hear:
            await hear(tone(0.1))


async def test_what_is_no_file_is_written_straight_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with os.fdopen(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), "rb") as reading:
        async with recorded(pipe) as hear:
            await hear(tone(0.1))
        assert len(reading.read()) == HEAD + len(tone(0.1).data)
    assert sizes(tmp_path).keys() == {"pipe"}
    assert is_pipe(pipe)


async def test_a_full_disk_is_an_error() -> None:
    with os.fdopen(os.open("/dev/full", os.O_WRONLY), "wb", buffering=0) as full:
        with pytest.raises(OutputError, match="the output cannot be written: No space left"):
            async with streamed(full) as hear:
                await hear(tone(0.1))


async def test_a_stream_says_that_its_length_is_not_known() -> None:
    sink = io.BytesIO()
    async with streamed(sink) as hear:
        await hear(tone(0.25))
        assert len(sink.getvalue()) == HEAD + len(tone(0.25).data)
    assert sink.getvalue() == wav_head(RATE) + tone(0.25).data


async def test_a_stream_nobody_reads_is_an_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb", buffering=0) as sink:
        with pytest.raises(OutputError, match="Broken pipe"):
            async with streamed(sink) as hear:
                await hear(tone(0.1))


def test_the_first_player_on_the_path_is_taken(tmp_path: Path) -> None:
    assert find_player(str(tmp_path)) is None
    program(tmp_path, "ffplay", "")
    found = program(tmp_path, "aplay", "")
    player = find_player(str(tmp_path))
    assert player == Player("aplay", str(found))
    assert " ".join(player.command(24_000)) == f"{found} -q -t raw -f S16_LE -r 24000 -c 1 -"


async def test_a_player_gets_the_samples_as_they_come(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    aplay = program(tmp_path, "aplay", f'echo "$@" >{tmp_path}/arguments; exec cat >{heard}')
    async with played(Player("aplay", str(aplay))) as hear:
        await hear(tone(0.1))
        async with asyncio.timeout(PATIENCE):
            while not heard.exists() or heard.read_bytes() != tone(0.1).data:
                await asyncio.sleep(0.005)
        await hear(tone(0.2))
    assert heard.read_bytes() == tone(0.1).data + tone(0.2).data
    assert f"-r {RATE}" in (tmp_path / "arguments").read_text("utf-8")


async def test_a_player_that_fails_tells_its_last_words(tmp_path: Path) -> None:
    aplay = program(tmp_path, "aplay", "echo one >&2; echo 'no card' >&2; exit 1")
    with pytest.raises(OutputError, match=r"^aplay cannot play: no card; -o FILE\.wav records$"):
        async with played(Player("aplay", str(aplay))) as hear:
            while True:
                await hear(tone(1.0))


async def test_a_player_is_stopped_when_speech_fails(tmp_path: Path) -> None:
    aplay = program(tmp_path, "aplay", "exec sleep 60")
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(SynthesisFailedError):
            async with played(Player("aplay", str(aplay))) as hear:
                await hear(tone(0.1))
                raise SynthesisFailedError("in the middle")


async def test_text_is_read_while_it_is_written() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream:
        text = written(stream)
        os.write(writing, "早上".encode() + "好".encode()[:2])
        assert await anext(text) == "早上"
        os.write(writing, "好".encode()[2:] + b", \xff")
        assert await anext(text) == "好, \N{REPLACEMENT CHARACTER}"
        os.close(writing)
        assert await anext(text, None) is None


async def test_a_file_can_be_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("一二".encode() + "三".encode()[:1])
    with (tmp_path / "a.txt").open("rb") as stream:
        assert (
            "".join([piece async for piece in written(stream)]) == "一二\N{REPLACEMENT CHARACTER}"
        )


async def test_say_speaks_in_this_process(tmp_path: Path) -> None:
    engine = ToneEngine()
    request = Request("say", voice="bob")
    here = partial(speak_here, speaking(engine))
    await say(whole("hello."), request, here, recorded(tmp_path / "a.wav"))
    assert seconds(tmp_path / "a.wav") == pytest.approx(len("hello.") * CHARACTER)
    assert engine.jobs[0].style.voice == "bob"


class Remembering:
    """Hears sound, and can be waited for."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.changed = asyncio.Event()

    async def hear(self, pcm: Pcm) -> None:
        self.seconds += pcm.seconds
        self.changed.set()


async def test_a_server_speaks_what_is_not_yet_complete() -> None:
    async with serving() as house:
        listener = Remembering()
        more = asyncio.Event()

        async def text() -> AsyncIterator[str]:
            yield "One two. Th"
            await more.wait()
            yield "ree."

        request = Request("say", voice="bob", emotion="happy", intensity=0.5)
        speaking_ = asyncio.create_task(
            client.speak(house.host, house.port, text(), request, listener.hear)
        )
        async with asyncio.timeout(PATIENCE):
            await listener.changed.wait()
            more.set()
            await speaking_
        assert house.engine.said.count("|") == 1
        style = house.engine.jobs[0].style
        assert style.voice == "bob"
        assert style.emotion.weights[0] == pytest.approx(0.5 * 0.9375)
        assert listener.seconds > 10 * CHARACTER


async def test_a_servers_error_keeps_its_code() -> None:
    async with serving() as house:
        request = Request("say", voice="nobody")
        with pytest.raises(VoiceNotFoundError, match="alice, bob"):
            await client.speak(
                house.host, house.port, pieces("Hello."), request, Remembering().hear
            )


async def test_a_server_that_fails_does_not_wait_for_the_text() -> None:
    async with serving() as house:

        async def never() -> AsyncIterator[str]:
            yield "Hello."
            await asyncio.Event().wait()

        request = Request("say", emotion="jolly")
        with pytest.raises(EmotionNotFoundError, match="no emotion is named 'jolly'"):
            async with asyncio.timeout(PATIENCE):
                await client.speak(house.host, house.port, never(), request, Remembering().hear)


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        (b"", EngineFailedError, "hung up before the end"),
        (b'{"type": "synthesize-stopped"}\n', SynthesisFailedError, "gave no sound"),
        (b'{"type": "error", "data": {"text": "odd", "code": "x"}}\n', SynthesisFailedError, "odd"),
    ],
)
async def test_an_answer_that_is_no_speech_is_an_error(
    said: bytes, error: type[Exception], words: str
) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(said)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        with pytest.raises(error, match=words):
            await client.speak(host, port, pieces("Hello."), Request("say"), Remembering().hear)


async def test_what_the_listener_raises_reaches_the_caller() -> None:
    async with serving() as house:

        async def refuse(_: Pcm) -> None:
            raise OutputError("the disk is full")

        with pytest.raises(OutputError, match="the disk is full"):
            await client.speak(house.host, house.port, pieces("Hello."), Request("say"), refuse)
