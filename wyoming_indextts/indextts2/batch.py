"""Segments side by side in one static cache: a step draws a code for each that is ready for it.

    W   slots, each for one segment          R   rows of a slot: 1 or 2, as `segment` has it
    cache     (N, W * R, M, 2, H, K)         what each row has read
    at        (2, W, R)                      position and place of the next token of each row
    codes     (W, R)                         the codes that are read next
    seen      (W, V)                         as the sampler takes it
    noise     (W, block, V)                  of the next draws; draw at position p takes p % block

All of this stays where it is in memory, on the device, and a step changes it there: so on a card a
step is one replay of a graph, and the host need not know what was drawn to begin the next one.

Every step has the shapes of all W slots, whoever is in them. Rows of a matrix product do not know
of each other if its shape is the same, and the places that attention looks at follow from a
segment's own length: so its codes are the same, bit for bit, alone and beside any others.
"""

from dataclasses import dataclass
from itertools import count
from typing import Final

import torch
from torch import Generator, Tensor

from wyoming_indextts.indextts2.graphs import Graphs, fitting
from wyoming_indextts.indextts2.reading import TextReader
from wyoming_indextts.indextts2.sampler import Sampling, draw
from wyoming_indextts.indextts2.segment import Opening
from wyoming_indextts.indextts2.voice_lm import VoiceLanguageModel, Window

ALWAYS_SEEN: Final = 1
"""Code that the penalty takes as seen from the start, beside the start code, as the reference."""

MASKS: Final = 256
"""Sets of slots that are remembered, so that the host need not tell a card again."""

NUMBERS: Final = count()
"""Names batches apart for `Graphs`."""


GRAIN: Final = 64
"""Attention looks at a multiple of this many places where nothing is recorded."""

