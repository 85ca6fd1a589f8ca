"""Reading a golden, and proof that it would notice a change of any one tensor."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tests.golden.random_tensors import random_tensors
from wyoming_indextts.indextts2.tensors import Entry, Table

FOLDER: Final = Path(__file__).parents[1] / "golden"

CHANGE: Final = 1e-3
"""Added to numbers of one tensor; a golden has to notice."""


@dataclass(frozen=True, slots=True)
class Golden:
    """What the oracle was asked and answered."""

    arrays: Mapping[str, NDArray[Any]]
    facts: Mapping[str, Any]

    def tensor(self, name: str) -> Tensor:
        return torch.from_numpy(self.arrays[name])

    def weights(self, part: str | None = None) -> dict[str, Tensor]:
        """Return the checkpoint that the oracle had, or that of one net if it had more."""
        shapes, gain = self.facts["shapes"], self.facts.get("gain", 1)
        if part is not None:
            shapes, gain = shapes[part], self.facts["gains"][part]
        names = {name: tuple(shape) for name, shape in shapes.items()}
        drawn = random_tensors(names, seed=self.facts["seed"])
        return {
            name: torch.from_numpy(np.asarray(array * np.float32(gain if array.ndim > 1 else 1)))
            for name, array in drawn.items()
        }


def read_golden(name: str) -> Golden:
    with np.load(FOLDER / f"{name}.npz") as archive:
        arrays = dict(archive)
    return Golden(arrays, json.loads(str(arrays.pop("facts"))))


def official(name: str) -> dict[str, tuple[int, ...]]:
    """Return the names and shapes of an official file's tensors."""
    lines = (FOLDER / "statedict" / f"{name}.txt").read_text("utf-8").splitlines()
    pairs = (line.split("\t") for line in lines)
    return {name: tuple(int(n) for n in re.findall(r"\d+", shape)) for name, shape in pairs}


def largest_error(found: Tensor, wanted: Tensor) -> float:
    assert found.shape == wanted.shape
    return float((found - wanted).abs().max())


def unnoticed(
    net: nn.Module, table: Table, weights: Mapping[str, Tensor], notices: Callable[[], bool]
) -> set[str]:
    """Return the tensors of the checkpoint whose change is not noticed, the unused left out.

    `net` has adopted `weights`; `notices` runs it and tells whether its golden fails.
    """
    state = net.state_dict()
    missed = set()
    for name, entries in _readers(table, weights).items():
        values = {
            entry.ours: entry.make(*(_raised(weights, their, name) for their in entry.theirs))
            for entry in entries
            if entry.ours in state
        }
        with _held(state, values):
            if values and not notices():
                missed.add(name)
    return missed


def _raised(weights: Mapping[str, Tensor], their: str, name: str) -> Tensor:
    """Return `their` tensor; if it is `name`, half of its numbers, drawn, are raised.

    Not all: what is added to all channels alike is taken away again by the next norm.
    """
    tensor = weights[their]
    if their != name:
        return tensor
    draw = torch.rand(tensor.shape, generator=torch.Generator().manual_seed(1))
    return tensor + CHANGE * (draw <= draw.median())


def _readers(table: Table, names: Iterable[str]) -> dict[str, list[Entry]]:
    """Return for each tensor of a checkpoint the entries that read it, numbers filled in."""
    patterns = [
        (entry, re.compile(re.sub(r"\\\{(\w)\\\}", r"(?P<\1>\\d+)", re.escape(their))))
        for entry in table.entries
        for their in entry.theirs
    ]
    return {
        name: [
            Entry(
                entry.ours.format(**found.groupdict()),
                tuple(their.format(**found.groupdict()) for their in entry.theirs),
                entry.make,
            )
            for entry, pattern in patterns
            if (found := pattern.fullmatch(name))
        ]
        for name in names
    }


@contextmanager
def _held(state: Mapping[str, Tensor], values: Mapping[str, Tensor]) -> Iterator[None]:
    before = {name: state[name].clone() for name in values}
    for name, value in values.items():
        state[name].copy_(value)
    try:
        yield
    finally:
        for name, value in before.items():
            state[name].copy_(value)
