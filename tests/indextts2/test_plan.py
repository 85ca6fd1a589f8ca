"""The plan of chunks, on simulated machines."""

import random
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wyoming_indextts.indextts2.length_regulator import frames_of
from wyoming_indextts.indextts2.mel import HOP, RATE
from wyoming_indextts.indextts2.plan import (
    CONTEXT,
    FIRST,
    HELD,
    ROUNDING,
    Pace,
    Plan,
    Progress,
    lasts,
    wants_chunk,
)
from wyoming_indextts.indextts2.reckoning import SHARING

PROMPT = 258
"""Frames of a prompt of three seconds."""

SENTENCE = 250
"""Codes of five seconds."""

H200 = Pace(code=0.65e-3, flow=60e-6, wave=10e-6)
"""Estimated, as all three: nobody has measured ours on a card yet."""
RTX_3060 = Pace(code=3.6e-3, flow=850e-6, wave=140e-6)
CPU = Pace(code=40e-3, flow=5e-3, wave=2e-3)


@dataclass
class Listener:
    """Plays what arrives at once; `gap` is the silence he heard in the middle."""

    first: float | None = None
    until: float = 0.0
    gap: float = 0.0

    def hear(self, now: float, seconds: float) -> None:
        if self.first is None:
            self.first = self.until = now
        self.gap += max(0.0, now - self.until)
        self.until = max(self.until, now) + seconds


@dataclass
class Speech:
    """A segment of `codes` that is made on a simulated machine."""

    plan: Plan
    codes: int = SENTENCE
    starts: float = 0.0
    prompt: int = PROMPT
    listener: Listener = field(default_factory=Listener)
    done: int = 0
    heard: float = 0.0
    chunks: list[int] = field(default_factory=list)
    due: bool = False

    @property
    def finished(self) -> bool:
        return self.chunks[-1:] == [self.codes]

    def advance(self, now: float, pace: Pace) -> float:
        """Do one step at `now`; return when it has ended."""
        complete = self.done == self.codes
        if not complete and not self.due:
            self.done += 1
            self.due = self.plan.add()
            return now + pace.code
        self.due = False
        frames = frames_of(self.done)
        fresh = frames - frames_of(self.chunks[-1] if self.chunks else 0)
        now += pace.flow * (self.prompt + frames) + pace.wave * (fresh + 40)
        sound = (frames - (0 if complete else HELD + CONTEXT)) * HOP / RATE
        self.listener.hear(now, sound - self.heard)
        self.heard = sound
        self.chunks.append(self.done)
        return now


def planned(pace: Pace, expected: int = SENTENCE) -> Plan:
    return Plan(pace, expected=expected, prompt=PROMPT, speed=1.0)


def spoken(
    pace: Pace, codes: int = SENTENCE, expected: int = SENTENCE, *, slower: float = 1.0
) -> Speech:
    """Return what a plan by `pace` makes of a machine that is in truth so much slower."""
    speech, now = Speech(planned(pace, expected), codes), 0.0
    while not speech.finished:
        now = speech.advance(now, _scaled(pace, slower))
    return speech


def rtf(pace: Pace) -> float:
    frames = frames_of(SENTENCE)
    work = SENTENCE * pace.code + (PROMPT + frames) * pace.flow + frames * pace.wave
    return work / (SENTENCE / 50)


def at_rtf(wanted: float) -> Pace:
    return _scaled(RTX_3060, wanted / rtf(RTX_3060))


def _scaled(pace: Pace, by: float) -> Pace:
    return Pace(pace.code * by, pace.flow * by, pace.wave * by)


def test_a_fast_card_makes_a_small_first_chunk_and_then_few() -> None:
    speech = spoken(H200)
    assert speech.chunks[0] == FIRST
    assert len(speech.chunks) <= 3
    assert speech.listener.first is not None
    assert speech.listener.first < 0.06


def test_a_slow_machine_waits_for_most_of_the_segment() -> None:
    assert spoken(CPU).chunks[0] > 0.8 * SENTENCE


