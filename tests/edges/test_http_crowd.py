"""Many who come, take much, and leave without a word: the server's memory stays as it was."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from io import BytesIO

import aiohttp

from tests.edges.http_house import PATIENCE
from tests.edges.http_server import serving_apart

SESSIONS = 1000

ROOM = 12 * 1024
"""Kilobytes by which memory may differ without growing: the allocator's own."""

LARGE = 10 * 1024 * 1024


async def test_a_thousand_sessions_leave_nothing() -> None:
    async with serving_apart() as server:
        async with aiohttp.ClientSession(server.url) as client:
            await visits(client, SESSIONS // 4)
            await emptied(client)
            before, files = server.resident, server.files
            await visits(client, SESSIONS)
            await emptied(client)
            assert server.files <= files
            assert server.resident - before < ROOM


async def visits(client: aiohttp.ClientSession, number: int) -> None:
    """Have so many sessions, 64 at a time; every other is cut off in mid-speech."""
    room = asyncio.Semaphore(64)

    async def visit(number: int) -> None:
        async with room:
            socket = await client.ws_connect("/ws")
            assert (await socket.receive_json())["type"] == "hello"
            text = "word " * 100 if number % 2 else "Hi."
            await socket.send_json({"type": "speak", "id": "u1", "text": text})
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    kind = json.loads(message.data)["type"]
                    if kind == ("start" if number % 2 else "end") or kind == "error":
                        break
            if number % 2 and socket._response.connection:  # noqa: SLF001 - nothing else cuts off
                socket._response.connection.close()  # noqa: SLF001
            await socket.close()

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        for index in range(number):
            tasks.create_task(visit(index))


async def emptied(client: aiohttp.ClientSession) -> None:
    """Wait until no session is held, as the server's metrics say."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with client.get("/metrics") as answer:
                if 'sessions{transport="websocket"} 0.0' in await answer.text():
                    return
            await asyncio.sleep(0.05)


async def test_a_thousand_at_once_are_served_or_told_that_there_is_no_room() -> None:
    async with serving_apart() as server:
        async with aiohttp.ClientSession(
            server.url, connector=aiohttp.TCPConnector(limit=0)
        ) as client:
            statuses: Counter[int] = Counter()
            held: list[aiohttp.ClientWebSocketResponse] = []

            async def come() -> None:
                try:
                    held.append(await client.ws_connect("/ws"))
                    statuses[101] += 1
                except aiohttp.WSServerHandshakeError as refused:
                    statuses[refused.status] += 1

            async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
                for _ in range(SESSIONS):
                    tasks.create_task(come())
            assert statuses == {101: 128, 429: SESSIONS - 128}
            for socket in held:
                await socket.close()
            await emptied(client)
            async with client.ws_connect("/ws") as socket:
                assert (await socket.receive_json())["type"] == "hello"


async def test_texts_that_nobody_fetches_are_forgotten() -> None:
    async with serving_apart() as server, aiohttp.ClientSession(server.url) as client:

        async def leave(number: int) -> None:
            body = {"text": f"{number:04} " * 3900}
            async with client.post("/tts", json=body) as answer:
                assert answer.status == 201

        for number in range(100):
            await leave(number)
        before = server.resident
        for number in range(SESSIONS):
            await leave(number)
        assert server.resident - before < ROOM


TAKERS = [
    ("POST", "/tts", "application/json"),
    ("POST", "/stop", "application/json"),
    ("PUT", "/stage", "application/json"),
    ("POST", "/v1/audio/speech", "application/json"),
    ("POST", "/login", "application/x-www-form-urlencoded"),
    ("POST", "/whep", "application/sdp"),
]
"""Every route that reads a body, and what it wants to read."""


async def test_ten_megabytes_are_refused_and_not_held() -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(LARGE // 65_536):
            yield b"a" * 65_536

    async with serving_apart() as server, aiohttp.ClientSession(server.url) as client:
        async with client.get("/healthz"):
            before = server.peak
        for method, path, kind in TAKERS:
            for body in (BytesIO(b"a" * LARGE), endless()):
                sent = {"Content-Type": kind}
                async with client.request(method, path, data=body, headers=sent) as answer:
                    told = (answer.status, (await answer.json())["error"]["code"])
                    assert told == (413, "too-large"), path
        assert server.peak - before < ROOM
