"""A gateway as a user runs it: the whole program, and another that speaks for it."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from wyoming.event import Event
from wyoming.tts import Synthesize, SynthesizeVoice

from tests.edges.wyoming_house import answer, sound, stream
from tests.house import PRESETS, pieces
from tests.program import Served, served
from tests.remote.far_side import TOKEN, Far, far_side, free_port, program
from tests.remote.fingerprint import RATE
from tests.remote.test_runner import until
from wyoming_indextts import app
from wyoming_indextts.cli import main
from wyoming_indextts.edges.wyoming.server import WyomingServer
from wyoming_indextts.errors import EngineFailedError
from wyoming_indextts.settings import Settings
from wyoming_indextts.speech.emotion import Preset
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.speech.voices import Voice

TEXT = "It is 21.5 °C [sad] in the kitchen. 洗衣机洗好了。 <break time='200ms'/> Good night!"
"""Numbers, an emotion, two languages: everything that must be understood once and not twice."""


@asynccontextmanager
async def gateway(kept: Path, data: Path, url: str, **env: str) -> AsyncGenerator[Served, None]:
    patient = "3"  # with a busy machine, on which the far side may look dead for a moment
    ours = {"TOKEN": TOKEN, "SILENCE": patient}
    env = {f"WYOMING_INDEXTTS_REMOTE__{name}": value for name, value in ours.items()} | env
    async with served(kept, data, "--remote", url, **env) as server:
        yield server


async def far_side_is_there(server: Served) -> None:
    """Wait until it has been there once; that may be before the gateway was ready."""
    if not any("is there: wyoming-indextts" in line for line in server.log):
        await server.until("is there: wyoming-indextts")


async def said(server: Served, text: str, voice: str | None = None) -> list[Event]:
    """Return the events of one answer; it takes the embedded voice a while on a busy machine."""
    async with server.client() as client:
        wanted = SynthesizeVoice(voice) if voice else None
        await client.write_event(Synthesize(text, voice=wanted).event())
        events: list[Event] = []
        while not events or events[-1].type not in {"audio-stop", "error"}:
            event = await client.read_event()
            assert event is not None
            events.append(event)
        return events


async def names(server: Served) -> list[str]:
    async with server.client() as client:
        await client.write_event(Event("describe"))
        info = await client.read_event()
        assert info is not None
        return [voice["name"] for voice in info.data["tts"][0]["voices"]]


@asynccontextmanager
async def asked_directly(far: Far) -> AsyncGenerator[Served, None]:
    """Give the far side's own Wyoming server."""
    server = WyomingServer(far.speaker, far.cast.voices, far.cast.presets)
    async with server.listen("127.0.0.1", 0) as ((host, port),):
        yield Served(None, host, port)  # type: ignore[arg-type]


async def test_the_samples_are_those_that_the_far_side_gives_when_it_is_asked_directly(
    kept: Path, tmp_path: Path
) -> None:
    async with (
        far_side() as far,
        asked_directly(far) as direct,
        gateway(kept, tmp_path, far.url) as through,
    ):
        await far_side_is_there(through)
        for voice in ("alice", "bob", "alice-happy", "bob-melancholic"):
            own, passed_on = await said(direct, TEXT, voice), await said(through, TEXT, voice)
            assert sound(own) == sound(passed_on)
            assert len(sound(own)) > 2 * RATE
            assert passed_on[0].data["rate"] == RATE
        async with direct.client() as here, through.client() as there:
            for client in (here, there):
                await stream(client, "One. Tw", "o, three. ", "Four")
            assert sound(await answer(here)) == sound(await answer(there))
        assert (await names(through))[:2] == ["alice", "alice-neutral"]
        await offers_follow_the_far_side(far, through)
        await who_leaves_costs_the_far_side_nothing_more(far, through)


async def who_leaves_costs_the_far_side_nothing_more(far: Far, through: Served) -> None:
    """A listener who hangs up at the gateway ends the work at the far side."""
    far.engine.pace = 0.02
    async with through.client() as client:
        await client.write_event(Synthesize("x" * 500 + ".").event())
        while far.engine.jobs[-1].phrases[0].text[0] != "x":
            await asyncio.sleep(0.01)
    async with asyncio.timeout(5):
        while far.speaker.live:
            await asyncio.sleep(0.01)


