"""What the nets that do most of the work compute in: what is quick there, and cannot be heard.

    device                            language model and flow    vocoder
    card                              float16                    float16
    CPU that is quick in bfloat16     bfloat16                   float32
    any other                         float32                    float32

bfloat16 has three digits. That is enough for codes and mel (docs/fast.md, docs/fast-flow.md), and
too little for the wave: with random weights the noise was 23 to 39 dB below the speech.
"""

import time
from dataclasses import dataclass
from typing import Final, Self

import torch

from wyoming_indextts.indextts2.config import Config
from wyoming_indextts.indextts2.options import Precision

DTYPES: Final = {
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}

PRODUCT: Final = (256, 512, 1024)
"""Rows, inner and outer width of the product that a CPU is tried with."""

TRIES: Final = 5
"""Of which the fastest counts, in CPU time: what others do meanwhile changes it little."""

QUICK: Final = 1.5
"""How many times faster bfloat16 has to be. On a Xeon it was 6 times as fast as float32 with AMX,
and with AMX turned off (`ONEDNN_MAX_CPU_ISA`) 0.6 times with AVX-512 BF16, 0.2 with AVX-512, 0.1
with AVX2: so no busy moment decides."""

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
    """Return whether this CPU is quick in bfloat16; in one thread, as two wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _seconds(torch.bfloat16) * QUICK < _seconds(torch.float32)
    finally:
        torch.set_num_threads(threads)


def _seconds(dtype: torch.dtype) -> float:
    rows, inner, outer = PRODUCT
    left, right = torch.ones(rows, inner, dtype=dtype), torch.ones(outer, inner, dtype=dtype)
    taken = []
    for _ in range(TRIES):
        began = time.process_time()
        torch.nn.functional.linear(left, right)
        taken.append(time.process_time() - began)
    return min(taken)
