"""Whatever comes in over HTTP, what goes out is an answer in JSON with a code."""

import asyncio
import gzip
import json
import random

import pytest

from tests.edges.http_house import PATIENCE, House, serving
from wyoming_indextts.edges.http.options import HttpOptions

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, (400, "bad-request")),
        ({"text": ""}, (400, "bad-request")),
        ({"text": "hello", "voice": "nobody"}, (404, "voice-not-found")),
        ({"text": "hello", "emotion": "hungry"}, (404, "emotion-not-found")),
        ({"text": "hello", "intensity": "2"}, (400, "bad-request")),
        ({"text": "hello", "intensity": "much"}, (400, "bad-request")),
        ({"text": "hello", "speed": "nan"}, (400, "bad-request")),
        ({"text": "hello", "volume": "inf"}, (400, "bad-request")),
        ({"text": "hello", "weights": "1,2,3"}, (400, "bad-request")),
        ({"text": "hello", "weights": "9,0,0,0,0,0,0,0"}, (400, "bad-request")),
        ({"text": "hello", "format": "avi"}, (400, "bad-request")),
        ({"text": "hello", "colour": "red"}, (400, "bad-request")),
        ({"text": "hello", "voice": "x" * 5000}, (400, "bad-request")),
        ([("text", "hello"), ("text", "again")], (400, "bad-request")),
    ],
)
async def test_a_query_that_cannot_be_met_is_refused(
    query: object, expected: tuple[int, str]
) -> None:
    async with serving() as house:
        assert await house.error("GET", "/stream", params=query) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", (400, "bad-data")),
        (b"{", (400, "bad-data")),
        (b"[]", (400, "bad-data")),
        (b"\xff\xfe{}", (400, "bad-data")),
        (b"[" * 100_000, (400, "bad-data")),
        (b'{"text": 3}', (400, "bad-request")),
        (b'{"text": "x", "speed": true}', (400, "bad-request")),
        (b'{"text": "x", "speed": 1e999}', (400, "bad-request")),
        (b'{"text": "x", "speed": NaN}', (400, "bad-request")),
        (b'{"text": "x", "voice": {}}', (400, "bad-request")),
        (b'{"text": "x", "weights": "all"}', (400, "bad-request")),
        (b'{"text": "x", "weights": [1,null,0,0,0,0,0,0]}', (400, "bad-request")),
        (b'{"text": "x", "speed": 1' + b"0" * 400 + b"}", (400, "bad-request")),
        (json.dumps({"text": "x" * 20_001}).encode(), (413, "too-large")),
        (b" " * 300_000, (413, "too-large")),
    ],
)
async def test_a_body_that_cannot_be_met_is_refused(body: bytes, expected: tuple[int, str]) -> None:
    async with serving() as house:
        assert await house.error("POST", "/tts", data=body, headers=JSON) == expected


async def test_half_characters_are_left_out() -> None:
    async with serving() as house:
        body = b'{"text": "He\\ud83dllo."}'
        async with house.client.post("/tts", data=body, headers=JSON) as answer:
            session = (await answer.json())["session_id"]
        await house.sound("GET", f"/tts/{session}/audio")
        assert house.engine.said == "Hello."


async def test_a_body_of_another_type_is_not_looked_at() -> None:
    async with serving() as house:
        sent = {"data": b'{"text": "hello"}', "headers": {"Content-Type": "text/plain"}}
        assert await house.error("POST", "/tts", **sent) == (400, "bad-request")


async def test_a_body_that_never_ends_is_given_up_early() -> None:
    async def endless() -> object:
        while True:
            yield b" " * 65_536

    async with serving() as house:
        sent = {"data": endless(), "headers": JSON}
        assert await house.error("POST", "/tts", **sent) == (413, "too-large")


async def test_a_body_that_does_not_come_is_given_up_in_time() -> None:
    async with serving(options=HttpOptions(body_timeout=0.3)) as house:
        answer = await raw(
            house,
            b"POST /tts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: 20\r\n\r\n{",
        )
    assert answer.startswith(b"HTTP/1.1 408 ") and b'"timeout"' in answer


async def test_a_head_that_does_not_come_is_given_up_in_time() -> None:
    async with serving(options=HttpOptions(idle_timeout=0.3)) as house:
        assert await raw(house, b"GET /healthz HTTP/1.1\r\nHo") == b""
        assert await raw(house, b"") == b""


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"GET /healthz HTTP/1.1\r\n", b"A: a\r\n"),
        (b"GET /stream?text=", b"a"),
    ],
)
async def test_a_head_that_comes_in_drops_is_given_up_as_well(head: bytes, piece: bytes) -> None:
    async with serving(options=HttpOptions(idle_timeout=0.3)) as house:
        assert await dribbled(house, head, piece) == b""


