"""The pace that is learned from the steps of a segment."""

from dataclasses import replace

from wyoming_indextts.indextts2.plan import Pace
from wyoming_indextts.indextts2.work import Stopwatch, Work

STEPS = 5


def test_the_pace_is_the_median_of_each_kind_of_step() -> None:
    watch, begun = Stopwatch(STEPS), Work(passes=1)
    for milliseconds in (30, 40, 900):
        watch.add(begun, replace(begun, passes=2), milliseconds / 1000)
    watch.add(begun, replace(begun, frame_steps=100), 0.2)
    watch.add(begun, replace(begun, waves=50, given=40), 0.1)
    assert watch.pace == Pace(code=0.04, flow=0.002 * STEPS, wave=0.002)


def test_the_text_and_mixed_steps_do_not_count() -> None:
    watch = Stopwatch(STEPS)
    watch.add(Work(), Work(passes=1), 3.0)  # reads the text
    watch.add(Work(passes=7), Work(passes=8, frame_steps=100), 3.0)
    watch.add(Work(), Work(frame_steps=100, waves=50), 3.0)
    assert watch.pace == Pace()
