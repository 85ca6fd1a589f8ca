"""The pipe: ahead, but not too far; errors in their place; nothing left running."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from wyoming_indextts.speech.pipe import piped


class Counter:
    """Counts up for ever, noting how far it was read and whether it was closed."""

    def __init__(self) -> None:
        self.made = 0
        self.closed = False

    async def numbers(self, end: int = 1_000) -> AsyncGenerator[int, None]:
        try:
            for n in range(end):
                self.made += 1
                yield n
                await asyncio.sleep(0)
            raise ValueError("out of numbers")
        finally:
            self.closed = True


async def test_it_reads_ahead_but_only_so_far() -> None:
    counter = Counter()
    async with piped(counter.numbers(), depth=5) as numbers:
        assert await anext(numbers) == 0
        await asyncio.sleep(0.05)
        assert 5 <= counter.made <= 7
    assert counter.closed


async def test_everything_passes_in_order_and_then_the_error() -> None:
    seen: list[int] = []
    with pytest.raises(ValueError, match="out of numbers"):
        async with asyncio.timeout(2), piped(Counter().numbers(20), depth=2) as numbers:
            async for n in numbers:
                seen.append(n)
    assert seen == list(range(20))


async def test_ready_says_whether_the_reader_would_wait() -> None:
    gate = asyncio.Event()

    async def gated() -> AsyncGenerator[int, None]:
        yield 1
        await gate.wait()
        yield 2

    async with asyncio.timeout(2), piped(gated(), depth=5) as numbers:
        assert not numbers.ready
        assert await anext(numbers) == 1
        assert not numbers.ready
        gate.set()
        assert [n async for n in numbers] == [2]
        assert numbers.ready


async def test_broken_off_it_stops_its_source_and_drops_what_waits() -> None:
    counter = Counter()
    async with asyncio.timeout(2), piped(counter.numbers(), depth=5) as numbers:
        assert await anext(numbers) == 0
        await asyncio.sleep(0.05)
        numbers.break_off(InterruptedError("enough"))
        with pytest.raises(InterruptedError, match="enough"):
            await anext(numbers)
        while not counter.closed:
            await asyncio.sleep(0)


async def test_breaking_off_what_was_read_to_its_end_changes_nothing() -> None:
    async def three() -> AsyncGenerator[int, None]:
        for n in range(3):
            yield n

    async with asyncio.timeout(2), piped(three(), depth=5) as numbers:
        assert [n async for n in numbers] == [0, 1, 2]
        numbers.break_off(InterruptedError("too late"))
        assert [n async for n in numbers] == []