async def test_a_body_that_comes_in_drops_is_given_up_as_well() -> None:
    head = (
        b"POST /tts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: 100000\r\n\r\n"
    )
    async with serving(options=HttpOptions(body_timeout=0.3)) as house:
        answer = await dribbled(house, head, b" ")
    assert answer.startswith(b"HTTP/1.1 408 ") and b'"timeout"' in answer


async def dribbled(house: House, head: bytes, piece: bytes) -> bytes:
    """Send a beginning and then a little now and then; return what comes before the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(head)
    reading = asyncio.create_task(reader.read(65_536))
    async with asyncio.timeout(PATIENCE):
        while not reading.done():
            writer.write(piece)
            await asyncio.sleep(0.02)
    try:
        answer = await reading
        return answer + (await reader.read(65_536) if answer.endswith(b"\r\n\r\n") else b"")
    except ConnectionError:
        return b""
    finally:
        writer.transport.abort()


async def test_what_would_grow_is_not_unpacked() -> None:
    async with serving() as house:
        packed = gzip.compress(b" " * 10_000_000)
        sent = {"data": packed, "headers": {**JSON, "Content-Encoding": "gzip"}}
        assert await house.error("POST", "/tts", **sent) == (400, "bad-data")


async def test_whatever_is_made_of_a_request_the_answer_is_json_with_a_code() -> None:
    good = b'{"text": "Hi.", "voice": "alice", "weights": [0, 0.5, 0, 0, 0, 0, 0, 0], "speed": 1}'
    chance = random.Random(5)  # noqa: S311 - the same each time
    async with serving() as house:
        for _ in range(300):
            body = bytearray(good)
            for _ in range(chance.randint(1, 4)):
                at = chance.randrange(len(body))
                body[at : at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
            async with house.client.post("/tts", data=bytes(body), headers=JSON) as answer:
                told = await answer.json()
                assert answer.status in (201, 400, 404, 413), body
                assert ("session_id" in told) or told["error"]["code"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\x16\x03\x01\x02\x00\x01\xfc", b"bad-header"),
        (b"GET\r\n\r\n", b"bad-header"),
        (b"GET / HTTP/1.1\r\nA\r\n\r\n", b"bad-header"),
        (b"GET / HTTP/1.1\r\nA: a\0b\r\n\r\n", b"bad-header"),
        (b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"bad-header"),
        (
            b"POST /tts HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"bad-header",
        ),
        (b"GET /" + b"x" * 70_000, b"too-large"),
        (b"GET / HTTP/1.1\r\nA: " + b"x" * 70_000, b"too-large"),
    ],
)
async def test_what_is_not_http_is_told_so(content: bytes, code: bytes) -> None:
    async with serving() as house:
        answer = await raw(house, content)
    assert answer.startswith(b"HTTP/1.")
    assert b'{"error": {"code": "' + code in answer


async def raw(house: House, content: bytes) -> bytes:
    """Send bytes; return what comes back until the server hangs up, or has answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(content)
    try:
        async with asyncio.timeout(PATIENCE):
            first = await reader.read(65_536)
            return first + (await reader.read(65_536) if first.endswith(b"\r\n\r\n") else b"")
    except ConnectionError:
        return b""
    finally:
        writer.transport.abort()


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/nothing", (404, "not-found")),
        ("GET", "/tts/../../etc/passwd/audio", (404, "not-found")),
        ("GET", "/tts/none/audio", (404, "not-found")),
        ("GET", "/v1/models/none", (404, "not-found")),
        ("DELETE", "/stage", (405, "unsupported")),
        ("GET", "/stop", (405, "unsupported")),
    ],
)
async def test_what_is_not_there_is_not_found(
    method: str, path: str, expected: tuple[int, str]
) -> None:
    async with serving() as house:
        assert await house.error(method, path) == expected


async def test_one_connection_too_many_is_told_so() -> None:
    async with serving(options=HttpOptions(connections=2)) as house:
        held = [await asyncio.open_connection("127.0.0.1", house.port) for _ in range(2)]
        async with asyncio.timeout(PATIENCE):
            while house.server.connections < 2:
                await asyncio.sleep(0.005)
        assert await house.error("GET", "/healthz") == (429, "busy")
        for _, writer in held:
            writer.transport.abort()
        await house.emptied()
        async with house.client.get("/healthz") as answer:
            assert answer.status == 200
