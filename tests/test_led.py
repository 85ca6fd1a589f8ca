"""The server with IndexTTS2 as its lead: real processes, a small model of random weights."""

import asyncio
import os
import re
import shutil
import signal
import wave
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from wyoming.event import Event
from wyoming.tts import Synthesize, SynthesizeVoice

from tests.indextts2 import patched
from tests.program import Served, served
from tests.store.hub import standing_in
from tests.store.newcomers import add
from wyoming_indextts.cli import main
from wyoming_indextts.indextts2.options import RATE
from wyoming_indextts.indextts2.plan import FIRST
from wyoming_indextts.speech.clip import loudness
from wyoming_indextts.store.enrolment import clip_of
from wyoming_indextts.store.voices import read_voices
from wyoming_indextts.store.weights import MODELS

HELLO = "Hello, the light is on."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, kept: Path) -> Path:
    """Return a weights folder with a small model, and the embedded voice prepared."""
    folder = patched.well_behaved(tmp_path_factory.mktemp("weights"))
    (kept / "kokoro").mkdir(exist_ok=True)
    (folder / "kokoro").symlink_to(kept / "kokoro")
    return folder


@dataclass(frozen=True, slots=True)
class Lived:
    """What a first start has left: its data folder, its log, its voices, how long each spoke."""

    data: Path
    log: list[str]
    voices: list[str]
    spoke: list[float]

    def copy(self, data: Path) -> Path:
        """Copy the data to another folder, so that nothing is enrolled again; return it."""
        return shutil.copytree(self.data, data, dirs_exist_ok=True)


