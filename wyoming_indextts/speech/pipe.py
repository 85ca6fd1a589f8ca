"""Run a source ahead of its reader without letting it run away.

The only place outside `asyncio.TaskGroup` that starts a task; the task cannot outlive the
`async with` block that started it.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Pipe(AsyncIterator[T], Generic[T]):
    """What the block of `piped` reads. One reader at a time."""

    def __init__(self, source: AsyncGenerator[T, None], depth: int) -> None:
        self._items: deque[T] = deque()
        self._room = asyncio.Semaphore(depth)
        self._changed = asyncio.Event()
        self._ended = False
        self._error: BaseException | None = None
        self._filling = asyncio.create_task(self._fill(source), name="pipe")
        self._filling.add_done_callback(self._filled)

    @property
    def ready(self) -> bool:
        """Whether the reader would not have to wait."""
        return bool(self._items) or self._ended

    def break_off(self, error: Exception) -> None:
        """Stop the source and drop what is waiting; the reader gets `error` and nothing more.

        A source that has ended and was read to its end is past being broken off.
        """
        if self._ended and not self._items:
            return
        self._items.clear()
        self._ended, self._error = True, error
        self._filling.cancel()
        self._changed.set()

    async def __anext__(self) -> T:
        while not self._items:
            if self._error is not None:
                raise self._error
            if self._ended:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        self._room.release()
        return self._items.popleft()

    async def close(self) -> None:
        """Stop the source and wait until it has cleaned up."""
        self._filling.cancel()
        await asyncio.wait([self._filling])

    async def _fill(self, source: AsyncGenerator[T, None]) -> None:
        async with aclosing(source):
            async for item in source:
                await self._room.acquire()
                self._items.append(item)
                self._changed.set()

    def _filled(self, filling: asyncio.Task[None]) -> None:
        error = None if filling.cancelled() else filling.exception()
        if not self._ended:
            self._ended, self._error = True, error
            self._changed.set()


@asynccontextmanager
async def piped(source: AsyncGenerator[T, None], *, depth: int) -> AsyncGenerator[Pipe[T], None]:
    """Read `source` at most `depth` items ahead of the block's reader.

    Errors of `source` reach the reader after the items before them. Leaving the block, by
    any road, cancels the source and waits until it has cleaned up.
    """
    pipe = Pipe(source, depth)
    try:
        yield pipe
    finally:
        await pipe.close()
