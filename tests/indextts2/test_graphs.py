"""Graphs without a card: a recorder that replays by calling shows what is recorded and copied."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
import torch
from torch import Tensor

from wyoming_indextts.indextts2.graphs import Graphs, Replay, Step, fitting, graphs_for


@dataclass
class Calling:
    """Replays by calling, into the same tensors each time, as a card does."""

    warm: int = 2
    fails: bool = False
    recorded: list[Sequence[Tensor]] = field(default_factory=list)

    def record(self, step: Step, inputs: Sequence[Tensor]) -> Replay:
        self.recorded.append(inputs)
        for _ in range(self.warm):
            given = step(*inputs)
        if self.fails:
            raise RuntimeError("operation not permitted when stream is capturing\nmore of it")

        def replay() -> tuple[Tensor, ...]:
            for there, made in zip(given, step(*inputs), strict=True):
                there.copy_(made)
            return given

        return replay


def doubled(x: Tensor) -> tuple[Tensor, ...]:
    return (x * 2,)


def test_without_a_recorder_a_function_is_called_with_its_inputs() -> None:
    given = torch.ones(3)
    (found,) = graphs_for(torch.device("cpu"), wanted=True).run("same", lambda x: (x,), (given,))
    assert found is given


def test_a_function_is_recorded_once_for_a_key_and_replayed_with_new_numbers() -> None:
    recorder = Calling()
    graphs = Graphs(recorder)
    for number in (1.0, 2.0, 3.0):
        (found,) = graphs.run("double", doubled, (torch.full((2,), number),))
        assert found.tolist() == [2 * number] * 2
    assert len(recorder.recorded) == 1


def test_another_shape_another_type_or_another_key_is_another_recording() -> None:
    recorder = Calling()
    graphs = Graphs(recorder)
    for key, like in (
        ("a", torch.zeros(2)),
        ("a", torch.zeros(3)),
        ("a", torch.zeros(2, dtype=torch.int64)),
        ("b", torch.zeros(2)),
    ):
        graphs.run(key, doubled, (like,))
        graphs.run(key, doubled, (like,))
    assert len(recorder.recorded) == 4


def test_what_was_given_stays_when_others_run() -> None:
    graphs = Graphs(Calling())
    given = torch.ones(2)
    (first,) = graphs.run("double", doubled, (given,))
    graphs.run("double", doubled, (torch.full((2,), 7.0),))
    assert first.tolist() == [2, 2]
    assert given.tolist() == [1, 1]


def test_warming_up_leaves_no_trace_in_what_counts() -> None:
    counter = torch.zeros(1)

    def count() -> tuple[Tensor, ...]:
        return (counter.add_(1).clone(),)

    graphs = Graphs(Calling(warm=3))
    seen = [int(graphs.run("count", count, changes=(counter,))[0]) for _ in range(3)]
    assert seen == [1, 2, 3]


def test_of_too_many_those_that_were_used_last_stay() -> None:
    recorder = Calling()
    graphs = Graphs(recorder, most=2)
    for key in ("a", "b", "a", "c", "a"):
        graphs.run(key, doubled, (torch.zeros(1),))
    assert len(recorder.recorded) == 3
    graphs.run("b", doubled, (torch.zeros(1),))
    assert len(recorder.recorded) == 4


def test_a_key_that_is_forgotten_is_recorded_anew() -> None:
    recorder = Calling()
    graphs = Graphs(recorder)
    for forget in ("b", "a"):
        graphs.run("a", doubled, (torch.zeros(1),))
        graphs.run("a", doubled, (torch.zeros(2),))
        graphs.forget(forget)
    assert len(recorder.recorded) == 2
    graphs.run("a", doubled, (torch.zeros(1),))
    assert len(recorder.recorded) == 3


def test_what_cannot_be_recorded_is_called_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    counter = torch.zeros(1)

    def count() -> tuple[Tensor, ...]:
        return (counter.add_(1).clone(),)

    graphs = Graphs(Calling(fails=True))
    with caplog.at_level(logging.WARNING):
        seen = [int(graphs.run(key, count, changes=(counter,))[0]) for key in "aab"]
    assert seen == [1, 2, 3]
    assert not graphs.recording
    (said,) = (record.getMessage() for record in caplog.records)
    assert said.startswith("CUDA graphs are off, and speech is slower: operation not permitted")
    assert "\n" not in said


def test_the_smallest_size_that_fits_is_taken() -> None:
    assert [fitting(size, (1, 4, 8)) for size in (0, 1, 2, 4, 5, 8)] == [1, 1, 4, 4, 8, 8]
    with pytest.raises(ValueError, match="9 is above 8"):
        fitting(9, (1, 4, 8))
