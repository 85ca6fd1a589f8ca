"""Decoding: segments of text to speech codes and their latents, one code a step.

Whoever waits for a code has a step done; it is done for all who will want one soon, and they find
theirs when they ask. How far ahead a code may be is bounded, so that little is wasted on one that
is dropped, and those who are in a hurry wait for nobody.

On a card the host is one step behind: it begins a step before it looks at what the last one drew,
so that the card never waits for it. For a segment that turns out to have ended it was in vain.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite
from typing import Final

import torch
from torch import Generator, Tensor

from wyoming_indextts.errors import SpeechError, SynthesisFailedError
from wyoming_indextts.indextts2.batch import BUCKETS, GRAIN, Batch, Drawn, Shape
from wyoming_indextts.indextts2.graphs import Graphs, fitting
from wyoming_indextts.indextts2.reading import TextReader
from wyoming_indextts.indextts2.sampler import Sampling
from wyoming_indextts.indextts2.segment import Segment, opening
from wyoming_indextts.indextts2.voice_lm import VoiceLanguageModel, VoiceSizes

AHEAD: Final = 8
"""Codes of a segment that may be drawn before they are asked for."""

BLOCK: Final = 32
"""Draws whose noise a card makes at once: making it for each would cost a launch for each slot."""

PLACES: Final = BUCKETS[-2:]
"""Places of a row in batches of several segments, or such as are recorded."""

MOST_SLOTS: Final = 16
"""Segments that step together at most: with two rows each, as many as cost a card no more than one
does, whose time goes into reading the weights."""

SHARE: Final = 1 / 16
"""Of a card's memory, for a batch of usual length: 4 GB hold one slot of official size, 24 six."""


@dataclass(slots=True, eq=False)
class _Stream:
    """A segment under way: `left` draws may still begin, `begun` are on their way to the host.

    `gone` may be set by any thread: nobody asks for more.
    """

    batch: Batch
    slot: int
    left: int
    begun: int = 0
    ready: deque[tuple[int, Tensor]] = field(default_factory=deque)
    ended: bool = False
    error: SpeechError | None = None
    gone: bool = False

    @property
    def over(self) -> bool:
        """Whether nothing more is done for it."""
        return self.gone or self.ended or self.error is not None

    @property
    def wants_more(self) -> bool:
        """Whether it takes part in a step that is done for another."""
        return bool(self.left) and not self.over and self.begun + len(self.ready) < AHEAD


@dataclass(frozen=True, slots=True)
class _Step:
    """A step that has begun: for whom, and in which lines of what is drawn."""

    drawn: Drawn
    streams: tuple[_Stream, ...]
    lines: tuple[int, ...]


