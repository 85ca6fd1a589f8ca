"""A block of code that another task can end: a cancel scope, made of `asyncio.timeout`."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class Interruption:
    """Ends at most one block, once; belongs to the event loop's thread."""

    def __init__(self) -> None:
        self.asked = False
        """Whether the block was, or is to be, ended early."""
        self._scope: asyncio.Timeout | None = None

    def ask(self) -> None:
        """End the block at its next wait; also if it has yet to begin."""
        if not self.asked:
            self.asked = True
            if self._scope is not None:
                self._scope.reschedule(0)

    @asynccontextmanager
    async def interruptible(self) -> AsyncGenerator[None, None]:
        """Run the block to its end or until asked; both leave it without an error."""
        scope = asyncio.timeout(0 if self.asked else None)
        try:
            async with scope:
                self._scope = scope
                try:
                    yield
                finally:
                    self._scope = None
        except TimeoutError:
            if not scope.expired():
                raise
