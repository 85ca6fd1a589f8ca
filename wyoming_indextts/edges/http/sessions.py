"""The sessions that are open, by their ids, which are secrets: who knows one may speak there."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from wyoming_indextts.edges.http.session import Session
from wyoming_indextts.errors import NotFoundError


def new_id() -> str:
    """Return an id that nobody guesses."""
    return secrets.token_urlsafe(16)


class Sessions:
    """Knows them while they are open."""

    def __init__(self) -> None:
        self._open: dict[str, Session] = {}  # bounded by connections and peers

    @contextmanager
    def holding(self, session: Session) -> Iterator[None]:
        """Know the session while the block runs."""
        self._open[session.id] = session
        try:
            yield
        finally:
            del self._open[session.id]

    def get(self, name: str) -> Session:
        """Return the session of that id.

        Raises:
            NotFoundError: there is none, or not any more.
        """
        session = self._open.get(name)
        if session is None:
            raise NotFoundError("there is no such session, or not any more")
        return session
