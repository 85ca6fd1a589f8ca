"""What crosses the pipe between the server and its engine's process, and how it is framed.

    server  --Prepare, Load, Begin, Cancel, Close-->  engine's process
    server  <--Loaded | LoadFailed, Begun, Produced, Dropped, Worked, Alive, Logged--  likewise

Plain values, pickled behind their length. Both ends are one program and one user, so pickle's
trust in its input is in place. A job's deadline keeps its meaning: the monotonic clock is the
machine's.
"""

import pickle
import struct
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from wyoming_indextts.errors import SpeechError
from wyoming_indextts.speech.engine import Job, Produced
from wyoming_indextts.speech.vitals import Lack, Toll

_LENGTH: Final = struct.Struct(">I")
"""In front of every message: its length in bytes."""


@dataclass(frozen=True, slots=True)
class Load:
    """Make the engine by calling `factory` ("module:function") with `options`.

    The first order, but for a `Prepare`.

    `beat` is the longest time in seconds to be silent between two steps; records below
    `log_level` are not wanted.
    """

    factory: str
    options: object
    beat: float
    log_level: int


@dataclass(frozen=True, slots=True)
class Prepare:
    """Import what `factory` needs, so that a later `Load` of it takes less time."""

    factory: str


@dataclass(frozen=True, slots=True)
class Begin:
    """Speak a job."""

    job: Job


@dataclass(frozen=True, slots=True)
class Cancel:
    """Drop a job, known or not."""

    job_id: int


@dataclass(frozen=True, slots=True)
class Close:
    """Close the engine and end; the last order."""


Order = Prepare | Load | Begin | Cancel | Close


@dataclass(frozen=True, slots=True)
class Loaded:
    """The engine can speak; see `Engine.real_time_factor` and `speech.vitals`."""

    real_time_factor: float
    lack: Lack | None = None


@dataclass(frozen=True, slots=True)
class LoadFailed:
    """The engine cannot be made, and says why; the process ends."""

    error: SpeechError


@dataclass(frozen=True, slots=True)
class Worked:
    """A job has been spoken; see `Engine.real_time_factor` and `speech.vitals`."""

    real_time_factor: float
    toll: Toll


@dataclass(frozen=True, slots=True)
class Begun:
    """The engine is about to be given the job: whatever happens now may be the job's doing."""

    job_id: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """The engine works no more for a job that was cancelled."""

    job_id: int


@dataclass(frozen=True, slots=True)
class Alive:
    """Nothing to report."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A log record, its traceback in the text."""

    logger: str
    level: int
    text: str


Report = Loaded | LoadFailed | Worked | Begun | Dropped | Alive | Logged | Produced


def encode(*messages: Order | Report) -> bytes:
    """Return the messages as they cross the pipe."""
    parts: list[bytes] = []
    for message in messages:
        body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        parts += (_LENGTH.pack(len(body)), body)
    return b"".join(parts)


M = TypeVar("M")


class Decoder(Generic[M]):
    """Turns bytes, cut anywhere, into the messages that were encoded."""

    def __init__(self) -> None:
        self._read = bytearray()

    def feed(self, piece: bytes) -> list[M]:
        """Take more bytes; return the messages that are complete by now."""
        self._read += piece
        messages: list[M] = []
        start = 0
        while (body := start + _LENGTH.size) <= len(self._read):
            end = body + _LENGTH.unpack_from(self._read, start)[0]
            if end > len(self._read):
                break
            messages.append(pickle.loads(memoryview(self._read)[body:end]))  # noqa: S301 - ours
            start = end
        del self._read[:start]
        return messages
