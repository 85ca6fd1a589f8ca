"""`say`: text in, sound out, through a server or without one."""

from collections.abc import AsyncIterable, Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from wyoming_indextts.say.output import Hear, Output
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.speaker import Speaker

Speak = Callable[[AsyncIterable[str], Request, Hear], Awaitable[None]]
"""Speaks a text as it arrives; returns when all its sound was heard."""


async def say(text: AsyncIterable[str], request: Request, speak: Speak, output: Output) -> None:
    """Speak `text` into `output`.

    Raises:
        SpeechError: it cannot be spoken.
        OutputError: the sound cannot be delivered.
    """
    async with output as hear:
        await speak(text, request, hear)


async def speak_here(
    speaking: AbstractAsyncContextManager[Speaker],
    text: AsyncIterable[str],
    request: Request,
    hear: Hear,
) -> None:
    """Speak without a server, in this process."""
    async with speaking as speaker, speaker.speak(text, request) as frames:
        async for pcm in frames:
            await hear(pcm)
