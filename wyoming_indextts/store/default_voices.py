"""The default voices: made by the embedded one, so that nothing has to be recorded to begin.

They are enrolled like any other, are nobody's, and may be removed: once made, they are not made
again. `.defaults` in the folder of voices says which were.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from wyoming_indextts.speech.clip import Clip
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.store.enrolment import Newcomer, Permission, enrol
from wyoming_indextts.store.writing import VOICES, write_text

SOURCE: Final = "default-voices"
"""What these utterances are called in the speaker."""

MADE: Final = ".defaults"

TEXT: Final = (
    "你好，很高兴认识你，今天我们出去走走吧。"
    "Good morning, it is nice to meet you, I hope you slept well."
)
"""About eight seconds, half in Chinese; each of the many sounds that the model hears helps it."""


@dataclass(frozen=True, slots=True)
class DefaultVoice:
    """Who is made, and the embedded voice that lends its sound and stands in for it."""

    newcomer: Newcomer
    maker: str

    @property
    def name(self) -> str:
        """The new voice's."""
        return self.newcomer.name


DEFAULTS: Final = (
    DefaultVoice(Newcomer("xin", "Xin 欣 · female", "female", stand_in="lan"), "lan"),
    DefaultVoice(Newcomer("shan", "Shan 山 · male", "male", stand_in="yun"), "yun"),
)
"""One of each sex, the first one first; their names are for ever."""


async def make_default_voices(folder: Path, speaker: Speaker) -> None:
    """Make those default voices that never were; half a minute's work at most.

    Raises:
        SpeechError: one cannot be spoken or kept; the next call goes on there.
    """
    made = await asyncio.to_thread(_made, folder)
    for default in DEFAULTS:
        if default.name in made:
            continue
        if not (folder / default.name).exists():
            clip = await _spoken(speaker, default.maker)
            permission = Permission(
                by="nobody",
                statement=f"A synthetic voice, made by the embedded voice {default.maker}.",
                purpose="a voice to begin with",
            )
            await asyncio.to_thread(enrol, folder, default.newcomer, clip, permission)
        made = [*made, default.name]
        await asyncio.to_thread(write_text, folder / MADE, "\n".join(made) + "\n", VOICES)


def _made(folder: Path) -> list[str]:
    """Return the names of those that were made once."""
    try:
        return (folder / MADE).read_text("utf-8").split()
    except OSError:
        return []


async def _spoken(speaker: Speaker, voice: str) -> Clip:
    async def text() -> AsyncGenerator[str, None]:
        yield TEXT

    # All that the stage could change is asked for.
    request = Request(SOURCE, voice=voice, emotion="neutral", intensity=1.0, speed=1.0, volume=1.0)
    async with speaker.speak(text(), request) as frames:
        runs = [np.frombuffer(pcm.data, "<i2") async for pcm in frames]
    return Clip(np.concatenate(runs).astype(np.float32) / 32768.0, speaker.rate)
