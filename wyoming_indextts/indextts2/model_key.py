"""Names a model by its files, so that what was derived with one is not used with another."""

import hashlib
from pathlib import Path
from typing import Final

from wyoming_indextts.indextts2 import layout
from wyoming_indextts.indextts2.faults import missing

FILES: Final = (
    layout.CONFIG,
    layout.GPT,
    layout.S2MEL,
    layout.FEATURE_STATISTICS,
    layout.W2V_BERT,
    layout.W2V_BERT_CONFIG,
    layout.REPCODEC,
    layout.CAMPPLUS,
)
"""Those that a voice's prompt depends on."""

LOOKED_AT: Final = 1 << 16
"""Bytes at both ends of a file; gigabytes would take longer to read than to speak with."""


def model_key(folder: Path) -> str:
    """Return a SHA-256, in hexadecimal, of the sizes and the ends of the files.

    Raises:
        WeightsMissingError: one is not there.
    """
    digest = hashlib.sha256()
    for name in FILES:
        try:
            with (folder / name).open("rb") as file:
                size = file.seek(0, 2)
                file.seek(0)
                first = file.read(LOOKED_AT)
                file.seek(max(0, size - LOOKED_AT))
                last = file.read(LOOKED_AT)
        except FileNotFoundError:
            raise missing(name) from None
        digest.update(f"{name} {size}\n".encode() + first + last)
    return digest.hexdigest()
