"""Admission: so many at once, the most urgent next, one too many is sent away."""

import asyncio

import pytest

from wyoming_indextts.errors import BusyError
from wyoming_indextts.speech.admission import Admission


async def test_the_most_urgent_of_those_who_wait_is_next() -> None:
    admission = Admission(speaking=1, waiting=8)
    order: list[str] = []

    async def turn(name: str, deadline: float) -> None:
        with admission.place() as place:
            await place.take(deadline)
            order.append(name)

    with admission.place() as first:
        await first.take(0.0)
        async with asyncio.timeout(2), asyncio.TaskGroup() as tasks:
            for name, deadline in (("late", 9.0), ("soon", 1.0), ("middle", 5.0)):
                tasks.create_task(turn(name, deadline))
            while admission.waiting < 3:
                await asyncio.sleep(0)
            first.release()
    assert order == ["soon", "middle", "late"]


async def test_one_too_many_is_told_busy_and_the_others_are_served() -> None:
    admission = Admission(speaking=1, waiting=1)
    with admission.place() as speaking, admission.place() as waiting, admission.place() as third:
        await speaking.take(0.0)
        turn = asyncio.create_task(waiting.take(0.0))
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await third.take(0.0)
        speaking.release()
        async with asyncio.timeout(1):
            await turn


async def test_who_has_spoken_before_is_never_sent_away() -> None:
    admission = Admission(speaking=1, waiting=0)
    with admission.place() as paused, admission.place() as other:
        await paused.take(0.0)
        paused.release()
        await other.take(0.0)
        turn = asyncio.create_task(paused.take(0.0))
        await asyncio.sleep(0)
        assert not turn.done()
        other.release()
        async with asyncio.timeout(1):
            await turn


async def test_a_waiter_who_leaves_takes_no_place_with_him() -> None:
    admission = Admission(speaking=1, waiting=4)
    with admission.place() as speaking, admission.place() as leaver, admission.place() as next_one:
        await speaking.take(0.0)
        turn = asyncio.create_task(leaver.take(0.0))
        await asyncio.sleep(0)
        speaking.release()
        turn.cancel()
        with pytest.raises(asyncio.CancelledError):
            await turn
        assert admission.waiting == 0
        async with asyncio.timeout(1):
            await next_one.take(0.0)
