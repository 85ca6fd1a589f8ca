"""Downloads weights in front of a person: licences, progress bars, and what has come of it."""

import sys
from pathlib import Path
from threading import Event
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from wyoming_indextts.store.download import download
from wyoming_indextts.store.hub import Hub
from wyoming_indextts.store.licence import (
    accept,
    is_accepted,
    licences_of,
    require_acceptance,
)
from wyoming_indextts.store.lock import Condition, require
from wyoming_indextts.store.weights import MODELS

YES: Final = ("y", "yes")
"""Answers that accept."""


def agree(model: str, folder: Path, *, unread: bool) -> None:
    """Return once the licences are accepted: before, now by a person, or `unread`.

    Raises:
        ForbiddenError: they are not.
        StorageFullError: that they are cannot be recorded.
    """
    if is_accepted(model, folder):
        return
    console = Console(stderr=True)
    console.print(f"The weights of {model} are their authors', under licences of their own:\n")
    for licence in licences_of(model):
        console.print(Text(f"  {licence}"))
    if unread or (sys.stdin.isatty() and _answer(console) in YES):
        accept(model, folder)
    require_acceptance(model, folder)


def fetch(model: str, folder: Path, mirror: str | None) -> None:
    """Download a model's weights, with a bar for each file; raises what `download` does."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    bars: dict[str, TaskID] = {}
    with (
        Progress(*columns, console=Console(stderr=True)) as progress,
        Hub(mirror, stop=Event()) as hub,
    ):

        def arrived(place: str, here: int, size: int) -> None:
            if place not in bars:
                bars[place] = progress.add_task(Path(place).name, total=size)
            progress.update(bars[place], completed=here)

        download(model, folder, hub, arrived)
    _tell(model, folder, require(model, folder))


def check(model: str, folder: Path) -> None:
    """Check every byte of the weights that are there, without any network.

    Raises:
        WeightsMissingError, WeightsCorruptError: see `require`.
    """
    with Console(stderr=True).status("checking"):
        condition = require(model, folder, thorough=True)
    _tell(model, folder, condition)


def _answer(console: Console) -> str:
    console.print("\nDo you accept them? (y/N) ", end="")
    return sys.stdin.readline().strip().lower()


def _tell(model: str, folder: Path, condition: Condition) -> None:
    files = MODELS[model]
    size = sum((folder / file.place).stat().st_size for file in files)
    told = f"{model}: {len(files)} files, {size / 1e9:.2f} GB, in {folder}"
    if unrecorded := len(condition.unrecorded):
        told += f"; {unrecorded} came by another way, so that nothing is known to check them by"
    sys.stdout.write(f"{told}\n")