@pytest.fixture(scope="module")
def lived(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """Return what a house looks like after its first start, in which it had a voice of its own."""
    data = tmp_path_factory.mktemp("lived")
    add(data / "voices", "mum")

    async def first_start() -> Lived:
        async with led(folder, data) as server:
            await server.seen("IndexTTS2 is loaded")
            while not {"xin", "shan"} <= set(await voices_of(server)):
                await asyncio.sleep(0.2)
            spoke = [seconds(await said(server, HELLO, name)) for name in ("mum", "shan", "xin")]
            voices = await voices_of(server)
            server.process.send_signal(signal.SIGTERM)
            return Lived(data, (await server.end()).splitlines(), voices, spoke)

    return asyncio.run(first_start())


@asynccontextmanager
async def led(
    folder: Path, data: Path, *arguments: str, **environment: str
) -> AsyncGenerator[Served, None]:
    arguments = ("--engine", "indextts2", *arguments)
    async with served(folder, data, *arguments, **environment) as server:
        yield server


async def said(server: Served, text: str, voice: str) -> list[Event]:
    """Return the events of one answer."""
    async with server.client() as client:
        await client.write_event(Synthesize(text, voice=SynthesizeVoice(voice)).event())
        events: list[Event] = []
        while not events or events[-1].type not in {"audio-stop", "error"}:
            event = await client.read_event()
            assert event is not None
            events.append(event)
        return events


def seconds(events: list[Event]) -> float:
    """Return how long an answer sounds, after a look at its form."""
    start, *chunks, stop = events
    assert (start.type, stop.type) == ("audio-start", "audio-stop")
    for event in (start, *chunks):
        assert (event.data["rate"], event.data["width"], event.data["channels"]) == (RATE, 2, 1)
    return sum(len(chunk.payload or b"") for chunk in chunks) / 2 / RATE


async def voices_of(server: Served) -> list[str]:
    async with server.client() as client:
        await client.write_event(Event("describe"))
        info = await client.read_event()
        assert info is not None
        return [
            voice["name"] for voice in info.data["tts"][0]["voices"] if "-" not in voice["name"]
        ]


async def test_a_cloned_voice_is_spoken_by_the_model_and_the_others_by_their_own(
    folder: Path, lived: Lived, tmp_path: Path
) -> None:
    async with led(folder, lived.copy(tmp_path)) as server:
        await server.seen("IndexTTS2 is loaded")
        assert 0.2 < seconds(await said(server, HELLO, "mum")) < 6.0
        assert 0.8 < seconds(await said(server, HELLO, "lan")) < 4.0
        assert (await voices_of(server))[0] == "mum"
    assert not any("enrolling" in line for line in server.log), "that was done once"


def test_the_first_start_makes_two_voices_to_begin_with(lived: Lived) -> None:
    assert lived.voices[:3] == ["mum", "shan", "xin"]
    for name in lived.voices[:3]:
        assert any(f"enrolling the voice {name}, once" in line for line in lived.log)
        assert list((lived.data / "voices" / name / "prompts").iterdir())
    assert all(0.05 < spoke < 6.0 for spoke in lived.spoke)


def test_the_voices_to_begin_with_have_clips_that_a_voice_can_be_known_by(lived: Lived) -> None:
    made = {voice.name: voice for voice in read_voices(lived.data / "voices").voices}
    for name in ("shan", "xin"):
        clip = clip_of(made[name])
        assert 6 < clip.seconds < 12
        level = loudness(clip)
        assert np.mean(level > 0.03 * level.max()) > 0.5


@pytest.mark.parametrize("moment", ["while it loads", "while it speaks"])
async def test_when_the_model_is_killed_the_house_is_not_silent(
    folder: Path, lived: Lived, tmp_path: Path, moment: str
) -> None:
    async with led(folder, lived.copy(tmp_path)) as server:
        embedded, lead = server.engines
        if moment == "while it speaks":
            await server.seen("IndexTTS2 is loaded")
        os.kill(lead, signal.SIGKILL)
        assert seconds(await said(server, HELLO, "mum")) > 0.2
        assert embedded in server.engines
        await server.until("IndexTTS2 is loaded")
        assert seconds(await said(server, HELLO, "mum")) > 0.2


async def test_weights_that_are_not_there_leave_the_embedded_voice(
    kept: Path, tmp_path: Path
) -> None:
    add(tmp_path / "voices", "mum")
    async with led(kept, tmp_path) as server:
        assert 0.8 < seconds(await said(server, HELLO, "mum")) < 4.0
        assert not any("Traceback" in line for line in server.log)


def with_a_damaged_file(folder: Path, weights: Path) -> Path:
    """Return a weights folder that differs from `folder` in the end of one file."""
    weights.mkdir()
    for file in folder.iterdir():
        (weights / file.name).symlink_to(file)
    (weights / "gpt.pth").unlink()
    (weights / "gpt.pth").write_bytes((folder / "gpt.pth").read_bytes()[:-1000])
    return weights


async def test_a_file_that_is_damaged_is_named_and_the_embedded_voice_speaks(
    folder: Path, tmp_path: Path
) -> None:
    weights = with_a_damaged_file(folder, tmp_path / "weights")
    add(tmp_path / "voices", "mum")
    async with led(weights, tmp_path) as server:
        line = await server.until("IndexTTS2 cannot be loaded")
        assert "gpt.pth" in line
        assert "wyoming-indextts download indextts2" in line
        assert 0.8 < seconds(await said(server, HELLO, "mum")) < 4.0


async def test_weights_are_downloaded_while_the_embedded_voice_speaks(
    folder: Path, lived: Lived, kept: Path, tmp_path: Path
) -> None:
    data, weights = lived.copy(tmp_path / "data"), tmp_path / "weights"
    (weights / "kokoro").parent.mkdir()
    (weights / "kokoro").symlink_to(kept / "kokoro")
    with standing_in(on_the_hub(folder)) as hub:
        arguments = ("--engine", "indextts2", "--accept-licence")
        async with served(weights, data, *arguments, HF_ENDPOINT=hub.url) as server:
            assert 0.8 < seconds(await said(server, HELLO, "mum")) < 4.0
            await server.until("IndexTTS2 is loaded")
            assert seconds(await said(server, HELLO, "mum")) > 0.2


def on_the_hub(folder: Path) -> dict[str, bytes]:
    """Return the model's files by the names that the hub has them under."""
    return {
        f"{file.repository}/{file.name}": (folder / file.place).read_bytes()
        for file in MODELS["indextts2"]
    }


async def test_say_without_a_server_waits_for_the_model(folder: Path, tmp_path: Path) -> None:
    add(tmp_path / "voices", "mum")
    target = tmp_path / "a.wav"
    command = ["say", HELLO, "--voice", "mum", "--engine", "indextts2", "-o", str(target)]
    folders = ["--cache-dir", str(folder), "--data-dir", str(tmp_path)]
    assert await asyncio.to_thread(main, [*command, *folders]) == 0
    with wave.open(str(target)) as sound:
        assert sound.getframerate() == RATE
        assert sound.getnframes() > 0.2 * RATE
    assert list((tmp_path / "voices" / "mum" / "prompts").iterdir())


@pytest.mark.alone  # with a busy machine whole segments are made: the plan goes by its pace
async def test_four_listeners_hear_the_model_while_it_still_decodes(
    folder: Path, lived: Lived, tmp_path: Path
) -> None:
    texts = (
        "The light is off.",
        "The door is open.",
        "It is cold today.",
        "Somebody rang the bell.",
    )
    fast = {"WYOMING_INDEXTTS_INDEXTTS2__STEPS": "1"}  # a slow machine makes whole segments
    async with led(folder, lived.copy(tmp_path), "--debug", **fast) as server:
        await server.seen("IndexTTS2 is loaded")
        answers = await asyncio.gather(*(said(server, text, "mum") for text in texts))
        counts = [await server.until("passes_at_first=") for _ in texts]
    assert all(0.2 < seconds(answer) < 6.0 for answer in answers)
    numbers = (re.findall(r"passes(?:_at_first)?=(\d+)", line) for line in counts)
    decoded = [(int(first), int(passes)) for passes, first in numbers]
    long = [(first, passes) for first, passes in decoded if passes > 3 * FIRST]
    assert len(long) >= 3, decoded
    assert all(first < passes / 2 for first, passes in long), decoded
