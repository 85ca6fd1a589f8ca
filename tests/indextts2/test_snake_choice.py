"""Which form of the activation is taken: one that is wrong, or fails, never speaks."""

import logging

import pytest
import torch
from torch import Tensor

from tests.indextts2.narrow_vocoder import BLOCKS, filtering
from wyoming_indextts.indextts2.bigvgan import BigVGAN, BigVGANSizes
from wyoming_indextts.indextts2.snake import Form, SnakeBeta, by_phases
from wyoming_indextts.indextts2.snake_choice import checked, settled

TINY = BigVGANSizes(80, 16, (4, 2), (8, 4), *BLOCKS)


class Counting:
    """A form that counts its calls, is off by `off`, and fails at call number `fails`."""

    def __init__(self, *, off: float = 0.0, fails: int | None = None) -> None:
        self.calls = 0
        self.off = off
        self.fails = fails

    def __call__(self, x: Tensor, end: Tensor | None, *rest: Tensor) -> Tensor:
        self.calls += 1
        if self.calls == self.fails:
            raise OSError("no C compiler\nand more of it")
        return by_phases(x, end, *rest) + self.off


def spoken(vocoder: BigVGAN) -> Tensor:
    with torch.inference_mode():
        wave: Tensor = vocoder(torch.ones(1, 80, 5), torch.tensor([5]))
    return wave


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_a_form_that_is_right_is_taken(
    dtype: torch.dtype, caplog: pytest.LogCaptureFixture
) -> None:
    form = Counting()
    vocoder = filtering(TINY)
    vocoder.bends_by(checked(lambda: form, torch.ones((), dtype=dtype)))
    tried = form.calls
    spoken(vocoder)
    assert tried
    bends = [part for part in vocoder.modules() if isinstance(part, SnakeBeta)]
    assert form.calls == tried + len(bends)
    assert not caplog.records


@pytest.mark.parametrize(
    ("off", "said"), [(0.01, "it is off by 0.01"), (float("nan"), "off by nan")]
)
def test_one_that_computes_wrongly_never_speaks(
    off: float, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert checked(lambda: Counting(off=off), torch.ones(())) is by_phases
    (record,) = caplog.records
    assert said in record.getMessage()


def missing() -> Form:
    raise ModuleNotFoundError("No module named 'triton'")


def test_one_that_is_not_there_is_said_once_and_done_without(
    caplog: pytest.LogCaptureFixture,
) -> None:
    vocoder = filtering(TINY)
    wanted = spoken(vocoder)
    with caplog.at_level(logging.INFO):
        vocoder.bends_by(checked(missing, torch.ones(())))
        assert torch.equal(spoken(vocoder), wanted)
    (record,) = caplog.records
    assert record.levelno == logging.INFO  # in our image nothing can compile it
    assert record.getMessage().endswith("a little slower: No module named 'triton'")


def test_one_that_fails_later_gives_way_for_good(caplog: pytest.LogCaptureFixture) -> None:
    form = Counting(fails=10)
    vocoder = filtering(TINY)
    wanted = spoken(vocoder)
    vocoder.bends_by(checked(lambda: form, torch.ones(())))
    with caplog.at_level(logging.INFO):
        assert torch.equal(spoken(vocoder), wanted)
        assert torch.equal(spoken(vocoder), wanted)
    assert form.calls == 10
    (record,) = caplog.records
    assert record.getMessage().endswith("a little slower: no C compiler")


def test_a_lack_of_memory_is_no_fault_of_the_form() -> None:
    def hungry(_: Tensor, __: Tensor | None, *___: Tensor) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(torch.OutOfMemoryError):
        checked(lambda: hungry, torch.ones(()))


def test_on_a_cpu_nothing_is_tried() -> None:
    vocoder = settled(filtering(TINY), wanted=True)
    assert all(part.form is by_phases for part in vocoder.modules() if isinstance(part, SnakeBeta))
