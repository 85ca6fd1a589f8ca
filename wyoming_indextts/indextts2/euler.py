"""Euler steps of several walks in one run of the DiT, at few sizes, so that a card can record them.

    walks      W, each with rows of its own: 2 with guidance, else 1
    rows       B = 1, 2, 4 or 8 walks' rows: where fewer are ready, the last one stands in for more
    frames     T, one of `FRAMES`; a walk's frames beyond its own are heard by nobody
    first      of the frames that move, the first one computed: one for all, a multiple of `GRAIN`

Whoever needs a step has it done; so have, in the same run, those who will need one next, and find
theirs when they ask. Nobody is more than one step ahead: what a dropped walk costs is one step.
Nothing waits for a number here; that all are numbers is looked at when the mel is there.

Off a card each walk is advanced by itself, as it is: there more rows take as much more time, and
frames that fill up cost what they cost. See docs/fast-flow.md.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import torch
from torch import Tensor

from wyoming_indextts.indextts2.clock import Schedule
from wyoming_indextts.indextts2.dit import DiT
from wyoming_indextts.indextts2.flow import Walk, advance, guided
from wyoming_indextts.indextts2.graphs import Graphs, fitting

FRAMES: Final = (256, 384, 512, 640, 768, 1024, 1280, 1536, 2048, 3072)
"""Frames, prompt and all, that a run may have; a longer walk goes by itself, unrecorded."""

GRAIN: Final = 128
"""The first frame that is computed is a multiple of this, so that few numbers occur."""

WALKS: Final = (1, 2, 4, 8)
"""How many walks a run may have."""


REMEMBERED: Final = 256
"""Sets of lengths that are kept, so that a card need not be told again."""


@dataclass(slots=True)
class _Walker:
    """A walk, and where it will be after its next step if that is done already.

    `gone` may be set by any thread: nobody asks for more.
    """

    walk: Walk
    ahead: Walk | None = None
    gone: bool = False


class Euler:
    """Advances walks along one schedule. Belongs to one thread, but for dropping a way."""

    def __init__(
        self,
        dit: DiT,
        schedule: Schedule,
        guidance: float,
        graphs: Graphs | None = None,
        *,
        together: bool | None = None,
    ) -> None:
        """Take the net, which stays as it is.

        Args:
            dit: What tells where to go.
            schedule: What each step is told of its time; as many steps are taken.
            guidance: As `flow.advance` has it.
            graphs: Where steps are recorded, if they are.
            together: Whether walks share runs of few sizes; by default on a card.
        """
        self.schedule = schedule
        self._dit = dit
        self._guidance = guidance
        self._graphs = graphs or Graphs()
        self._together = dit.leave.weight.is_cuda if together is None else together
        self._walkers: list[_Walker] = []
        self._lengths: dict[tuple[int, ...], Tensor] = {}

    def way(self, walk: Walk) -> Generator[Walk, None, None]:
        """Yield the walk after each of its steps; whoever drops the generator has ended it."""
        self._walkers = [other for other in self._walkers if not other.gone]
        walker = _Walker(walk)
        self._walkers.append(walker)
        try:
            while walker.walk.step < self.schedule.steps:
                if walker.ahead is None:
                    self._step(walker)
                walker.walk, walker.ahead = walker.ahead or walker.walk, None
                yield walker.walk
        finally:
            walker.gone = True

    def _step(self, walker: _Walker) -> None:
        size = self._size(walker.walk)
        if size is None:
            walker.ahead = advance(self._dit, walker.walk, self.schedule, guidance=self._guidance)
            return
        others = [one for one in self._walkers if one is not walker and self._goes_along(one, size)]
        run = [walker, *others[: WALKS[-1] - 1]]
        for one, after in zip(run, self._advanced([one.walk for one in run], *size), strict=True):
            one.ahead = after

    def _size(self, walk: Walk) -> tuple[int, int] | None:
        """Return the frames of a walk's run and the first that is computed; None: by itself."""
        frames = walk.place.shape[-1]
        if not self._together or frames > FRAMES[-1]:
            return None
        return fitting(frames, FRAMES), walk.pinned // GRAIN * GRAIN

    def _goes_along(self, walker: _Walker, size: tuple[int, int]) -> bool:
        waits = walker.ahead is None and walker.walk.step < self.schedule.steps
        return waits and not walker.gone and self._size(walker.walk) == size

    def _advanced(self, walks: Sequence[Walk], frames: int, first: int) -> list[Walk]:
        filled = [*walks, *[walks[-1]] * (fitting(len(walks), WALKS) - len(walks))]
        rows = 2 if self._guidance else 1
        longest = max(filled, key=lambda walk: len(walk.rotation)).rotation
        moments = [self.schedule.row(walk.step) for walk in filled]
        (velocities,) = self._graphs.run(
            ("flow", frames, first, self._guidance),
            lambda *ready: self._velocities(first, *ready),
            (
                torch.cat([_filled(walk.place, frames, 2) for walk in filled]),
                torch.cat([_filled(walk.ground[:rows], frames, 1) for walk in filled]),
                _filled(longest, frames, 0),
                torch.cat([moment.norms for moment in moments]),
                torch.cat([moment.gates for moment in moments]),
                torch.cat([moment.last for moment in moments]),
                self._lengths_of(tuple(walk.place.shape[-1] for walk in filled)),
            ),
        )
        return [
            self._moved(walk, velocity[..., walk.pinned - first : walk.place.shape[-1] - first])
            for walk, velocity in zip(walks, velocities.split(1), strict=False)
        ]

    def _velocities(
        self, first: int, places: Tensor, ground: Tensor, rotation: Tensor, *rest: Tensor
    ) -> tuple[Tensor, ...]:
        """Return the guided velocities (W, 80, T - first) of places (W, 80, T)."""
        rows = len(ground) // len(places)
        *moment, lengths = (part.repeat_interleave(rows, 0) for part in rest)
        velocities = self._dit(
            places.to(ground.dtype).repeat_interleave(rows, 0),
            ground, Schedule(*moment), rotation, lengths, first=first,
        )  # fmt: skip
        return (guided(velocities.float(), self._guidance),)

    def _moved(self, walk: Walk, velocity: Tensor) -> Walk:
        place = walk.place.clone()
        place[..., walk.pinned :] += velocity / self.schedule.steps
        return replace(walk, place=place, step=walk.step + 1)

    def _lengths_of(self, lengths: tuple[int, ...]) -> Tensor:
        """Return them where the net is; made once while they are few."""
        if (there := self._lengths.get(lengths)) is None:
            if len(self._lengths) == REMEMBERED:
                self._lengths.clear()
            there = torch.tensor(lengths, device=self._dit.leave.weight.device)
            self._lengths[lengths] = there
        return there


def _filled(x: Tensor, frames: int, along: int) -> Tensor:
    """Lengthen x by zeros to so many frames along a dimension."""
    shape = list(x.shape)
    shape[along] = frames - shape[along]
    return torch.cat((x, x.new_zeros(shape)), dim=along)
