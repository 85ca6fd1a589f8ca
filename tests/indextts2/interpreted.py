"""Has Triton's interpreter run the kernel: `python -m tests.indextts2.interpreted`, for a test.

In a process of its own, as Triton asks `TRITON_INTERPRET` when it is imported. Prints a line of
JSON for each case: what was in it, the largest error against the definition, the largest number,
and the largest of what ought to be zero.
"""

import json
import sys

import torch

from tests.indextts2.golden import largest_error
from tests.indextts2.test_snake import by_the_book, snake
from wyoming_indextts.indextts2.snake_triton import by_kernel

CASES = (
    (1, 0, 1, 2, torch.float32),
    (1, 5, 1, 1, torch.float32),
    (2, 5, 1, 1, torch.float32),
    (7, 1, 1, 1, torch.float32),
    (8, 0, 1, 1, torch.float32),
    (9, 0, 1, 1, torch.float32),
    (510, 90, 1, 1, torch.float32),
    (600, 0, 1, 2, torch.float32),
    (37, 20, 2, 2, torch.float16),
    (37, 20, 1, 3, torch.bfloat16),
)
"""Samples (a thread makes 8, a program 512), more that are filled up, rows, channels, and the type
of all that comes in."""


LOUD = 4.0
"""Of what comes in, so that sines turn over."""


@torch.inference_mode()
def main() -> None:
    """Print all cases."""
    for samples, more, batch, width, dtype in CASES:
        net = snake(width).to(dtype)
        x = (LOUD * torch.randn(batch, width, samples)).to(dtype)
        filled = torch.cat((x, torch.full((batch, width, more), 1e4, dtype=dtype)), dim=-1)
        end = torch.tensor([samples]) if more else None
        found = by_kernel(filled, end, net.alpha, net.gain, net.raising, net.lowering)
        wanted = by_the_book(net.float(), x.float())
        case = {
            "samples": samples, "more": more, "batch": batch, "width": width, "dtype": str(dtype),
            "typed": found.dtype == dtype and found.shape == filled.shape,
            "error": largest_error(found[..., :samples].float(), wanted),
            "largest": float(wanted.abs().max()),
            "behind": float(found[..., samples:].abs().sum()),
        }  # fmt: skip
        sys.stdout.write(f"{json.dumps(case)}\n")


if __name__ == "__main__":
    main()