def test_nobody_is_served_just_before_all_is_there() -> None:
    nearly = Progress(SENTENCE - 5, 0, SENTENCE, PROMPT, 1.0, ahead=0.0)
    assert not wants_chunk(nearly, H200)


def test_a_short_segment_is_one_chunk() -> None:
    assert spoken(H200, codes=FIRST - 1, expected=FIRST - 1).chunks == [FIRST - 1]


def test_who_has_sound_left_gets_large_chunks() -> None:
    hearing = Progress(100, FIRST, SENTENCE, PROMPT, 1.0, ahead=0.05)
    assert wants_chunk(hearing, H200)
    assert not wants_chunk(replace(hearing, ahead=5.0), H200)


def test_an_unknown_pace_is_taken_for_fast() -> None:
    assert spoken(Pace()).chunks == [FIRST, SENTENCE]


@pytest.mark.parametrize("factor", [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.0, 1.2])
def test_no_machine_makes_a_gap(factor: float) -> None:
    assert spoken(at_rtf(factor)).listener.gap == 0.0


@pytest.mark.parametrize("factor", [0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2])
def test_a_machine_that_is_a_little_slower_than_it_was_makes_no_gap(factor: float) -> None:
    assert spoken(at_rtf(factor), slower=1.12).listener.gap == 0.0


def test_faster_machines_are_heard_sooner() -> None:
    firsts = [spoken(at_rtf(factor)).listener.first for factor in (0.02, 0.1, 0.3, 0.6, 1.2)]
    assert firsts == sorted(firsts)  # type: ignore[type-var] # all have spoken


@given(
    code=st.floats(1e-4, 0.03),
    flow=st.floats(1e-6, 3e-3),
    wave=st.floats(1e-6, 1e-3),
    expected=st.integers(1, 800),
    part=st.floats(0.3, 1.0),
)
@example(
    code=0.0037553396694530988,
    flow=0.0025190209947361943,
    wave=0.0008707684065689434,
    expected=332,
    part=1.0,
)
@example(
    code=0.0001,
    flow=0.0009336236390300653,
    wave=0.0009336236390300653,
    expected=203,
    part=1.0,
)
def test_what_is_not_longer_than_expected_never_has_a_gap(
    code: float, flow: float, wave: float, expected: int, part: float
) -> None:
    codes = max(1, round(part * expected))
    speech = spoken(Pace(code, flow, wave), codes, expected)
    assert speech.listener.gap == 0.0
    assert sum(speech.chunks[-1:]) == codes


@given(code=st.floats(1e-4, 0.03), flow=st.floats(1e-6, 3e-3), expected=st.integers(25, 800))
def test_the_first_chunk_waits_only_where_it_must(code: float, flow: float, expected: int) -> None:
    pace = Pace(code, flow, 1e-5)
    chunks = spoken(pace, expected, expected).chunks
    for earlier in range(FIRST, min(chunks[0], expected - FIRST)):
        begun = Progress(earlier, 0, expected, PROMPT, 1.0, 0.0).rendered(pace)
        assert begun.ahead <= 0 or not lasts(replace(begun, ahead=begun.ahead - ROUNDING), pace)


@pytest.mark.parametrize("seed", range(20))
def test_listeners_who_come_at_random_to_a_fast_machine_hear_no_gap(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a simulation
    speeches = []
    for _ in range(6):
        codes = chance.randint(30, 400)
        plan = planned(H200.shared(SHARING), codes)
        speeches.append(Speech(plan, codes, starts=chance.uniform(0.0, 6.0)))
    now = 0.0
    while active := [one for one in speeches if not one.finished]:
        here = [one for one in active if one.starts <= now]
        if not here:
            now = min(one.starts for one in active)
            continue
        urgent = min(here, key=lambda one: one.listener.until or one.starts)
        now = urgent.advance(now, H200)
    assert [one.listener.gap for one in speeches] == [0.0] * len(speeches)
