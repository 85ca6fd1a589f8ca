"""What follows from a machine's speed, on machines that nobody here has."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.indextts2 import test_plan as simulated
from wyoming_indextts.indextts2.plan import Pace, Plan
from wyoming_indextts.indextts2.reckoning import (
    PROMPTS,
    SENTENCE,
    SHARING,
    SOON,
    STEPS,
    choose,
    forecast,
    pace_of,
    speed_of,
)
from wyoming_indextts.indextts2.speed_file import Speed, Way

H200 = Speed(0.65e-3, 2.4e-6, 10e-6)
"""Estimated from shapes and data sheets, as the three that follow: nobody has measured ours."""
RTX_4090 = Speed(1.3e-3, 7.5e-6, 20e-6)
RTX_4060 = Speed(4.1e-3, 38e-6, 110e-6)
RTX_3060 = Speed(3.6e-3, 34e-6, 140e-6)
OLD_CARD = Speed(9e-3, 110e-6, 400e-6)
SLOW_CARD = Speed(12e-3, 200e-6, 800e-6)
TWO_CORES = Speed(0.12, 5.5e-3, 4e-3)

MACHINES = {
    "H200": (H200, Way(25, 6.0), 8),
    "4090": (RTX_4090, Way(25, 6.0), 3),
    "4060": (RTX_4060, Way(16, 6.0), 1),
    "3060": (RTX_3060, Way(25, 3.0), 1),
    "an old card": (OLD_CARD, Way(10, 3.0), 1),
    "two CPU cores": (TWO_CORES, Way(10, 3.0), 0),
}
"""By name: its speed, the way chosen for it, and how many listeners it has at least."""


@pytest.mark.parametrize("name", MACHINES)
def test_each_machine_gets_the_most_exact_way_it_can_follow(name: str) -> None:
    speed, way, listeners = MACHINES[name]
    chosen = choose(speed)
    assert (chosen, forecast(speed, chosen).listeners >= listeners) == (way, True)


@pytest.mark.parametrize("name", MACHINES)
def test_on_no_machine_is_there_a_gap_in_the_way_that_was_chosen(name: str) -> None:
    """By the simulator that the plan is tested with; it also hears the first sound as foretold."""
    speed, way, _ = MACHINES[name]
    pace = pace_of(speed, way.steps)
    prompt = round(way.prompt * 22050 / 256)
    plan = Plan(pace.shared(SHARING), expected=SENTENCE, prompt=prompt, speed=1.0)
    speech, now = simulated.Speech(plan, SENTENCE, prompt=prompt), 0.0
    while not speech.finished:
        now = speech.advance(now, pace)
    assert speech.listener.gap == 0.0
    assert speech.listener.first == pytest.approx(forecast(speed, way).first, rel=0.05, abs=0.01)


def test_a_machine_without_a_card_says_that_it_cannot_follow() -> None:
    cast = forecast(TWO_CORES, choose(TWO_CORES))
    assert cast.listeners == 0
    assert cast.first > 5.0 * cast.whole * 0.9


def test_what_is_fixed_is_not_chosen() -> None:
    assert choose(SLOW_CARD, steps=25).steps == 25
    assert choose(SLOW_CARD, prompt=15.0).prompt == 15.0
    assert choose(TWO_CORES, steps=16, prompt=5.0) == Way(16, 5.0)


def test_a_machine_whose_speed_is_not_known_is_taken_for_fast() -> None:
    assert choose(Speed(0.0, 0.0, 0.0)) == Way(25, 6.0)


def test_a_measurement_that_is_a_little_off_changes_nothing() -> None:
    """Else the same card would enrol every voice again at every other start."""
    way = choose(RTX_3060)
    slower = RTX_3060.scaled(1.25)
    assert choose(slower) != way
    assert choose(slower, before=way) == way
    assert choose(RTX_3060.scaled(3.0), before=way) == choose(RTX_3060.scaled(3.0))


@pytest.mark.parametrize("speed", MACHINES.values())
@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_prompt_stays_however_busy_the_machine_is_at_another_start(
    speed: tuple[Speed, Way, int], prompt: float
) -> None:
    """Else every voice would be enrolled again; the steps follow the speed, and cost nothing."""
    chosen = choose(speed[0], before=Way(25, prompt))
    assert chosen.prompt == prompt
    assert chosen == choose(speed[0], prompt=prompt, before=Way(25, prompt))


def test_a_prompt_that_only_a_setting_had_does_not_stay() -> None:
    assert choose(H200, before=Way(25, 15.0)).prompt == 6.0


def test_what_was_chosen_before_does_not_stay_against_the_settings() -> None:
    assert choose(H200, steps=10, before=Way(25, 6.0)).steps == 10


def test_a_pace_and_a_speed_are_the_same_measurement() -> None:
    pace = Pace(1e-3, 25e-6, 2e-6)
    assert speed_of(pace, 25).frame_step == pytest.approx(1e-6)
    again = pace_of(speed_of(pace, 25), 25)
    assert (again.code, again.flow, again.wave) == pytest.approx((1e-3, 25e-6, 2e-6))


@given(code=st.floats(1e-5, 0.2), frame_step=st.floats(1e-8, 1e-2), wave=st.floats(1e-7, 1e-2))
def test_any_machine_is_soon_heard_or_as_quick_as_it_can_be(
    code: float, frame_step: float, wave: float
) -> None:
    speed = Speed(code, frame_step, wave)
    way = choose(speed)
    assert (way.steps, way.prompt) in product(STEPS, PROMPTS)
    cast = forecast(speed, way)
    if way != Way(STEPS[-1], PROMPTS[-1]):
        assert cast.listeners >= 1
        assert cast.first <= SOON
    assert forecast(speed, replace(way, steps=way.steps + 5)).whole > cast.whole
