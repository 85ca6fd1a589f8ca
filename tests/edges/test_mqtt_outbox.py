"""The outbox: the newest of each document, events in order, and nothing without a bound."""

import asyncio

from wyoming_indextts.edges.mqtt.outbox import EVENT_AGE, EVENTS, Outbox


async def taken(outbox: Outbox) -> list[tuple[str, bytes, bool]]:
    """Publish all that is pending."""
    published = []
    try:
        while True:
            async with asyncio.timeout(0.05):
                publication = await outbox.next()
            outbox.done(publication)
            published.append((publication.topic, publication.payload, publication.retain))
    except TimeoutError:
        return published


async def test_only_the_newest_of_a_document_is_published() -> None:
    outbox = Outbox()
    outbox.keep("a", "1")
    outbox.keep("b", "1")
    outbox.keep("a", "2")
    assert await taken(outbox) == [("a", b"2", True), ("b", b"1", True)]
    outbox.keep("a", "2")
    assert await taken(outbox) == []


async def test_a_document_that_changes_while_it_is_published_is_published_again() -> None:
    outbox = Outbox()
    outbox.keep("a", "1")
    underway = await outbox.next()
    outbox.keep("a", "2")
    outbox.keep("a", "3")
    outbox.send("event", "!")
    assert (await outbox.next()).topic == "event", "one of a document is enough at a time"
    outbox.done(underway)
    assert await taken(outbox) == [("a", b"3", True)]


async def test_whoever_waits_is_told_when_a_document_may_be_published_again() -> None:
    outbox = Outbox()
    outbox.keep("a", "1")
    underway = await outbox.next()
    outbox.keep("a", "2")
    waiting = asyncio.ensure_future(outbox.next())
    await asyncio.sleep(0)
    outbox.done(underway)
    async with asyncio.timeout(10):
        assert (await waiting).payload == b"2"


async def test_events_that_were_under_way_when_the_connection_went_are_published_again() -> None:
    outbox = Outbox()
    for number in range(4):
        outbox.send("event", str(number))
    first, _, _ = [await outbox.next() for _ in range(3)]
    outbox.done(first)
    outbox.all_again()
    assert [payload for _, payload, _ in await taken(outbox)] == [b"1", b"2", b"3"]


async def test_all_documents_go_out_again_in_their_first_order() -> None:
    outbox = Outbox()
    for topic in ("config", "state", "status"):
        outbox.keep(topic, "1")
    await taken(outbox)
    outbox.keep("state", "2")
    outbox.all_again()
    assert [topic for topic, *_ in await taken(outbox)] == ["config", "state", "status"]
    outbox.again("state")
    outbox.again("unknown")
    assert await taken(outbox) == [("state", b"2", True)]


async def test_events_keep_their_order_and_the_oldest_go_first() -> None:
    outbox = Outbox()
    for number in range(EVENTS + 1):
        outbox.send("event", str(number), b"c")
    first = await outbox.next()
    assert (first.payload, first.retain, first.correlation) == (b"1", False, b"c")
    assert len(await taken(outbox)) == EVENTS - 1


async def test_an_event_that_waits_for_a_broker_too_long_is_no_news() -> None:
    now = 0.0
    outbox = Outbox(lambda: now)
    outbox.send("event", "old")
    now = EVENT_AGE + 1
    outbox.send("event", "new")
    outbox.all_again()
    assert await taken(outbox) == [("event", b"new", False)]
