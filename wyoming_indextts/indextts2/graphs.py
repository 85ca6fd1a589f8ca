"""Graphs: a function of tensors of fixed shapes, recorded once on a card and replayed from then on.

A step of decoding or of the flow is hundreds of small kernels; calling them one by one takes longer
than they do. A CUDA graph starts them all in one call. What a caller does is the same everywhere:

    rows = fitting(len(waiting), (1, 2, 4, 8))        # pad to one of few sizes
    (velocity,) = graphs.run(("dit", rows), step, (x, ground, row))

On a card the first call of a key runs `step` to warm it up, records it, and replays it; each later
one copies the inputs to where the recording reads them and replays. On a CPU, or turned off, `step`
is called with the inputs themselves: so tests on a CPU go the same way, padding and all.

**Untested on a card as of 2026-11-28**: no machine of ours had one. What does not need one - which
recording is used, what is copied, what is dropped, what follows a failure - is tested with a
recorder that replays by calling.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import torch
from torch import Tensor

log = logging.getLogger(__name__)

MOST: Final = 64
"""Recordings kept; of more, those that were used last. Each takes a few megabytes of a card."""

WARM: Final = 2
"""Runs before a recording, in which libraries choose their kernels and allocate what they keep."""

Step: TypeAlias = Callable[..., tuple[Tensor, ...]]
"""A function that can be recorded; see `Graphs.run`."""

Replay: TypeAlias = Callable[[], tuple[Tensor, ...]]
"""Does once more what was recorded; gives the same tensors each time, with new numbers in them."""


class Recorder(Protocol):
    """Records a function."""

    def record(self, step: Step, inputs: Sequence[Tensor]) -> Replay:
        """Run `step` with the inputs until it is warm, and record it; it reads them there for ever.

        Raises:
            RuntimeError: it cannot be recorded.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Recording:
    inputs: tuple[Tensor, ...]
    replay: Replay


class Graphs:
    """The recordings of one process, which share one pool of memory. Belongs to one thread."""

    def __init__(self, recorder: Recorder | None = None, *, most: int = MOST) -> None:
        """Take who records; with None every function is called as it is."""
        self._recorder = recorder
        self._most = most
        self._kept: OrderedDict[Hashable, _Recording] = OrderedDict()

    @property
    def recording(self) -> bool:
        """Whether functions are recorded; False on a CPU, turned off, or after a failure."""
        return self._recorder is not None

    def run(
        self,
        key: Hashable,
        step: Step,
        inputs: Sequence[Tensor] = (),
        *,
        changes: Sequence[Tensor] = (),
    ) -> tuple[Tensor, ...]:
        """Return what `step(*inputs)` does; the tensors are the caller's own.

        Args:
            key: Names the function and all that it is made for beside shapes and types of the
                inputs, which need not be in it. One key, one function.
            step: Gives tensors whose shapes depend on nothing but those of the inputs. It neither
                waits for the device nor looks at a number (`.item()`, `bool(tensor)`), draws no
                random numbers, and calls for no pageable memory of the host. What it holds on to
                beside the inputs (weights, a cache) stays at its place in memory while the key is
                used; it may write there, so that what it does twice is the same as once.
            inputs: On the device; they are not changed and may be anywhere.
            changes: What `step` changes so that twice is not as once, such as a counter: put back
                after warming up.
        """
        if self._recorder is None:
            return step(*inputs)
        whole = (key, tuple((tensor.shape, tensor.dtype) for tensor in inputs))
        recording = self._kept.pop(whole, None) or self._recorded(step, inputs, changes)
        if recording is None:
            return step(*inputs)
        self._kept[whole] = recording
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        for there, given in zip(recording.inputs, inputs, strict=True):
            there.copy_(given)
        # what one recording gives lies where another may write, as they share their memory
        return tuple(tensor.clone() for tensor in recording.replay())

    def forget(self, key: Hashable) -> None:
        """Drop the recordings of a key, whatever the shapes: what it holds on to is let go of."""
        for whole in [kept for kept in self._kept if isinstance(kept, tuple) and kept[0] == key]:
            del self._kept[whole]

    def clear(self) -> None:
        """Drop all recordings."""
        self._kept.clear()

    def _recorded(
        self, step: Step, inputs: Sequence[Tensor], changes: Sequence[Tensor]
    ) -> _Recording | None:
        """Return the recording of a step, or None for ever after the first that fails."""
        if self._recorder is None:
            return None
        before = [tensor.clone() for tensor in changes]
        there = tuple(tensor.clone() for tensor in inputs)
        try:
            return _Recording(there, self._recorder.record(step, there))
        except RuntimeError as error:  # torch has no narrower one for what a capture refuses
            log.warning("CUDA graphs are off, and speech is slower: %s", _first_line(error))
            self._recorder = None
            self._kept.clear()
            return None
        finally:
            for tensor, was in zip(changes, before, strict=True):
                tensor.copy_(was)


class CudaRecorder:
    """Records CUDA graphs. Other threads may use the card meanwhile."""

    def __init__(self) -> None:
        """Take a pool of memory; it is empty at first."""
        self._pool = torch.cuda.graph_pool_handle()

    def record(self, step: Step, inputs: Sequence[Tensor]) -> Replay:
        """Record a step, as `Recorder` has it."""
        beside = torch.cuda.Stream()
        beside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(beside):
            for _ in range(WARM):
                step(*inputs)
        torch.cuda.current_stream().wait_stream(beside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
            given = step(*inputs)

        def replay() -> tuple[Tensor, ...]:
            graph.replay()
            return given

        return replay


def graphs_for(device: torch.device, *, wanted: bool) -> Graphs:
    """Return the graphs of a device; they record only on a card, and only if that is wanted."""
    return Graphs(CudaRecorder() if wanted and device.type == "cuda" else None)


def fitting(size: int, sizes: Sequence[int]) -> int:
    """Return the smallest of rising sizes that is at least `size`.

    Raises:
        ValueError: None is.
    """
    for one in sizes:
        if one >= size:
            return one
    raise ValueError(f"{size} is above {sizes[-1]}, the largest of the sizes")


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
