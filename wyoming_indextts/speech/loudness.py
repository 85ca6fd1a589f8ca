"""A fixed gain on a stream of sound; what would be too loud is held down without an edge."""

from collections.abc import AsyncGenerator, AsyncIterator

import numpy as np

from wyoming_indextts.speech.audio import FULL_SCALE, Limiter, Pcm, Samples, decibels, pcm


def amplified(run: Pcm, factor: float) -> Pcm:
    """Return one whole sound times `factor`; what is over full scale is clipped."""
    return pcm(_floats(run) * np.float32(factor), run.rate)


async def with_gain(sound: AsyncIterator[Pcm], gain: float) -> AsyncGenerator[Pcm, None]:
    """Yield `sound` louder by `gain` dB, as long as before; with 0 dB it passes bit for bit."""
    if not gain:
        async for run in sound:
            yield run
        return
    factor = np.float32(decibels(gain))
    limiter: Limiter | None = None
    rate = 0
    async for run in sound:
        rate = run.rate
        limiter = limiter or Limiter(rate)
        given = limiter.feed(_floats(run) * factor)
        if len(given):
            yield pcm(given, rate)
    if limiter:
        yield pcm(limiter.flush(), rate)


def _floats(run: Pcm) -> Samples:
    return np.frombuffer(run.data, "<i2").astype(np.float32) / np.float32(FULL_SCALE)
