"""What the nets compute in follows from what the machine is quick at, and what would be heard."""

from pathlib import Path

import pytest
import torch

from wyoming_indextts.indextts2.options import Precision
from wyoming_indextts.indextts2.precision import DTYPES, precision_for, vocoder_precision

CPU = torch.device("cpu")

INSTRUCTIONS = {"amx_bf16", "avx512_bf16", "bf16"}
"""What Linux calls them on x86 and on Arm."""


def flags() -> set[str]:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    told = (line.partition(":")[2] for line in lines if line.startswith(("flags", "Features")))
    return set(next(told, "").split())


def test_a_cpu_computes_in_bfloat16_if_it_has_instructions_for_it() -> None:
    chosen = precision_for("auto", CPU)
    assert chosen == (torch.bfloat16 if flags() & INSTRUCTIONS else torch.float32)


def test_a_card_computes_in_float16() -> None:
    assert precision_for("auto", torch.device("cuda")) == torch.float16


@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize(("wanted", "dtype"), DTYPES.items())
def test_what_is_wanted_is_done(wanted: Precision, dtype: torch.dtype, device: str) -> None:
    assert precision_for(wanted, torch.device(device)) == dtype


@pytest.mark.parametrize(
    ("dtype", "vocoder"),
    [
        (torch.float32, torch.float32),
        (torch.float16, torch.float16),
        (torch.bfloat16, torch.float32),
    ],
)
def test_the_vocoder_is_spared_bfloat16(dtype: torch.dtype, vocoder: torch.dtype) -> None:
    assert vocoder_precision(dtype) == vocoder
