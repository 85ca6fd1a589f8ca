"""The activation's kernel without a card: what it computes, and that it can be compiled for cards.

Triton's interpreter computes with numpy what the kernel says, program by program. That a card does
the same only a card can tell; the server compares, when it loads, before it speaks with it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from tests.indextts2 import interpreted
from wyoming_indextts.indextts2 import snake_triton

ROOT = Path(__file__).parents[2]

EXACT = 1e-5


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    surroundings = os.environ | {
        "TRITON_INTERPRET": "1",
        "TRITON_CACHE_DIR": str(tmp_path_factory.mktemp("triton")),
        "OMP_NUM_THREADS": "1",
    }
    ran = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", interpreted.__name__],
        cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_the_kernel_is_the_activation_as_defined(cases: list[dict[str, Any]]) -> None:
    assert len(cases) == len(interpreted.CASES)
    for case in cases:
        dtype = getattr(torch, case["dtype"].removeprefix("torch."))
        rounded = 0.5 * torch.finfo(dtype).eps * case["largest"]
        assert case["typed"], case
        assert case["error"] <= EXACT + rounded, case


def test_what_is_filled_up_becomes_zero(cases: list[dict[str, Any]]) -> None:
    assert any(case["more"] for case in cases)
    assert all(case["behind"] == 0 for case in cases)


@pytest.mark.parametrize(("card", "numbers"), [(75, "fp16"), (120, "fp32")])
def test_the_kernel_can_be_compiled_for_cards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, card: int, numbers: str
) -> None:
    """The oldest and the newest that torch knows; without a card, to what its driver would load."""
    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path))
    pointers = dict.fromkeys(snake_triton.snake.arg_names[:7], f"*{numbers}")
    rest = {"ends": "*i64", "width": "i32", "samples": "i32", "LANES": "constexpr"}
    source = ASTSource(
        fn=snake_triton.snake,
        signature=pointers | rest,
        constexprs={"LANES": snake_triton.LANES},
    )
    warps = snake_triton.LANES // snake_triton.WARP
    compiled = triton.compile(
        source, target=GPUTarget("cuda", card, snake_triton.WARP), options={"num_warps": warps}
    )
    assert compiled.asm["cubin"].startswith(b"\x7fELF")
    assert "st.global" in compiled.asm["ptx"]
    assert ".local" not in compiled.asm["ptx"], "all of it is in registers"
