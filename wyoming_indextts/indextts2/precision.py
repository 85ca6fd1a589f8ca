"""What the nets that do most of the work compute in: what is quick there, and cannot be heard.

    device                            language model and flow    vocoder
    card                              float16                    float16
    CPU that is quick in bfloat16     bfloat16                   float32
    any other                         float32                    float32

bfloat16 has three digits. That is enough for codes and mel (docs/fast.md, docs/fast-flow.md), and
too little for the wave: with random weights the noise was 23 to 39 dB below the speech.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

import torch
from torch import Tensor
from torch.nn import functional

from wyoming_indextts.indextts2.config import Config
from wyoming_indextts.indextts2.options import Precision
from wyoming_indextts.indextts2.trying import quicker

DTYPES: Final = {
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}

PRODUCT: Final = (256, 512, 1024)
"""Rows, inner and outer width of the product that a CPU is tried with."""

QUICK: Final = 1.5
"""How many times faster bfloat16 has to be. It was 4 times as fast as float32 on an EPYC with
AVX-512 BF16, 6 times on a Xeon with AMX, and on that with AMX turned off (`ONEDNN_MAX_CPU_ISA`) 0.6
times with AVX-512 BF16, 0.2 with AVX-512, 0.1 with AVX2: so no busy moment decides."""

WIDE: Final = 512
"""From this width on the language model gains too. Its products have two rows: reading half as many
bytes counts at the official sizes, and getting ready for bfloat16 in a small net."""


@dataclass(frozen=True, slots=True)
class Dtypes:
    """Of the voice language model, the flow, the vocoder."""

    voice: torch.dtype
    flow: torch.dtype
    vocoder: torch.dtype

    @classmethod
    def of(cls, voice: torch.dtype, flow: torch.dtype | None = None) -> Self:
        """Return these with the vocoder's beside them; the flow's is the voice's unless given."""
        flow = flow or voice
        return cls(voice, flow, torch.float32 if flow == torch.bfloat16 else flow)

    def __str__(self) -> str:
        """Return their names: of the language model, then of the flow where it is another."""
        names = (str(dtype).removeprefix("torch.") for dtype in (self.voice, self.flow))
        return ", ".join(dict.fromkeys(names))


def dtypes_for(wanted: Precision, device: torch.device, config: Config) -> Dtypes:
    """Return what is wanted; `auto` tries a CPU, which takes some 10 ms, 0.1 s at most."""
    if wanted != "auto":
        return Dtypes.of(DTYPES[wanted])
    if device.type == "cuda":
        return Dtypes.of(torch.float16)
    if not _is_quick():
        return Dtypes.of(torch.float32)
    wide = config.voice.width >= WIDE
    return Dtypes.of(torch.bfloat16 if wide else torch.float32, torch.bfloat16)


def _is_quick() -> bool:
    """Return whether this CPU is quick in bfloat16."""
    return quicker(_product(torch.bfloat16), _product(torch.float32), by=QUICK)


def _product(dtype: torch.dtype) -> Callable[[], Tensor]:
    rows, inner, outer = PRODUCT
    left, right = torch.ones(rows, inner, dtype=dtype), torch.ones(outer, inner, dtype=dtype)
    return lambda: functional.linear(left, right)
