"""Puts an utterance on record when it has ended: as whom, what, and how it ended."""

from collections.abc import AsyncIterable, AsyncIterator
from hashlib import sha256
from typing import Final

from wyoming_indextts.speech.deeds import OK, Asker, Deed, Recorder
from wyoming_indextts.speech.progress import Progress, State
from wyoming_indextts.speech.request import Request

ENDS: Final[frozenset[State]] = frozenset({"finished", "interrupted", "failed"})


class Testimony:
    """Hears one utterance's text and follows its course."""

    def __init__(self, request: Request, voice: str, record: Recorder, text: str = "") -> None:
        """Take who asks for what; `text` is what is known already, the rest is `heard`."""
        self._request = request
        self._voice = voice
        self._record = record
        self._pieces = [text] if text else []  # its edge limits the text

    @property
    def source(self) -> str:
        """The edge that asks."""
        return self._request.source

    def heard(self, text: AsyncIterable[str]) -> AsyncIterator[str]:
        """Return what gives `text` as it comes."""
        return _Heard(aiter(text), self._pieces)

    def follow(self, progress: Progress) -> None:
        """Put it on record if this is its end."""
        if progress.state not in ENDS:
            return
        text = "".join(self._pieces)
        finished = progress.state == "finished"
        self._record(
            Deed(
                "speak",
                self._request.asker or Asker(self._request.source),
                self._voice,
                OK if finished else progress.code or "cancelled",
                {
                    "sha256": sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
                    "characters": len(text),
                    "seconds": round(progress.sound, 2),
                },
                text,
            )
        )


class _Heard(AsyncIterator[str]):
    def __init__(self, text: AsyncIterator[str], pieces: list[str]) -> None:
        self._text = text
        self._pieces = pieces

    async def __anext__(self) -> str:
        piece = await anext(self._text)
        self._pieces.append(piece)
        return piece