BUCKETS: Final = (256, 512, 1024, 2048)
"""Places that it looks at where each number of them is a recording of its own."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Of a batch: slots, rows of each, places of each row.

    `coarse` batches look at one of `BUCKETS` of places, others at a multiple of `GRAIN`.
    """

    width: int
    rows: int
    places: int
    coarse: bool

    def seen(self, used: int) -> int:
        """Return the places that a row looks at of which so many are in use."""
        if self.coarse and used <= BUCKETS[-1]:
            return min(fitting(used, BUCKETS), self.places)
        return min(-(-used // GRAIN) * GRAIN, self.places)


@dataclass(slots=True)
class _Seat:
    """What the host knows of a slot: places in use, the next draw's position, whence its noise."""

    used: int
    position: int
    generator: Generator


class Drawn:
    """What was drawn, on its way to the host: a code (W), and whether it can be trusted.

    `latents` (W, D), float32, stay on the device.
    """

    def __init__(self, codes: Tensor, sums: Tensor, latents: Tensor) -> None:
        """Begin to bring codes and the sums of their logits to the host."""
        self.latents = latents
        self._event: torch.cuda.Event | None = None
        if codes.is_cuda:
            codes, sums = (_towards_host(tensor) for tensor in (codes, sums))
            self._event = torch.cuda.Event()
            self._event.record()
        self._codes, self._sums = codes, sums

    def told(self) -> list[tuple[int, float]]:
        """Wait, and return each code with the sum of its logits: no number if one of them is."""
        if self._event is not None:
            self._event.synchronize()
        codes: list[int] = self._codes.tolist()
        sums: list[float] = self._sums.tolist()
        return list(zip(codes, sums, strict=True))


def _towards_host(tensor: Tensor) -> Tensor:
    there = torch.empty(tensor.shape, dtype=tensor.dtype, device="cpu", pin_memory=True)
    return there.copy_(tensor, non_blocking=True)


class Batch:
    """The slots. Belongs to one thread; its methods are called in inference mode, all or none."""

    def __init__(
        self,
        model: VoiceLanguageModel,
        sampling: Sampling,
        shape: Shape,
        reader: TextReader,
        *,
        graphs: Graphs,
        block: int,
    ) -> None:
        """Take the model, which stays as it is; nobody is in the slots."""
        width, rows = shape.width, shape.rows
        like, sizes = model.norm.weight, model.sizes
        self.shape = shape
        self._model = model
        self._sampling = sampling
        self._reader = reader
        self._graphs = graphs
        self._key = ("decode", next(NUMBERS))
        self._block = block
        self._seats: dict[int, _Seat] = {}
        self._unclean = set[int]()
        self._cache = model.cache(width * rows, shape.places, zeroed=False)
        self._cleared = 0
        self._masks: dict[tuple[int, ...], Tensor] = {}
        self._windows: dict[int, Window] = {}
        self._at = like.new_zeros((2, width, rows), dtype=torch.int64)
        self._positions, self._places = self._at.view(2, width * rows, 1).unbind()
        self._codes = like.new_zeros((width, rows), dtype=torch.int64)
        self._next = self._codes.view(width * rows, 1)
        self._seen = like.new_ones((width, sizes.codes), dtype=torch.float32)
        self._noise = like.new_ones((width, self._block, sizes.codes), dtype=torch.float32)
        self._turns = torch.arange(width, device=like.device) * self._block

    def seen(self, slot: int) -> int:
        """Return how many places the next step of a slot looks at; those alike step together."""
        return self.shape.seen(self._seats[slot].used + 1)

    def enter(self, slot: int, opening: Opening, generator: Generator) -> Drawn:
        """Read a segment's opening into a slot, whoever was there, and draw its first code."""
        rows, model = self.shape.rows, self._model
        self._clear(opening.used)
        if slot in self._unclean:
            self._unclean.remove(slot)
            self._cache.rows(slot * rows, rows).held[:, :, : self._cleared] = 0
        states = [
            self._read(slot * rows + row, opening, row) for row in range(len(opening.prompts))
        ]
        if len(states) < rows:
            self._cache.rows(slot * rows, rows).spread(opening.used)
        self._seats[slot] = seat = _Seat(opening.used, min(opening.first) - 1, generator)
        self._at[:, slot] = torch.tensor((opening.first, opening.lengths))
        here = slice(slot, slot + 1)
        self._seen[here].fill_(1)
        self._seen[here, [ALWAYS_SEEN, model.sizes.start_code]] = self._sampling.repetition_penalty
        self._fill(slot)
        noise = self._noise[here, seat.position % self._block]
        seat.position += 1
        drawn = self._draw(torch.cat(states, dim=1).expand(1, rows, -1), self._seen[here], noise)
        self._note(drawn[0], here)
        return Drawn(*drawn)

    def step(self, slots: tuple[int, ...]) -> Drawn:
        """Read the last code of some slots that look at equally many places; draw the next.

        The others stay as they are; what is drawn for them means nothing.
        """
        (seen,) = {self.seen(slot) for slot in slots}
        self._clear(seen)
        for slot in slots:
            seat = self._seats[slot]
            if seat.position % self._block == 0:
                self._fill(slot)
            seat.position += 1
            seat.used += 1
        drawn = self._graphs.run(
            (self._key, seen),
            lambda *ready: self._step(seen, *ready),
            () if self.shape.width == 1 else (self._ready(slots),),
            changes=(self._at, self._codes, self._seen),
        )
        return Drawn(*drawn)

    def leave(self, slot: int, *, clean: bool) -> None:
        """Let go of whoever is in a slot; one that is not clean may have left what is no number."""
        self._seats.pop(slot, None)
        if not clean:
            self._unclean.add(slot)

    def close(self) -> None:
        """Forget what was recorded, which holds on to the memory."""
        self._graphs.forget(self._key)

    def _read(self, line: int, opening: Opening, row: int) -> Tensor:
        """Read a row's prompt into a line of the cache; return the last state (1, 1, D)."""
        return self._reader.read(opening.prompts[row], opening.prefix, self._cache.rows(line))

    def _step(self, seen: int, ready: Tensor | None = None) -> tuple[Tensor, ...]:
        """Do one step of all slots, of which some are `ready` (W, 1): 1, the others 0."""
        window = self._windows.get(seen)
        if window is None:
            if not self.shape.coarse:
                self._windows.clear()
            window = self._windows[seen] = self._model.window(self._cache, seen)
        positions = self._positions
        if ready is not None:  # one that waits at the end of its positions is beyond the last
            positions = positions.clamp_max(self._model.sizes.code_places - 1)
        states = self._model.read(self._model.spoken(self._next, positions), window, self._places)
        states = states.view(self.shape.width, self.shape.rows, -1)
        codes, sums, latents = self._draw(states, self._seen, self._turn())
        if ready is None:
            self._note(codes, slice(None))
            self._at.add_(1)
        else:
            codes = torch.where(ready[:, 0] > 0, codes, self._codes[:, 0])
            self._note(codes, slice(None))
            self._at.add_(ready)
        return codes, sums, latents

    def _draw(self, states: Tensor, seen: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return codes (W), sums of their logits (W), and latents (W, D) of states (W, R, D)."""
        logits = self._model.logits(states[:, 0]).float()
        return draw(logits, seen, noise, self._sampling), logits.sum(-1), states[:, -1].float()

    def _note(self, codes: Tensor, slots: slice) -> None:
        """Have the codes (W) of some slots read next, and seen from now on."""
        column = codes.unsqueeze(1)
        self._codes[slots].copy_(column)
        self._seen[slots].scatter_(1, column, self._sampling.repetition_penalty)

    def _turn(self) -> Tensor:
        """Return the noise (W, V) of this step's draws."""
        if self._block == 1:
            return self._noise[:, 0]
        turns = self._turns + self._at[0].amin(1) % self._block
        return self._noise.flatten(0, 1).index_select(0, turns)

    def _fill(self, slot: int) -> None:
        """Make the noise of a slot's next draws."""
        if self._sampling.greedy:
            return
        generator, noise = self._seats[slot].generator, self._noise[slot]
        if generator.device.type != noise.device.type:
            for row in noise:
                row.copy_(torch.empty(row.shape).exponential_(1, generator=generator))
        else:
            noise.exponential_(1, generator=generator)

    def _ready(self, slots: tuple[int, ...]) -> Tensor:
        """Return 1 for these slots and 0 for the others (W, 1); made once while they are few."""
        if (ready := self._masks.get(slots)) is None:
            ones = [[int(slot in slots)] for slot in range(self.shape.width)]
            if len(self._masks) == MASKS:
                self._masks.clear()
            ready = self._masks[slots] = torch.tensor(ones, device=self._at.device)
        return ready

    def _clear(self, seen: int) -> None:
        """Make numbers of what is in the first places; memory beyond them is not touched."""
        if seen > self._cleared:
            self._cache.held[:, :, self._cleared : seen] = 0
            self._cleared = seen
