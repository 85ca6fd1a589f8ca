"""The small parts: who may come, what is said of the voices, how things are read and ended."""

import asyncio
from contextlib import aclosing

import pytest
from wyoming.event import Event
from wyoming.info import Info

from tests.edges.wyoming_house import frame
from tests.house import PRESETS, voices
from wyoming_indextts.edges.wyoming.guests import Guests
from wyoming_indextts.edges.wyoming.info import info
from wyoming_indextts.edges.wyoming.options import WyomingOptions
from wyoming_indextts.edges.wyoming.reader import PIECE, received
from wyoming_indextts.errors import ShutdownError, TimedOutError
from wyoming_indextts.speech.interruption import Interruption
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.utterance import Utterance

LIMITS = WyomingOptions(connections=6, connections_per_address=2)


def test_an_address_has_so_many_places_and_gets_them_back() -> None:
    guests = Guests(LIMITS)
    assert guests.admit("192.0.2.7")
    assert guests.admit("192.0.2.7")
    assert not guests.admit("192.0.2.7")
    assert guests.admit("fe80::1%eth0")
    guests.leave("192.0.2.7")
    assert guests.admit("192.0.2.7")
    assert len(guests) == 3


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_may_take_every_place_there_is(address: str) -> None:
    guests = Guests(LIMITS)
    assert [guests.admit(address) for _ in range(7)] == [True] * 6 + [False]


def described(*, variants: bool = True) -> Info:
    return info(voices(), PRESETS, variants=variants)


def test_one_installed_program_speaks_streamed_text_under_its_name_for_ever() -> None:
    """A2."""
    (program,) = described().tts
    assert program.name == "wyoming-indextts"
    assert program.installed and program.supports_synthesize_streaming
    assert program.version and program.attribution.name and program.attribution.url


def test_every_voice_is_there_once_by_itself_and_once_per_emotion() -> None:
    """A2, A3, B9: whatever name is shown can be asked for."""
    (program,) = described().tts
    names = [voice.name for voice in program.voices]
    assert len(names) == len(set(names)) == 2 * (1 + len(list(PRESETS)))
    assert {"alice", "alice-happy", "bob", "bob-sad"} <= set(names)
    assert all(voices().find(name) for name in names)


def test_home_assistants_default_language_is_the_first_of_two() -> None:
    (program,) = described().tts
    languages = {language for voice in program.voices for language in voice.languages}
    assert sorted(languages) == ["en-US", "zh-CN"]
    assert all(voice.installed and voice.languages for voice in program.voices)


def test_variants_can_be_turned_off_and_the_speakers_stay() -> None:
    (program,) = described(variants=False).tts
    assert [voice.name for voice in program.voices] == ["alice", "bob"]
    for voice in program.voices:
        assert [s.name for s in voice.speakers or []] == [preset.name for preset in PRESETS]


def test_info_survives_its_own_wire_form() -> None:
    assert Info.from_event(described().event()) == described()


def utterance() -> Utterance:
    return Utterance(Request("test"), streamed=True, text_idle_timeout=0.05)


async def test_the_first_reason_to_end_an_utterance_counts() -> None:
    late, taken_back = utterance(), utterance()
    late.fail(TimedOutError("first"))
    late.fail(ShutdownError("second"))
    assert late.failure and late.failure.code == "timeout"
    taken_back.take_back()
    taken_back.fail(ShutdownError("second"))
    assert taken_back.failure is None


async def test_an_utterance_gives_its_text_in_order_and_fails_when_it_stops_coming() -> None:
    complete, stalled = utterance(), utterance()
    for text in ("a", "b"):
        complete.say(text)
        stalled.say(text)
    complete.complete()
    assert [text async for text in complete.text()] == ["a", "b"]
    assert [text async for text in stalled.text()] == ["a", "b"]
    assert complete.failure is None
    assert stalled.failure and stalled.failure.code == "timeout"


async def test_every_event_has_its_own_time_to_arrive() -> None:
    stream = asyncio.StreamReader()
    events = received(stream, WyomingOptions(event_timeout=0.2))
    one = frame("ping", {"text": "x"})
    async with aclosing(events), asyncio.timeout(2):
        stream.feed_data(one[:5])
        for _ in range(5):
            asyncio.get_running_loop().call_later(0.1, stream.feed_data, one[5:] + one[:5])
            assert isinstance(await anext(events), Event)
        with pytest.raises(TimedOutError):
            await anext(events)


async def test_others_have_their_turn_while_a_flood_is_read() -> None:
    stream = asyncio.StreamReader(limit=2**20)
    stream.feed_data(frame("x") * 2000)
    stream.feed_eof()
    turns = 0

    async def wait_for_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    waiting = asyncio.create_task(wait_for_turns())
    async with aclosing(received(stream, WyomingOptions())) as events:
        assert len([event async for event in events]) == 2000
    waiting.cancel()
    assert turns > len(frame("x") * 2000) / PIECE


async def test_a_block_is_ended_where_it_waits() -> None:
    interruption = Interruption()
    reached = False
    async with asyncio.timeout(2), interruption.interruptible():
        interruption.ask()
        interruption.ask()
        await asyncio.sleep(60)
        reached = True
    assert not reached


async def test_a_block_that_is_ending_is_left_to_end() -> None:
    interruption = Interruption()
    tidied = False
    async with asyncio.timeout(2), interruption.interruptible():
        interruption.ask()
        try:
            await asyncio.sleep(60)
        finally:
            interruption.ask()
            await asyncio.sleep(0.01)
            tidied = True
    assert tidied


async def test_a_block_that_was_ended_before_it_began_stops_at_its_first_wait() -> None:
    interruption = Interruption()
    interruption.ask()
    async with asyncio.timeout(2), interruption.interruptible():
        await asyncio.sleep(60)


async def test_asking_after_the_end_changes_nothing() -> None:
    interruption = Interruption()
    async with interruption.interruptible():
        pass
    interruption.ask()
    await asyncio.sleep(0)


async def test_errors_and_other_timeouts_of_the_block_pass() -> None:
    with pytest.raises(TimeoutError):
        async with Interruption().interruptible(), asyncio.timeout(0):
            await asyncio.sleep(60)
    with pytest.raises(ValueError, match="mine"):
        async with Interruption().interruptible():
            raise ValueError("mine")


async def test_a_cancelled_task_stays_cancelled() -> None:
    interruption = Interruption()

    async def work() -> None:
        async with interruption.interruptible():
            await asyncio.sleep(60)

    async with asyncio.timeout(2):
        working = asyncio.create_task(work())
        await asyncio.sleep(0)
        interruption.ask()
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