async def offers_follow_the_far_side(far: Far, through: Served) -> None:
    """A voice and an emotion that come to the far side are spoken through the gateway at once."""
    jolly = Preset("jolly", "欢快", (0.5, 0, 0, 0, 0, 0, 0, 0), speed=1.25)
    carol = Voice("carol", "Carol", ("en-GB",), "female", emotion="jolly", stand_in="alice")
    far.cast.voices.replace([*far.cast.voices, carol], [*PRESETS, jolly])
    async with asyncio.timeout(10):
        while "carol-jolly" not in await names(through):
            await asyncio.sleep(0.02)
    await said(through, "Hello.", "carol")
    style = far.engine.jobs[-1].style
    assert (style.voice, style.speed) == ("carol", 1.25)
    assert style.emotion.weights[0] == 0.5 * 0.9375  # biased once


async def test_while_the_far_side_is_away_the_embedded_voice_speaks_and_its_voices_stay(
    kept: Path, tmp_path: Path
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with gateway(kept, tmp_path, url) as house:
        assert "alice" not in await names(house)
        async with program(port) as process:
            await house.until("the far side at", "is there")
            assert len(sound(await said(house, "Hello.", "alice"))) == 6 * 2 * 1500
            os.kill(process.pid, signal.SIGSTOP)  # as a machine that has fallen asleep
            spoken = await said(house, "Hello.", "alice")
            assert 0.3 < len(sound(spoken)) / 2 / RATE < 3
            assert len(sound(spoken)) != 6 * 2 * 1500
            assert spoken[0].data["rate"] == RATE
        lost = await house.until("the far side at", "is not there")
        assert TOKEN not in "".join([*house.log, lost])
        async with program(port):
            await house.until("the far side at", "is there")
            assert len(sound(await said(house, "Hello.", "alice"))) == 6 * 2 * 1500
    assert json.loads((tmp_path / "remote.json").read_text("utf-8"))["house"]["default"] == "alice"
    assert TOKEN not in (tmp_path / "remote.json").read_text("utf-8")


async def test_without_fallback_whoever_asks_while_it_is_away_is_told(tmp_path: Path) -> None:
    async with far_side() as far:
        remote = {"url": far.url, "token": TOKEN, "fallback": False}
        named = {"data_dir": tmp_path, "cache_dir": tmp_path, "remote": remote}
        async with app.inhabited(Settings.model_validate(named), apart=True) as house:
            async with asyncio.timeout(10):
                await until(lambda: "alice" in house.casting.voices)
            assert await spoken(house.speaker) == 6 * 2 * 1500
            await far.down()
            with pytest.raises(EngineFailedError, match="the far side is "):
                await spoken(house.speaker)
            await until(lambda: not house.runner.ready)
            with pytest.raises(EngineFailedError, match="the far side is not there"):
                await spoken(house.speaker)
            assert not house.runner.busy


async def spoken(speaker: Speaker) -> int:
    """Return the bytes of sound that a sentence has in the voice of the far side."""
    async with speaker.speak(pieces("Hello."), Request("test", voice="alice")) as runs:
        return sum([len(pcm.data) async for pcm in runs])


async def test_say_has_the_far_side_speak_without_a_server(kept: Path, tmp_path: Path) -> None:
    async with far_side() as far:
        target = tmp_path / "a.wav"
        token = tmp_path / "token"
        token.write_text(TOKEN)
        settings = tmp_path / "settings.toml"
        settings.write_text(f'[remote]\nurl = "{far.url}"\ntoken_file = "{token}"\n')
        command = ["say", "Hello.", "--voice", "bob", "-o", str(target), "--config", str(settings),
                   "--cache-dir", str(kept), "--data-dir", str(tmp_path)]  # fmt: skip
        assert await asyncio.to_thread(main, command) == 0
        assert far.engine.said == "Hello."
