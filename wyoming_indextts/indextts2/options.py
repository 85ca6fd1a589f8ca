"""What IndexTTS2's engine is started with; travels to its process, so it is plain."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

RATE: Final = 22_050
"""Samples per second that IndexTTS2 speaks."""

HEAP: Final = {
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1:"
    "glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=268435456"
}
"""Environment of a process that speaks on a CPU: large pages, and what a step of the nets has freed
stays for the next one. The flow took a fifth less time so in a virtual machine. Only read when a
process starts, and only by glibc."""

Device = Literal["auto", "cpu", "cuda"]
"""Where the nets run; `auto` takes CUDA where there is a card."""

Precision = Literal["auto", "float32", "float16", "bfloat16"]
"""Numbers of the nets that speak; `auto` leaves them to the device, see `precision.py`."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """Speech for a benchmark, with weights that need not mean anything.

    Each token of text gets so many codes, whatever the model says of its end. With `eager` sound
    begins as soon as there is some, though gaps may follow, and the machine is not tried at start.
    """

    codes_per_token: int
    eager: bool = False


@dataclass(frozen=True, slots=True)
class IndexTTS2Options:
    """`folder` holds the official files; `voices` the enrolled voices, as `store` keeps them.

    With `streaming` a sentence is heard while its codes are still being decoded; without, each of
    its segments is made in one shot, as the reference does. `steps` of Euler and `guidance` are
    the flow's; None leaves the steps to the machine's speed. A voice is known by the first 15
    seconds of its clip, or by its `best`: 3 to `prompt` seconds, and None leaves these, up to 6, to
    the speed as well: a shorter prompt makes every sentence quicker. With `training_positions`
    codes are drawn by the positions of training, not the reference's: other codes, in one row
    instead of two. With `graphs` a card records the steps it takes again and again. So many `slots`
    sentences have their codes decoded together; None is one on a CPU, and on a card what its memory
    allows. With `int8` the voice language model's matrices take half the memory of half precision.
    An `exercise` is for a benchmark. A speed that was measured after the moment `since` (seconds
    since 1970) holds: an engine that comes back after idling does not try the machine again.
    """

    folder: Path
    voices: Path
    device: Device = "auto"
    precision: Precision = "auto"
    steps: int | None = 25
    guidance: float = 0.7
    best: bool = True
    prompt: float | None = None
    streaming: bool = True
    training_positions: bool = False
    graphs: bool = True
    slots: int | None = None
    int8: bool = False
    exercise: Exercise | None = None
    since: float | None = None
