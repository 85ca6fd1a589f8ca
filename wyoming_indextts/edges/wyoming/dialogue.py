"""The Wyoming text-to-speech conversation as a pure state machine: events in, commands out.

    idle --synthesize--------------------------> Begin, Say, End
    idle --synthesize-start--> streaming         Begin
    streaming --synthesize-chunk--> streaming    Say
    streaming --synthesize--> streaming          (the client's copy of the text; ignored)
    streaming --synthesize-start--> streaming    TakeBack, Begin
    streaming --synthesize-stop--> idle          End
    any --describe, ping---------------------->  Describe, Pong

A stream that has failed has been answered, but its client may not know yet: until it stops,
its chunks and one copy of them are still part of it and go nowhere. Any other text is a new
request, and so is the same text once more: the connection is usable at once.

No sockets here, so every rule is tested with plain function calls.
"""

from dataclasses import dataclass

from wyoming.event import Event

from wyoming_indextts.edges.wyoming.asking import NOTHING_ASKED, request_of, text_of
from wyoming_indextts.errors import SpeechError, TooLargeError
from wyoming_indextts.speech.request import Request


@dataclass(frozen=True, slots=True)
class Describe:
    """The client asks what this server can do."""


@dataclass(frozen=True, slots=True)
class Pong:
    """The client wants `text` back."""

    text: str | None


@dataclass(frozen=True, slots=True)
class Begin:
    """A new utterance."""

    request: Request
    streamed: bool


@dataclass(frozen=True, slots=True)
class Say:
    """More text of the newest utterance."""

    text: str


@dataclass(frozen=True, slots=True)
class End:
    """The newest utterance's text is complete."""


@dataclass(frozen=True, slots=True)
class Fail:
    """The newest utterance ends now, and the client is told why."""

    error: SpeechError


@dataclass(frozen=True, slots=True)
class TakeBack:
    """The client no longer wants the newest utterance; nobody needs to be told."""


Command = Describe | Pong | Begin | Say | End | Fail | TakeBack


@dataclass(slots=True)
class _Stream:
    said: str = ""
    failed: bool = False
    copied: bool = False


class Dialogue:
    """One connection's place in the conversation."""

    def __init__(self, text_characters: int) -> None:
        """Allow requests of `text_characters`."""
        self._longest = text_characters
        self._stream: _Stream | None = None

    def receive(self, event: Event) -> tuple[Command, ...]:  # noqa: PLR0911 - one a case
        """Advance by one event; events of other services and out-of-order ones give ()."""
        match event.type:
            case "describe":
                return (Describe(),)
            case "ping":
                text = event.data.get("text")
                return (Pong(text if isinstance(text, str) else None),)
            case "synthesize":
                return self._whole(event.data)
            case "synthesize-start":
                return self._start(event.data)
            case "synthesize-chunk" if self._stream:
                return self._chunk(self._stream, event.data)
            case "synthesize-stop" if self._stream:
                return self._stop(self._stream)
        return ()

    def refuse(self, error: SpeechError) -> tuple[Command, ...]:
        """Answer an event that could not be read: the open stream lacks it, or nothing does."""
        if self._stream and not self._stream.failed:
            self._stream.failed = True
            return (Fail(error),)
        return _refusal(error, streamed=False)

    def stream_failed(self) -> None:
        """Note that the open stream, if any, has been answered with an error."""
        if self._stream:
            self._stream.failed = True

    def _whole(self, fields: dict[str, object]) -> tuple[Command, ...]:
        if self._stream and not self._stream.failed:
            return ()
        try:
            text = text_of(fields)
            if self._stream and self._is_copy(self._stream, text):
                return ()
            self._stream = None
            self._measure(text)
            request = request_of(fields)
        except SpeechError as error:
            return _refusal(error, streamed=False)
        return Begin(request, streamed=False), Say(text), End()

    def _is_copy(self, stream: _Stream, text: str) -> bool:
        """Tell the copy of a failed stream, which comes once, from a text of its own."""
        again = stream.copied or not stream.said or not text.startswith(stream.said)
        stream.copied = True
        return not again

    def _start(self, fields: dict[str, object]) -> tuple[Command, ...]:
        dropped = (TakeBack(),) if self._stream and not self._stream.failed else ()
        self._stream = _Stream()
        try:
            return *dropped, Begin(request_of(fields), streamed=True)
        except SpeechError as error:
            self._stream.failed = True
            return *dropped, *_refusal(error, streamed=True)

    def _chunk(self, stream: _Stream, fields: dict[str, object]) -> tuple[Command, ...]:
        try:
            text = text_of(fields)
            self._measure(stream.said, text)
        except SpeechError as error:
            return () if stream.failed else self.refuse(error)
        stream.said += text
        return () if stream.failed or not text else (Say(text),)

    def _stop(self, stream: _Stream) -> tuple[Command, ...]:
        self._stream = None
        return () if stream.failed else (End(),)

    def _measure(self, *texts: str) -> None:
        if sum(map(len, texts)) > self._longest:
            raise TooLargeError(f"a text may have {self._longest} characters")


def _refusal(error: SpeechError, *, streamed: bool) -> tuple[Command, ...]:
    """A request that is answered in its turn, with an error."""
    return Begin(NOTHING_ASKED, streamed=streamed), Fail(error)