class Decoder:
    """Decodes segments, several at once. Belongs to one thread."""

    def __init__(
        self,
        model: VoiceLanguageModel,
        sampling: Sampling,
        *,
        training_positions: bool = False,
        slots: int = 1,
        graphs: Graphs | None = None,
        lag: int | None = None,
        block: int | None = None,
    ) -> None:
        """Take the model; no memory is taken before the first segment.

        Args:
            model: It stays where it is, and as it is.
            sampling: How codes are drawn.
            training_positions: Draw by the positions of training too, which takes one row.
            slots: Segments that step together; more take turns in batches of so many.
            graphs: Where steps are recorded, if they are.
            lag: Steps that the host is behind; by default one on a card, none elsewhere.
            block: Draws of a segment whose noise is made at once; by default as `lag`.
        """
        on_card = model.norm.weight.is_cuda
        self._model = model
        self._sampling = sampling
        self._training_positions = training_positions
        self._slots = slots
        self._graphs = graphs or Graphs()
        self._reader = TextReader(model, self._graphs)
        self._lag = int(on_card) if lag is None else lag
        self._block = (BLOCK if on_card else 1) if block is None else block
        self._keeps = on_card
        self._streams: list[_Stream] = []
        self._batches: list[Batch] = []
        self._begun = deque[_Step]()

    def decode(
        self, segment: Segment, *, max_codes: int, generator: Generator
    ) -> Iterator[tuple[int, Tensor]]:
        """Yield each code with its latent (1, 1, D), float32; the stop code is not among them.

        The first step reads the text. Whoever drops the iterator, in any thread, ends the segment.

        Args:
            segment: What is said, on the device and of the dtype of the model.
            max_codes: Draws at most, that of the stop code included; the model's positions are a
                second limit.
            generator: Of any device; it draws as many numbers as this segment needs and some more,
                whatever is decoded beside it.

        Raises:
            TooLargeError: The text has more tokens than the model has positions.
            SynthesisFailedError: The model gave values that are not numbers.
        """
        draws = min(max_codes, self._model.sizes.code_places - 1)
        if draws <= 0:
            return
        stream = self._begin(segment, draws, generator)
        try:
            while (pair := self._next(stream)) is not None:
                yield pair
            self._sweep()  # not below, where another thread may be
        finally:
            stream.gone = True

    def _begin(self, segment: Segment, draws: int, generator: Generator) -> _Stream:
        """Read a segment's text in a slot of its own, and begin its first draw."""
        self._sweep()
        read = opening(self._model, segment, training_positions=self._training_positions)
        batch, slot = self._place(len(read.first), read.used + draws + 1)
        stream = _Stream(batch, slot, left=draws)
        self._streams.append(stream)
        try:
            drawn = batch.enter(slot, read, generator)
        except BaseException:
            stream.gone = True
            raise
        self._count(drawn, (stream,), (0,))
        return stream

    def _next(self, stream: _Stream) -> tuple[int, Tensor] | None:
        """Return the next code of a stream, None at its end."""
        while not stream.ready:
            if stream.error is not None:
                raise stream.error
            while stream.left and stream.begun <= self._lag and not stream.ended:
                self._step(stream)
            if stream.ended or not stream.begun:
                stream.ended = True
                return None
            self._collect()
        return stream.ready.popleft()

    def _step(self, stream: _Stream) -> None:
        """Begin a step for a stream, and for those that can go with it."""
        batch, seen = stream.batch, stream.batch.seen(stream.slot)
        together = tuple(
            other
            for other in self._streams
            if other is stream
            or (other.batch is batch and other.wants_more and batch.seen(other.slot) == seen)
        )
        slots = tuple(other.slot for other in together)
        try:
            drawn = batch.step(slots)
        except BaseException:
            for other in together:  # it may be half done, for all of them
                other.error = SynthesisFailedError("a step of the voice language model failed")
            raise
        self._count(drawn, together, slots)

    def _count(self, drawn: Drawn, streams: tuple[_Stream, ...], lines: tuple[int, ...]) -> None:
        for stream in streams:
            stream.left -= 1
            stream.begun += 1
        self._begun.append(_Step(drawn, streams, lines))

    def _collect(self) -> None:
        """Wait for the oldest step, and hand out what was drawn in it."""
        step = self._begun.popleft()
        told = step.drawn.told()
        for stream, line in zip(step.streams, step.lines, strict=True):
            stream.begun -= 1
            code, total = told[line]
            if stream.ended or stream.error is not None:
                continue  # begun before that was known
            if not isfinite(total):
                stream.error = SynthesisFailedError(
                    "the voice language model gave values that are not numbers"
                )
            elif code == self._model.sizes.stop_code:
                stream.ended = True
            else:
                stream.ready.append((code, step.drawn.latents[line : line + 1].unsqueeze(1)))

    def _place(self, rows: int, places: int) -> tuple[Batch, int]:
        """Return a batch with a free slot of at least so many places, and the slot."""
        coarse = self._slots > 1 or self._graphs.recording
        if coarse and places <= PLACES[-1]:
            places = fitting(places, PLACES)
        else:
            places = -(-places // GRAIN) * GRAIN
        shape = Shape(self._slots, rows, places, coarse)
        for batch in self._batches:
            if batch.shape == shape and (slot := self._free(batch)) is not None:
                return batch, slot
        batch = Batch(
            self._model,
            self._sampling,
            shape,
            self._reader,
            graphs=self._graphs,
            block=self._block,
        )
        self._batches.append(batch)
        return batch, 0

    def _free(self, batch: Batch) -> int | None:
        taken = {stream.slot for stream in self._streams if stream.batch is batch}
        return next((slot for slot in range(batch.shape.width) if slot not in taken), None)

    def _sweep(self) -> None:
        """Let go of streams that have ended, and of batches that are empty.

        A card keeps the first of each shape: recordings know where it is.
        """
        for stream in [one for one in self._streams if one.over]:
            self._streams.remove(stream)
            stream.batch.leave(stream.slot, clean=stream.error is None)
        shapes = set[Shape]()
        for batch in tuple(self._batches):
            first = batch.shape not in shapes
            shapes.add(batch.shape)
            used = any(stream.batch is batch for stream in self._streams)
            if not used and not (self._keeps and first):
                self._batches.remove(batch)
                batch.close()


def slots_for(sizes: VoiceSizes, dtype: torch.dtype, memory: int | None) -> int:
    """Return how many segments may step together on a card with so many bytes of memory.

    None is a CPU: one. There a product of four rows takes as long as two of two rows each, and only
    from eight rows on is there something to gain, which one listener would pay for.
    """
    if memory is None:
        return 1
    one = 2 * sizes.place_bytes(dtype) * PLACES[0]
    return max(1, min(MOST_SLOTS, int(SHARE * memory) // one))


def decode(
    model: VoiceLanguageModel,
    segment: Segment,
    *,
    max_codes: int,
    sampling: Sampling,
    generator: Generator,
    training_positions: bool = False,
) -> Iterator[tuple[int, Tensor]]:
    """Decode one segment by itself; all as `Decoder` has it."""
    decoder = Decoder(model, sampling, training_positions=training_positions)
    yield from decoder.decode(segment, max_codes=max_codes, generator=generator)
