"""One client's session in the control protocol, whatever carries it: its utterances in turn.

Messages are JSON objects; what each side may send, with the fields of `asking` for a style:

    client  speak   id, text, style, more: text follows by append, replace: cancel all others
            append  id, text           end     id: no more text follows
            cancel  id, or all         style   id, or all: heard from the next sentence on
    server  hello   version, rate, channels, format, synthetic: no person speaks
            queued  id, position: utterances before it     start     id: its sound follows
            sentence  id, text, at: seconds into the sound
            end     id, seconds     cancelled  id     error  id if it is one's, code, text

An utterance ends with exactly one of `end`, `cancelled` and `error`. Sound between a `start` and
such an end belongs to that utterance.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from wyoming_indextts import __version__
from wyoming_indextts.edges.http.asker import Asked
from wyoming_indextts.edges.http.asking import (
    STYLE,
    check_known,
    request_of,
    restyled,
    text_of,
)
from wyoming_indextts.edges.http.body import object_of
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.spoken import Outbox, Spoken
from wyoming_indextts.errors import BadRequestError, BusyError, NotFoundError, SpeechError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.speaker import Speaker

LONGEST_ID: Final = 64
"""Characters of an utterance's id."""

FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "speak": frozenset({"id", "text", "more", "replace", *STYLE}),
    "append": frozenset({"id", "text"}),
    "end": frozenset({"id"}),
    "cancel": frozenset({"id"}),
    "style": frozenset({"id", *STYLE}),
}
"""What a client may send, and with what."""


class Session:
    """Speaks what one client asks for, one utterance after the other."""

    def __init__(
        self, speaker: Speaker, outbox: Outbox, options: HttpOptions, asked: Asked
    ) -> None:
        """Take the parts; `asked` is who opened the session."""
        self._asked_by = asked
        self._speaker = speaker
        self._outbox = outbox
        self._options = options
        self._asked: deque[Spoken] = deque()  # the first is spoken; bounded by options.waiting
        self._changed = asyncio.Event()
        self._emptied = asyncio.Event()
        self._sending = asyncio.Lock()

    async def run(self) -> None:
        """Greet, and speak until cancelled."""
        await self.tell(
            {
                "type": "hello",
                "version": __version__,
                "rate": self._speaker.rate,
                "channels": 1,
                "format": "pcm_s16le",
                "synthetic": True,
            }
        )
        while True:
            while not self._asked:
                self._changed.clear()
                await self._changed.wait()
            spoken = self._asked[0]
            try:
                await self.tell(await spoken.speak(self._speaker, self))
            finally:
                self._asked.remove(spoken)
                self._emptied.set()

    async def part(self, error: SpeechError) -> None:
        """End every utterance with `error`; return when the client was told."""
        for spoken in self._chosen(None):
            spoken.fail(error)
            if not spoken.begun:
                self._asked.remove(spoken)
                await self.tell(_told(spoken.id, error))
        while self._asked:
            self._emptied.clear()
            await self._emptied.wait()

    async def receive(self, content: str) -> None:
        """Do what a message asks; what cannot be done is told to the client."""
        name: str | None = None
        try:
            message = object_of(content)
            kind = message.pop("type", None)
            if not isinstance(kind, str) or kind not in FIELDS:
                raise BadRequestError(f"type must be one of {', '.join(FIELDS)}")
            name = _id(message)
            check_known(message, FIELDS[kind])
            await self._do(kind, name, message)
        except SpeechError as error:
            await self.tell(_told(name, error))

    async def _do(self, kind: str, name: str | None, message: Mapping[str, object]) -> None:
        match kind:
            case "speak":
                await self._speak(name, message)
            case "append":
                text = text_of(message, self._options.text_characters)
                self._one(name).say(text)
            case "end":
                self._one(name).complete()
            case "cancel":
                await self._cancel(self._chosen(name))
            case "style":
                self._restyle(self._chosen(name), message)

    async def _speak(self, name: str | None, message: Mapping[str, object]) -> None:
        more, replaces = _flag(message, "more"), _flag(message, "replace")
        if name is None:
            raise BadRequestError("speak needs an id")
        text = (
            ""
            if more and not message.get("text")
            else text_of(message, self._options.text_characters)
        )
        wanted = replace(request_of(message), asker=self._asked_by.asker(name))
        self._speaker.check(wanted)
        if self._chosen(name):
            raise BadRequestError(f"{name!r} is spoken already")
        if replaces:
            await self._cancel(self._chosen(None))
        ahead = sum(not other.cancelled for other in self._asked)
        if ahead > self._options.waiting:
            raise BusyError(f"{self._options.waiting} utterances may wait")
        spoken = Spoken(name, wanted, self._options)
        if text:
            spoken.say(text)
        if not more:
            spoken.complete()
        self._asked.append(spoken)
        await self.tell({"type": "queued", "id": name, "position": ahead})
        self._changed.set()

    async def _cancel(self, chosen: Iterable[Spoken]) -> None:
        """End utterances; one that has not begun is told of here, the others as they end."""
        for spoken in chosen:
            spoken.cancel()
            if not spoken.begun:
                self._asked.remove(spoken)
                await self.tell({"type": "cancelled", "id": spoken.id})

    def _restyle(self, chosen: Iterable[Spoken], message: Mapping[str, object]) -> None:
        style = {name: value for name, value in message.items() if name in STYLE}
        wishes = [(spoken, restyled(spoken.request, style)) for spoken in chosen]
        for _, wanted in wishes:
            self._speaker.check(wanted)
        for spoken, wanted in wishes:
            spoken.request = wanted

    def _chosen(self, name: str | None) -> list[Spoken]:
        """Return the utterances of that id, or all; one that has ended meanwhile is no mistake."""
        return [spoken for spoken in self._asked if name in (None, spoken.id)]

    def _one(self, name: str | None) -> Spoken:
        for spoken in self._asked:
            if spoken.id == name:
                return spoken
        raise NotFoundError("no utterance of that id is open")

    async def tell(self, message: Mapping[str, object]) -> None:
        """Send a message, between others."""
        async with self._sending:
            await self._outbox.tell(message)

    async def sound(self, pcm: Pcm) -> None:
        """Send sound, between messages."""
        async with self._sending:
            await self._outbox.sound(pcm)

    async def flush(self) -> None:
        """Wait until all of an utterance's sound has left."""
        await self._outbox.flush()

    def drop(self) -> None:
        """Send no more of an utterance's sound."""
        self._outbox.drop()


def _id(message: Mapping[str, object]) -> str | None:
    name = message.get("id")
    if name is None:
        return None
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_ID:
        raise BadRequestError(f"id must be a string of up to {LONGEST_ID} characters")
    return name


def _flag(message: Mapping[str, object], name: str) -> bool:
    value = message.get(name, False)
    if not isinstance(value, bool):
        raise BadRequestError(f"{name} must be true or false")
    return value


def _told(name: str | None, error: SpeechError) -> Mapping[str, object]:
    whose = {} if name is None else {"id": name}
    return {"type": "error", **whose, "code": error.code, "text": str(error)}
