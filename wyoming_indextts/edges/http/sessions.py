"""Sessions by their ids, which are secrets: whoever knows one may speak into it, and silence it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from wyoming_indextts.edges.http.session import Session
from wyoming_indextts.errors import NotFoundError


class Sessions:
    """Knows every session that is held, over WebSockets and WebRTC."""

    def __init__(self) -> None:
        self._held: dict[str, Session] = {}  # bounded by options.sessions

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._held)

    def __contains__(self, name: object) -> bool:
        """Return whether there is one of that id."""
        return name in self._held

    @contextmanager
    def known(self, session: Session) -> Iterator[None]:
        """Let a session be found for as long as the block runs."""
        self._held[session.id] = session
        try:
            yield
        finally:
            del self._held[session.id]

    async def speak(self, name: str, wish: Mapping[str, object]) -> str:
        """Have something spoken in a session; return the utterance's id.

        Raises:
            NotFoundError: there is no such session, or its client has just gone.
            SpeechError: what is wished for cannot be done.
        """
        try:
            return await self._find(name).speak(wish)
        except ConnectionError:
            raise _none() from None

    async def cancel(self, name: str, utterance: str | None = None) -> int:
        """End one utterance of a session, or all; return how many there were.

        Raises:
            NotFoundError: there is no such session, or its client has just gone.
        """
        try:
            return await self._find(name).cancel(utterance)
        except ConnectionError:
            raise _none() from None

    def _find(self, name: str) -> Session:
        if (session := self._held.get(name)) is None:
            raise _none()
        return session


def _none() -> NotFoundError:
    return NotFoundError("there is no such session, or not any more")
