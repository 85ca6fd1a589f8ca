"""Name tables: where each parameter of our nets is found in a checkpoint, and nothing by chance.

A net is filled by `adopt` with the tensors of one checkpoint file. Every parameter and persistent
buffer of the net has an entry in the net's table, and every tensor of the file is either used or
on the table's short list of those known to be unused; anything else is an error that names it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from torch import Tensor, nn

from wyoming_indextts.indextts2.faults import corrupt

Make: TypeAlias = Callable[..., Tensor]
"""Makes our tensor of those in the checkpoint, given in the entry's order.

Of outlines (meta tensors) it returns one of the shape, without arithmetic: torch imports a compiler
for that, which takes 1.2 s of a CPU and 70 MB.
"""


def same(tensor: Tensor) -> Tensor:
    """Take the checkpoint's tensor as it is."""
    return tensor


def transposed(tensor: Tensor) -> Tensor:
    """Turn GPT-2's (in, out) matrix into the (out, in) of a linear layer."""
    return tensor.t().contiguous()


def folded(scale: Tensor, direction: Tensor) -> Tensor:
    """Fold weight norm over dimension 0: w = v * g / ||v||; `scale` is g, `direction` v."""
    if direction.is_meta:
        scale.flatten().expand(len(direction))
        return direction
    gain = scale.flatten() / direction.flatten(1).norm(dim=1)
    return direction.mul(gain.view(-1, *[1] * (direction.dim() - 1)))


@dataclass(frozen=True, slots=True)
class Entry:
    """Our parameter `ours` is `make(*theirs)`; `{i}`, `{j}` in the names stand for numbers."""

    ours: str
    theirs: tuple[str, ...]
    make: Make = same


@dataclass(frozen=True, slots=True)
class Table:
    """The entries of one net, and patterns (regular expressions) of tensors known to be unused."""

    entries: tuple[Entry, ...]
    unused: tuple[str, ...] = ()

    def under(self, ours: str, theirs: str) -> "Table":
        """Return the table of a larger net that holds this one: `ours`, `theirs` go before."""
        return Table(
            tuple(
                Entry(f"{ours}{e.ours}", tuple(f"{theirs}{name}" for name in e.theirs), e.make)
                for e in self.entries
            ),
            tuple(f"{re.escape(theirs)}(?:{pattern})" for pattern in self.unused),
        )

    def __add__(self, other: "Table") -> "Table":
        return Table(self.entries + other.entries, self.unused + other.unused)


def affine(ours: str, theirs: str) -> tuple[Entry, Entry]:
    """Return the entries of a layer with a weight and a bias."""
    return (
        Entry(f"{ours}.weight", (f"{theirs}.weight",)),
        Entry(f"{ours}.bias", (f"{theirs}.bias",)),
    )


def adopt(net: nn.Module, table: Table, tensors: Mapping[str, Tensor], *, file: str) -> None:
    """Fill `net` with `tensors`; the net's dtype and device become those of the tensors.

    Args:
        net: Any net, usually made on the meta device.
        table: The net's own.
        tensors: All tensors of `file` that belong to this net, prefix already removed.
        file: The file's name, for messages; never a path.

    Raises:
        WeightsCorruptError: A tensor is missing, has the wrong shape, or is not known.
    """
    patterns = [(_pattern(entry.ours), entry) for entry in table.entries]
    left = set(tensors)
    state: dict[str, Tensor] = {}
    for name, wanted in net.state_dict().items():
        entry, numbers = _entry_of(name, patterns)
        theirs = [their.format(**numbers) for their in entry.theirs]
        for their in theirs:
            if their not in tensors:
                raise corrupt(file, f"it has no tensor {their}")
        left.difference_update(theirs)
        made = _made(entry.make, [tensors[t] for t in theirs], file, theirs[0])
        if made.shape != wanted.shape:
            found = f"{tuple(made.shape)}, expected {tuple(wanted.shape)}"
            raise corrupt(file, f"{theirs[0]} has the shape {found}")
        if made.is_floating_point() != wanted.is_floating_point():
            raise corrupt(file, f"{theirs[0]} has the type {made.dtype}")
        state[name] = made
    refuse_strangers(left, table.unused, file=file)
    net.load_state_dict(state, assign=True)


def refuse_strangers(names: set[str], unused: tuple[str, ...], *, file: str) -> None:
    """Raise `WeightsCorruptError` for names that none of the patterns `unused` knows."""
    known = [re.compile(pattern) for pattern in unused]
    strangers = sorted(name for name in names if not any(p.fullmatch(name) for p in known))
    if strangers:
        raise corrupt(
            file, f"it holds tensors that are not IndexTTS2's: {', '.join(strangers[:3])}"
        )


def _made(make: Make, theirs: list[Tensor], file: str, name: str) -> Tensor:
    try:
        return make(*theirs)
    except (RuntimeError, IndexError) as error:
        raise corrupt(file, f"{name} has an unexpected shape") from error


def _pattern(ours: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w)\\\}", r"(?P<\1>\\d+)", re.escape(ours)))


def _entry_of(
    name: str, patterns: list[tuple[re.Pattern[str], Entry]]
) -> tuple[Entry, dict[str, str]]:
    for pattern, entry in patterns:
        if match := pattern.fullmatch(name):
            return entry, match.groupdict()
    raise LookupError(f"no entry for {name}")
