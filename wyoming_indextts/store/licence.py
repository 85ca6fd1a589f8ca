"""The licences of weights that are not this program's, and the record that they were accepted.

licences.json    {model: {"accepted": when, "licences": [...]}}, in the weights folder
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from wyoming_indextts.errors import ForbiddenError
from wyoming_indextts.store.weights import (
    BIGVGAN,
    CAMPPLUS,
    INDEX_TTS,
    MASK_GCT,
    MODELS,
    W2V_BERT,
)
from wyoming_indextts.store.writing import write_text

RECORD: Final = "licences.json"

HUB: Final = "https://huggingface.co"


@dataclass(frozen=True, slots=True)
class Licence:
    """What a repository's files may be used for; `note` is what surprises people."""

    repository: str
    name: str
    note: str = ""

    def __str__(self) -> str:
        note = f" - {self.note}" if self.note else ""
        return f"{self.repository}: {self.name}{note}\n    {HUB}/{self.repository}"


LICENCES: Final = (
    Licence(INDEX_TTS, "bilibili Model Use License Agreement", "limits commercial use"),
    Licence(W2V_BERT, "MIT"),
    Licence(MASK_GCT, "CC BY-NC 4.0", "no commercial use"),
    Licence(CAMPPLUS, "Apache 2.0"),
    Licence(BIGVGAN, "MIT"),
)
"""As their publishers name them on the hub (November 2026)."""


def licences_of(model: str) -> Sequence[Licence]:
    """Return the licences of a model's files."""
    repositories = {file.repository for file in MODELS[model]}
    return [licence for licence in LICENCES if licence.repository in repositories]


def is_accepted(model: str, folder: Path) -> bool:
    """Return whether the licences, as they are now, were accepted for this folder."""
    accepted = _read(folder).get(model)
    return isinstance(accepted, Mapping) and accepted.get("licences") == _names(model)


def accept(model: str, folder: Path) -> None:
    """Record that they are accepted.

    Raises:
        StorageFullError: the folder takes no record.
    """
    entry = {"accepted": datetime.now(UTC).isoformat(timespec="seconds"), "licences": _names(model)}
    record = {**_read(folder), model: entry}
    write_text(folder / RECORD, json.dumps(record, indent=2) + "\n")


def require_acceptance(model: str, folder: Path) -> None:
    """Return if the licences were accepted.

    Raises:
        ForbiddenError: they were not; the message says how to.
    """
    if not is_accepted(model, folder):
        raise ForbiddenError(
            f"the licences of {model} have not been accepted; read them with "
            f"`wyoming-indextts download {model}`, or accept them with --accept-licence"
        )


def _names(model: str) -> list[str]:
    return [f"{licence.repository}: {licence.name}" for licence in licences_of(model)]


def _read(folder: Path) -> Mapping[str, object]:
    """Return the record; an empty one if there is none that can be read."""
    try:
        record = json.loads((folder / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, Mapping) else {}
