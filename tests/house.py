"""A whole house in one block: the real speaker around an engine that speaks in tones."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from tests.tone import RATE
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.deeds import Recorder, unrecorded
from wyoming_indextts.speech.emotion import Presets
from wyoming_indextts.speech.engine import Engine
from wyoming_indextts.speech.lexicon import Lexicon
from wyoming_indextts.speech.normalise import Normaliser
from wyoming_indextts.speech.presets import parse_presets
from wyoming_indextts.speech.runner import Runner
from wyoming_indextts.speech.speaker import Speaker, SpeakerOptions
from wyoming_indextts.speech.stage import Stage
from wyoming_indextts.speech.voices import Voice, Voices

CONFIG: Final = Path(__file__).parents[1] / "config"
"""The configuration that the project ships."""

PRESETS: Final = parse_presets([((CONFIG / "emotions.toml").read_text("utf-8"), "emotions.toml")])


def voices(presets: Presets = PRESETS) -> Voices:
    """Return two voices, `alice` and `bob`; alice is the default, bob is melancholic."""
    languages = ("zh-CN", "en-US")
    alice = Voice("alice", "Alice", languages, "female")
    bob = Voice("bob", "Bob", languages, "male", emotion="melancholic")
    return Voices([alice, bob], presets, default="alice")


def casting() -> Casting:
    """Return a casting with an empty stage, whose presets are its own to change."""
    presets = Presets(tuple(PRESETS))
    known = voices(presets)
    return Casting(known, presets, Stage(known, presets))


@asynccontextmanager
async def speaking(
    engine: Engine,
    *,
    cast: Casting | None = None,
    options: SpeakerOptions | None = None,
    rate: int = RATE,
    record: Recorder = unrecorded,
) -> AsyncGenerator[Speaker, None]:
    """Give a speaker whose engine is `engine`."""
    async with Runner(lambda: engine) as runner:
        normaliser = Normaliser(Lexicon.parse("", "lexicon.toml"))
        cast = cast or casting()
        yield Speaker(runner, cast, normaliser, rate=rate, options=options, record=record)


async def pieces(*texts: str) -> AsyncIterator[str]:
    """Give text piece by piece."""
    for text in texts:
        yield text
