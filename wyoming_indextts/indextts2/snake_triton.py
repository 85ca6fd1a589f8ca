"""The vocoder's activation on a card as one kernel: each number is read once and written once.

A thread makes `EACH` neighbouring samples of a channel: it reads those and five more on both sides,
raises them, bends each raised sample, and lowers them again, all in registers and in float32
whatever the type of what comes in. What is computed is in `snake`.

Written in Triton, which torch's builds for CUDA bring along. Whoever imports this file or calls the
kernel must be ready for anything to be raised. **It has never run on a card** (2026-11-28): tests
have Triton's interpreter run it, and its compiler translate it for cards.
"""

# What Triton compiles is Python by its looks only: types are those of its own.
# mypy: disable-error-code="assignment,no-untyped-def,untyped-decorator"
# ruff: noqa: ANN001, ANN201, ANN202, N803, PLR0913, PLR0917, RUF005

from typing import Final

import torch
import triton
import triton.language as tl
from torch import Tensor

EACH: Final = tl.constexpr(8)
"""Samples of a thread; with fewer, more are bent twice, since neighbours hear them too."""

BESIDE: Final = tl.constexpr(5)
"""Samples that a thread hears on both sides of its own."""

TAPS: Final = tl.constexpr(12)

LANES: Final = 64
"""Threads of a program."""

WARP: Final = 32


def by_kernel(
    x: Tensor, end: Tensor | None, alpha: Tensor, gain: Tensor, raising: Tensor, lowering: Tensor
) -> Tensor:
    """Return what `snake.by_phases` does."""
    batch, width, samples = x.shape
    heard = x.contiguous()
    result = torch.empty_like(heard)
    if end is None:
        end = torch.full((1,), samples, device=x.device)
    snake[(triton.cdiv(samples, LANES * EACH.value), batch * width)](
        heard, result, end, alpha, gain, raising, lowering, width, samples,
        LANES=LANES, num_warps=LANES // WARP,
    )  # fmt: skip
    return result


@triton.jit(do_not_specialize=["width", "samples"])
def snake(
    heard, result, ends, alphas, gains, raising, lowering, width, samples, LANES: tl.constexpr
):  # fmt: skip
    """Make `LANES * EACH` samples of one channel."""
    row = tl.program_id(1)
    heard += row * samples
    end = tl.load(ends).to(tl.int32)
    alpha = tl.load(alphas + row % width).to(tl.float32)
    gain = tl.load(gains + row % width).to(tl.float32)
    up, down = _taps(raising), _taps(lowering)

    start = tl.program_id(0) * LANES * EACH
    first = start + tl.arange(0, LANES) * EACH
    x = _around(heard, first, end, EACH + 2 * BESIDE)
    # what is repeated before the first raised sample, and behind the last one
    foremost = _bent(_raised(_around(heard, 0, end, 8), up, 5), alpha, gain)
    hindmost = _bent(_raised(_around(heard, end - 1, end, 9), up, 6), alpha, gain)
    bent = ()
    for place in tl.static_range(2 * EACH + 2 * BESIDE):
        one = _bent(_raised(x, up, place), alpha, gain)
        number = 2 * first + (place - BESIDE)
        one = tl.where(number < 2 * end, one, hindmost)
        bent = bent + (tl.where(number < 0, foremost, one),)
    even = tl.join(
        tl.join(_lowered(bent, down, 0), _lowered(bent, down, 4)),
        tl.join(_lowered(bent, down, 2), _lowered(bent, down, 6)),
    )
    odd = tl.join(
        tl.join(_lowered(bent, down, 1), _lowered(bent, down, 5)),
        tl.join(_lowered(bent, down, 3), _lowered(bent, down, 7)),
    )
    samples_made = tl.reshape(tl.join(even, odd), (LANES * EACH,))
    where = start + tl.arange(0, LANES * EACH)
    made = tl.where(where < end, samples_made, 0.0)
    tl.store(result + row * samples + where, made, mask=where < samples)


@triton.jit
def _taps(filters):
    taps = ()
    for k in tl.static_range(TAPS):
        taps = taps + (tl.load(filters + k).to(tl.float32),)
    return taps


@triton.jit
def _around(heard, first, end, count: tl.constexpr):
    """Return so many samples from `BESIDE` before a first one on; the ends are repeated."""
    x = ()
    for place in tl.static_range(count):
        at = tl.minimum(tl.maximum(first + (place - BESIDE), 0), end - 1)
        x = x + (tl.load(heard + at).to(tl.float32),)
    return x


@triton.jit
def _raised(x, up, place: tl.constexpr):
    """Return the raised sample `BESIDE` before twice the first one, and so many places on."""
    raised = x[place // 2] * up[10 + place % 2]
    for k in tl.static_range(1, TAPS // 2):
        raised += x[place // 2 + k] * up[10 + place % 2 - 2 * k]
    return raised


@triton.jit
def _bent(raised, alpha, gain):
    """Return r + gain sin(alpha r)^2; of t = alpha r / pi only the distance to a whole counts.

    The polynomial is within 2e-7 of sin(pi t)^2, the rounding of float32 included.
    """
    turns = raised * (alpha * 0.3183098861837907)
    turns -= tl.floor(turns + 0.5)
    w = turns * turns
    sine = -3.27294527 * w + 12.99072985
    sine = sine * w - 30.08595305
    sine = sine * w + 42.72538477
    sine = sine * w - 32.46958111
    sine = sine * w + 9.86960292
    return raised + gain * (sine * w)


@triton.jit
def _lowered(bent, down, place: tl.constexpr):
    lowered = bent[2 * place] * down[0]
    for k in tl.static_range(1, TAPS):
        lowered += bent[2 * place + k] * down[k]
    return lowered
