"""Which form of the vocoder's activation a card takes: our kernel, where it has been seen right.

The kernel is compiled when it is first called, by what the machine has for that: Triton, which may
not be there, and a C compiler, which images often lack. So it is tried when the vocoder is loaded,
beside the form it stands in for, and whatever goes wrong, then or later, that form is taken.
"""

import logging
from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor

from wyoming_indextts.indextts2.bigvgan import BigVGAN
from wyoming_indextts.indextts2.snake import TAPS, Form, by_phases

log = logging.getLogger(__name__)

SLOWER: Final = "the vocoder's own kernel is off, and speech on a card a little slower: %s"
"""A warning only where numbers are wrong: that a machine cannot compile it is nothing unusual."""

TRIED: Final = ((1, 1), (700, 531), (1024, 1024))
"""Samples, and how many of them are there: a single one, filled up, and several whole programs."""

WIDTH: Final = 3
"""Channels that are tried."""

TOLERANCE: Final = 1e-4
"""Of numbers about 1, beside what their type rounds."""


def settled(vocoder: BigVGAN, *, wanted: bool) -> BigVGAN:
    """Return the vocoder, whose activations from now on take the form that is right for it."""
    weight = vocoder.leave.weight
    if wanted and weight.is_cuda:
        vocoder.bends_by(checked(_kernel, weight))
    return vocoder


def checked(load: Callable[[], Form], like: Tensor) -> Form:
    """Return a form, if it gives where and of the type of `like` what `by_phases` does, else that.

    The form that is returned is replaced for good by `by_phases` at its first failure. Whatever is
    wrong is logged once.
    """
    form = Watched(load, by_phases)
    for samples, there in TRIED:
        x, *rest = (part.to(like) for part in _example(samples))
        end = torch.full((1,), there, device=like.device)
        found = form(x, end, *rest).float()
        wanted = by_phases(*(x.float(), end, *(part.float() for part in rest)))
        error, largest = (found - wanted).abs().max(), wanted.abs().max()
        if not error <= TOLERANCE + largest * torch.finfo(like.dtype).eps:
            log.warning(SLOWER, f"it is off by {float(error):.2g}")
            return by_phases
    return form


class Watched:
    """A form until its first failure, and another one from then on."""

    def __init__(self, load: Callable[[], Form], instead: Form) -> None:
        """Take what loads the form when it is first called, which may fail too."""
        self._load = load
        self._form: Form | None = None
        self._instead = instead
        self._failed = False

    def __call__(self, x: Tensor, end: Tensor | None, *rest: Tensor) -> Tensor:
        """Do what either does."""
        if not self._failed:
            try:
                self._form = self._form or self._load()
                return self._form(x, end, *rest)
            except (MemoryError, torch.OutOfMemoryError):
                raise
            except Exception as error:  # noqa: BLE001 - what a compiler raises has no common class
                self._failed = True
                log.info(SLOWER, (str(error) or type(error).__name__).splitlines()[0])
        return self._instead(x, end, *rest)


def _kernel() -> Form:
    from wyoming_indextts.indextts2.snake_triton import by_kernel  # noqa: PLC0415 - may be missing

    return by_kernel


def _example(samples: int) -> tuple[Tensor, ...]:
    """Return a signal, and an activation whose filters are a windowed sinc."""
    chance = torch.Generator().manual_seed(0)
    lowpass = torch.sinc((torch.arange(TAPS) - (TAPS - 1) / 2) / 2)
    lowpass = (lowpass / lowpass.sum()).view(1, 1, TAPS)
    alpha, gain = torch.rand(2, WIDTH, 1, generator=chance) + 0.5
    signal = 4.0 * torch.randn(1, WIDTH, samples, generator=chance)  # so that sines turn over
    return signal, alpha, gain, 2.0 * lowpass, lowpass
