"""What follows from a machine's speed: how sentences are made there, and what listeners get.

Pure arithmetic over `plan`, no clock and no card: so a card that nobody has can be reckoned with.
"""

import math
from itertools import product
from typing import Final

from wyoming_indextts.indextts2.length_regulator import frames_of
from wyoming_indextts.indextts2.mel import HOP, RATE
from wyoming_indextts.indextts2.plan import CONTEXT, HEADROOM, HELD, Pace, Plan
from wyoming_indextts.indextts2.speed_file import Forecast, Speed, Way

SENTENCE: Final = 250
"""Codes of a sentence of five seconds."""

SHARING: Final = 2
"""Jobs that a plan reckons with: another listener may have half of the machine."""

STEPS: Final = (25, 16, 10)
"""Of the flow, the most exact first."""

PROMPTS: Final = (6.0, 4.5, 3.0)
"""Seconds of a prompt at most, the most exact first."""

SOON: Final = 1.0
"""Seconds in which the first sound is to come, with half of the machine for another listener."""

NEAR: Final = (1 / 1.3, 1 / 1.2, 1 / 1.1, 1.1, 1.2, 1.3)
"""Factors on a measured speed within which a machine is taken for the same as before."""

MOST: Final = 999
"""Listeners that are counted; a speed that is not known is taken for this fast."""


def pace_of(speed: Speed, steps: int) -> Pace:
    """Return the pace of a plan in so many steps of the flow."""
    return Pace(speed.code, speed.frame_step * steps, speed.wave)


def speed_of(pace: Pace, steps: int) -> Speed:
    """Return the speed that was measured as a pace in so many steps."""
    return Speed(pace.code, pace.flow / steps, pace.wave)


def forecast(speed: Speed, way: Way) -> Forecast:
    """Return what a sentence of five seconds takes, cut as the engine would cut it."""
    pace, prompt = pace_of(speed, way.steps), way.prompt * RATE / HOP
    frames, seconds = frames_of(SENTENCE), frames_of(SENTENCE) * HOP / RATE
    whole = SENTENCE * pace.code + (prompt + frames) * pace.flow + frames * pace.wave
    planned = pace.shared(SHARING)
    plan = Plan(planned, expected=SENTENCE, prompt=round(prompt), speed=1.0)
    cuts = [code for code in range(1, SENTENCE + 1) if plan.add() and code < SENTENCE]
    cuts.append(SENTENCE)
    streamed, before, first = 0.0, 0, math.inf
    for cut in cuts:
        fresh = frames_of(cut) - frames_of(before) + (HELD + 2 * CONTEXT if len(cuts) > 1 else 0)
        streamed += (cut - before) * pace.code
        streamed += (prompt + frames_of(cut)) * pace.flow + fresh * pace.wave
        first, before = min(first, streamed), cut
    load = HEADROOM * streamed / seconds
    listeners = min(MOST, math.floor(1 / load)) if load > 0 else MOST
    return Forecast(whole / seconds, streamed / seconds, first, listeners)


def choose(
    speed: Speed,
    *,
    steps: int | None = None,
    prompt: float | None = None,
    before: Way | None = None,
) -> Way:
    """Return the most exact way that keeps up with a listener, the first sound coming soon.

    Steps are kept sooner than seconds of the prompt; a machine without such a way takes the
    quickest.

    Args:
        speed: The machine's.
        steps: Fixed steps; None leaves them open.
        prompt: Fixed seconds of the prompt; None leaves them open.
        before: The way chosen last time, for this machine and model. Its prompt stays, as another
            has to be made of every voice; its steps do while the machine is about as fast, as a
            measurement is never quite the last one.
    """
    if prompt is None and before is not None and before.prompt in PROMPTS:
        prompt = before.prompt
    now = _chosen(speed, steps, prompt)
    if before is not None and now != before:
        near = (_chosen(speed.scaled(by), steps, prompt) for by in NEAR)
        if before in near:
            return before
    return now


def _chosen(speed: Speed, steps: int | None, prompt: float | None) -> Way:
    lengths = PROMPTS if prompt is None else (prompt,)
    ways = [Way(*way) for way in product(STEPS if steps is None else (steps,), lengths)]
    for way in ways:
        cast = forecast(speed, way)
        if cast.listeners and cast.first <= SOON:
            return way
    return ways[-1]
