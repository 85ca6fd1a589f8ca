"""The whole server at a real broker: an announcement is heard in words, an emotion in the voice."""

import asyncio
import shutil
from functools import partial
from pathlib import Path
from typing import Any

from tests.edges.mqtt_broker import broker, guest
from tests.edges.snd_service import snd_service
from tests.judge import measures
from tests.judge.verdict import Judge
from tests.program import served
from wyoming_indextts.speech.audio import BYTES_PER_SAMPLE, Pcm
from wyoming_indextts.speech.chime import SECONDS
from wyoming_indextts.speech.performance import BREATH

TOPIC = "wyoming-indextts/NODE/announce/set"

MESSAGE = '{"message":"洗衣机洗好了","emotion":"happy","targets":["kitchen"]}'


Told = dict[str, Any]


def shows(emotion: str, state: Told) -> bool:
    return bool(state["emotion"] == emotion)


async def publish(port: int, topic: str, message: str) -> None:
    program = shutil.which("mosquitto_pub")
    assert program
    where = ("-h", "127.0.0.1", "-p", str(port), "-t", topic.replace("NODE", "hall"))
    process = await asyncio.create_subprocess_exec(program, *where, "-m", message)
    assert await process.wait() == 0


def after_the_chime(sound: Pcm) -> Pcm:
    before = BYTES_PER_SAMPLE * (round(SECONDS * sound.rate) + round(BREATH * sound.rate))
    return Pcm(sound.data[before:], sound.rate)


async def test_an_announcement_is_heard_in_words_and_an_emotion_in_the_voice(
    judge: Judge, kept: Path, tmp_path: Path
) -> None:
    async with broker(tmp_path) as there, snd_service() as service, guest(there.port) as other:
        config = tmp_path / "settings.toml"
        config.write_text(
            f'[announce.targets]\nkitchen = {{ snd = "tcp://127.0.0.1:{service.port}" }}\n'
            f'[mqtt]\nhost = "127.0.0.1"\nport = {there.port}\nnode = "hall"\n',
            "utf-8",
        )
        async with served(kept, tmp_path / "data", "--config", str(config)):
            await other.until("wyoming-indextts/hall/status", lambda word: word == "online")
            await publish(there.port, TOPIC, MESSAGE)
            done = ("finished", "failed", "rejected")
            event = "wyoming-indextts/hall/event"

            async def ended(count: int) -> Told:
                def last(told: Told) -> bool:
                    return "announcement" in told and told["event_type"] in done

                found: list[Told] = []
                async with asyncio.timeout(60):
                    while len(found) < count:
                        await asyncio.sleep(0.02)
                        found = [told for told in other.on(event) if last(told)]
                return found[-1]

            told = await ended(1)
            assert (told["event_type"], told["target"]) == ("finished", "kitchen")
            pitches = []
            for count, emotion in enumerate(("sad", "surprised"), start=2):
                state = "wyoming-indextts/hall/state"
                before = len(other.on(state))
                await publish(there.port, "wyoming-indextts/NODE/emotion/set", emotion)
                await other.until(state, partial(shows, emotion), since=before)
                await publish(there.port, TOPIC, '{"message":"洗衣机洗好了","chime":false}')
                await ended(count)
                pitches.append(measures.pitch(service.heard[-1].sound))
        words = after_the_chime(service.heard[0].sound)
        verdict = judge.verdict(words, "洗衣机洗好了", "zh", reference=words)
        assert not verdict.faults, verdict
        sad, surprised = pitches
        assert surprised > 1.1 * sad
