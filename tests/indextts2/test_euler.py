"""Steps of several walks in one run: each goes its own way, whoever goes beside it."""

from collections.abc import Iterator, Sequence

import pytest
import torch
from torch import Tensor

from tests.indextts2.golden import largest_error, read_golden
from tests.indextts2.test_flow import SHIPPED, TOLERANCE, made, weights_of
from tests.indextts2.test_graphs import Calling
from wyoming_indextts.indextts2.clock import Schedule, even_times
from wyoming_indextts.indextts2.dit import Flow
from wyoming_indextts.indextts2.euler import FRAMES, GRAIN, Euler
from wyoming_indextts.indextts2.flow import Walk, advance, begin
from wyoming_indextts.indextts2.graphs import Graphs

STEPS = 3
GUIDANCE = 0.7


@pytest.fixture(scope="module")
def flow() -> Flow:
    return made(SHIPPED, weights_of(read_golden("flow"), "shipped"))


@pytest.fixture(scope="module")
def schedule(flow: Flow) -> Schedule:
    with torch.inference_mode():
        found: Schedule = flow.clock(even_times(STEPS))
    return found


def walk(flow: Flow, prompt: int, frames: int, *, seed: int = 0) -> Walk:
    source = torch.Generator().manual_seed(seed)

    def drawn(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=source)

    noise, condition = drawn(1, 80, prompt + frames), drawn(1, prompt + frames, 48)
    return begin(flow.dit, noise, condition, prompt=drawn(1, 80, prompt), style=drawn(1, 192))


def alone(flow: Flow, schedule: Schedule, one: Walk, guidance: float = GUIDANCE) -> Tensor:
    while one.step < schedule.steps:
        one = advance(flow.dit, one, schedule, guidance=guidance)
    return one.mel


def turns(ways: Sequence[Iterator[Walk]]) -> list[Tensor]:
    """Have each take a step in turn; return the mel of each at its end."""
    mels: dict[int, Tensor] = {}
    going = dict(enumerate(ways))
    while going:
        for number, way in tuple(going.items()):
            if (after := next(way, None)) is None:
                del going[number]
            else:
                mels[number] = after.mel
    return [mels[number] for number in range(len(ways))]


@torch.inference_mode()
@pytest.mark.parametrize("guidance", [GUIDANCE, 0.0])
@pytest.mark.parametrize(("prompt", "frames"), [(40, 30), (130, 126), (150, 107), (258, 41)])
def test_a_run_of_a_usual_size_goes_where_a_walk_goes_alone(
    flow: Flow, schedule: Schedule, prompt: int, frames: int, guidance: float
) -> None:
    one = walk(flow, prompt, frames)
    euler = Euler(flow.dit, schedule, guidance, Graphs(Calling()), together=True)
    (found,) = turns([euler.way(one)])
    assert largest_error(found, alone(flow, schedule, one, guidance)) <= TOLERANCE


@torch.inference_mode()
def test_walks_of_other_lengths_share_a_run_and_not_their_mels(
    flow: Flow, schedule: Schedule
) -> None:
    walks = [walk(flow, 140 + n, 60 + 7 * n, seed=n) for n in range(3)]
    recorder = Calling()
    euler = Euler(flow.dit, schedule, GUIDANCE, Graphs(recorder), together=True)
    found = turns([euler.way(one) for one in walks])
    for mel, one in zip(found, walks, strict=True):
        assert largest_error(mel, alone(flow, schedule, one)) <= TOLERANCE
    # the first goes alone in its first step, when nobody else is there yet; later all three go
    assert sorted(len(inputs[0]) for inputs in recorder.recorded) == [1, 2, 4]


@torch.inference_mode()
def test_one_that_comes_later_is_at_its_own_time(flow: Flow, schedule: Schedule) -> None:
    early, late = walk(flow, 140, 60), walk(flow, 130, 50, seed=1)
    euler = Euler(flow.dit, schedule, GUIDANCE, together=True)
    first = euler.way(early)
    next(first)
    found = turns([euler.way(late), first])
    assert largest_error(found[0], alone(flow, schedule, late)) <= TOLERANCE
    assert largest_error(found[1], alone(flow, schedule, early)) <= TOLERANCE


@torch.inference_mode()
def test_one_that_is_dropped_takes_no_more_part(flow: Flow, schedule: Schedule) -> None:
    recorder = Calling()
    euler = Euler(flow.dit, schedule, GUIDANCE, Graphs(recorder), together=True)
    stays, *gone = (euler.way(walk(flow, 140, 60 + n, seed=n)) for n in range(3))
    next(stays)
    for one in gone:
        next(one)
    for one in gone:
        one.close()
    turns([stays])
    assert max(len(inputs[0]) for inputs in recorder.recorded) <= 2, "never all three"
    steps = len(recorder.recorded)
    turns([euler.way(walk(flow, 140, 62, seed=2))])
    assert len(recorder.recorded) == steps, "of one walk there is a recording already"


@torch.inference_mode()
def test_numbers_that_are_none_stay_with_their_walk(flow: Flow, schedule: Schedule) -> None:
    ill, well = walk(flow, 140, 60), walk(flow, 140, 60, seed=1)
    ill.place[..., -1] = torch.nan
    euler = Euler(flow.dit, schedule, GUIDANCE, together=True)
    found = turns([euler.way(ill), euler.way(well)])
    assert found[0].isnan().any()
    assert largest_error(found[1], alone(flow, schedule, well)) <= TOLERANCE


@torch.inference_mode()
def test_off_a_card_and_beyond_the_sizes_each_goes_by_itself(
    flow: Flow, schedule: Schedule
) -> None:
    recorder = Calling()
    one = walk(flow, 140, 60)
    (found,) = turns([Euler(flow.dit, schedule, GUIDANCE, Graphs(recorder)).way(one)])
    assert torch.equal(found, alone(flow, schedule, one))
    long = walk(flow, GRAIN, FRAMES[-1] - GRAIN + 1)
    euler = Euler(flow.dit, schedule, GUIDANCE, Graphs(recorder), together=True)
    assert next(euler.way(long)).step == 1
    assert not recorder.recorded
