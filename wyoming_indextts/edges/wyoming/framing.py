r"""Wyoming's framing as a pure parser: bytes in, events out, however the bytes are cut.

    {"type": ..., "data": {...}, "data_length": n, "payload_length": m}\n   header, one line
    n bytes of JSON, merged over the header's data
    m bytes of payload, skipped: nothing that a speech server is sent has one

Nothing is kept beyond the limits, and nothing a client sends raises anything but the errors
named here. Knows neither sockets nor what the events mean.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from wyoming.event import Event

from wyoming_indextts.edges.wyoming.options import WyomingOptions
from wyoming_indextts.errors import (
    BadDataError,
    BadHeaderError,
    BadLengthError,
    SpeechError,
    TooLargeError,
)


@dataclass(slots=True)
class _Frame:
    """An event whose header is complete; `problem` is why it is not to be used."""

    type: str
    header_data: dict[str, object]
    problem: SpeechError | None
    body_left: int
    payload_left: int
    body: bytearray = field(default_factory=bytearray)


class Framing:
    """One client's byte stream."""

    def __init__(self, options: WyomingOptions) -> None:
        self._options = options
        self._line = bytearray()
        self._frame: _Frame | None = None

    @property
    def midway(self) -> bool:
        """Whether an event has begun and is not complete."""
        return bool(self._line) or self._frame is not None

    def feed(self, received: bytes) -> Iterator[Event | SpeechError]:
        """Take more bytes; yield what they complete, an error in place of an unusable event.

        Raises:
            BadHeaderError, BadLengthError, TooLargeError: where the next event begins is lost.
        """
        at = 0
        while at < len(received):
            if self._frame is None:
                at = self._read_header(received, at)
            else:
                at = _read_rest(self._frame, received, at)
            if (frame := self._frame) and not frame.body_left and not frame.payload_left:
                self._frame = None
                yield _event(frame)

    def _read_header(self, received: bytes, at: int) -> int:
        newline = received.find(b"\n", at)
        end = len(received) if newline < 0 else newline + 1
        self._line += received[at:end]
        longest = self._options.header_bytes
        if len(self._line) > longest or (newline < 0 and len(self._line) == longest):
            raise TooLargeError(f"a header may have {longest} bytes")
        if newline >= 0:
            line = bytes(self._line)
            self._line.clear()
            self._frame = self._parse_header(line)
        return end

    def _parse_header(self, line: bytes) -> _Frame:
        try:
            header = _object(line)
        except ValueError as error:
            raise BadHeaderError(f"the header is {error}") from None
        data = header.get("data")
        kind = header.get("type")
        problem: SpeechError | None = None
        if not isinstance(kind, str):
            problem = BadHeaderError("the header has no type")
        elif not isinstance(data, dict | None):
            problem = BadDataError("data in the header is not an object")
        return _Frame(
            type=kind if isinstance(kind, str) else "",
            header_data=data if isinstance(data, dict) else {},
            problem=problem,
            body_left=_length(header, "data_length", self._options.data_bytes),
            payload_left=_length(header, "payload_length", self._options.payload_bytes),
        )


def _read_rest(frame: _Frame, received: bytes, at: int) -> int:
    """Take what belongs to `frame`'s body, or else skip what belongs to its payload."""
    here = len(received) - at
    if frame.body_left:
        taken = min(frame.body_left, here)
        frame.body += received[at : at + taken]
        frame.body_left -= taken
    else:
        taken = min(frame.payload_left, here)
        frame.payload_left -= taken
    return at + taken


def _event(frame: _Frame) -> Event | SpeechError:
    if frame.problem:
        return frame.problem
    try:
        body = _object(frame.body) if frame.body else {}
    except ValueError as error:
        return BadDataError(f"the data is {error}")
    return Event(frame.type, frame.header_data | body)


def _object(encoded: bytes | bytearray) -> dict[str, object]:
    """Return the JSON object; the ValueError ends the sentence "it is ..."."""
    try:
        parsed = json.loads(str(encoded, "utf-8"))
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    if not isinstance(parsed, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one kind of error, told apart by text
    return parsed


def _length(header: dict[str, object], name: str, longest: int) -> int:
    length = header.get(name)
    if length is None:
        return 0
    if not isinstance(length, int) or isinstance(length, bool) or length < 0:
        raise BadLengthError(f"{name} is not a whole number of bytes")
    if length > longest:
        raise TooLargeError(f"{name} may be {longest}")
    return length
