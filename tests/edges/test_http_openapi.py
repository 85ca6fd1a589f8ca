"""`openapi.json` describes the routes that there are, and what they really answer."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest
from openapi_spec_validator import validate

from tests.edges.http_contract import DOCUMENT, SEEN, accepts, check
from tests.edges.http_house import PATIENCE, House, serving
from tests.edges.http_peer import Peer
from tests.edges.own_network import own_network
from tests.edges.test_http_voices import CLIP, form
from tests.tone import ToneEngine, tone
from wyoming_indextts.edges.http.answers import STATUS
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.errors import SpeechError
from wyoming_indextts.speech.recording import Recording
from wyoming_indextts.speech.speaker import SpeakerOptions

METHODS: Final = ("get", "put", "post", "delete", "head")


def test_it_is_a_description_in_openapi_3_1() -> None:
    validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1.")


async def test_every_route_is_described_and_nothing_else() -> None:
    async with serving() as house:
        routes = {
            (route.method, route.path.replace(":.+", "")): route for route in house.server.routes()
        }
    told = {
        (method.upper(), path): item[method]
        for path, item in DOCUMENT["paths"].items()
        for method in METHODS
        if method in item
    }
    missing, gone = sorted(routes.keys() - told.keys()), sorted(told.keys() - routes.keys())
    assert not missing, (
        f"add these operations to wyoming_indextts/edges/http/openapi.json: {missing};"
        " copy a similar one, with its x-scope (or security: []) and responses"
    )
    assert not gone, f"remove these from wyoming_indextts/edges/http/openapi.json: {gone}"
    for key, route in routes.items():
        scope = None if told[key].get("security") == [] else told[key].get("x-scope")
        assert scope == route.scope, f"x-scope of {key} must be {route.scope}"


def test_every_code_of_an_error_is_described() -> None:
    codes = DOCUMENT["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"]
    kinds = list[type[SpeechError]](SpeechError.__subclasses__())
    assert set(codes["enum"]) == {kind.code for kind in kinds} == set(STATUS)


async def told(house: House, method: str, path: str, **more: Any) -> aiohttp.ClientResponse:  # noqa: ANN401
    """Ask; check the answer."""
    more = {"allow_redirects": False, **more}
    async with house.client.request(method, path, **more) as answer:
        body = await answer.read()
    check(method, path.partition("?")[0], answer.status, answer.headers, body)
    return answer


def linked(house: House) -> str:
    recording = Recording()
    recording.add(tone(0.2))
    recording.end()
    return f"/a/{house.links.offer(recording).name}"


GOOD: Final[Sequence[tuple[str, str, dict[str, Any]]]] = [
    ("GET", "/healthz", {}),
    ("GET", "/readyz", {}),
    ("GET", "/metrics", {}),
    ("GET", "/me", {}),
    ("GET", "/presets", {}),
    ("GET", "/stage", {}),
    ("PUT", "/stage", {"json": {"voice": "bob", "emotion": "sad", "speed": 1.5}}),
    ("GET", "/stage", {}),
    ("POST", "/stop", {}),
    ("POST", "/stop", {"json": {"source": "wyoming"}}),
    ("GET", "/enrolment", {}),
    ("GET", "/voices/bob/preview", {}),
    ("GET", "/voices/bob/preview", {"headers": {"Range": "bytes=0-9"}}),
    ("GET", "/voices/bob/preview", {"headers": {"Range": "bytes=9999999-"}}),
    ("HEAD", "/voices/bob/preview", {}),
    ("POST", "/v1/audio/speech", {"json": {"input": "Hello.", "voice": "nova", "model": "tts-1"}}),
    ("GET", "/v1/models", {}),
    ("GET", "/v1/models/tts-1", {}),
    ("GET", "/v1/audio/voices", {}),
    ("GET", "/", {}),
    ("GET", "/page/main.js", {}),
    ("GET", "/page/words/en.json", {}),
    ("GET", "/docs", {}),
    ("GET", "/docs/docs.js", {}),
    ("GET", "/docs/docs.css", {}),
    ("GET", "/openapi.json", {}),
    ("GET", "/login", {}),
]


async def test_what_is_answered_is_what_is_described(tmp_path: Path) -> None:
    async with serving(enrolled=tmp_path) as house:
        for kind in ("pcm", "wav", "flac", "opus", "mp3"):
            answer = await told(house, "GET", f"/stream?text=Hello.&format={kind}")
            assert answer.status == 200
        parked = {"text": "Hello.", "emotion": None, "weights": [0, 0.5, 0, 0, 0, 0, 0, 0]}
        async with house.client.post("/tts", json=parked) as answer:
            session = (await answer.json())["session_id"]
        assert (await told(house, "POST", "/tts", json=parked)).status == 201
        assert (await told(house, "GET", f"/tts/{session}/audio")).status == 200
        assert (await told(house, "POST", "/voices", data=form())).status == 201
        assert (await told(house, "GET", "/voices")).status == 200
        assert (await told(house, "DELETE", "/voices/mum")).status == 200
        link = linked(house)
        for method, file in (("GET", "speech.wav"), ("HEAD", "speech.mp3"), ("GET", "live.ogg")):
            assert (await told(house, method, f"{link}/{file}")).status == 200
        for method, path, more in GOOD:
            answer = await told(house, method, path, **more)
            assert answer.status in {200, 206, 416}
            if tag := answer.headers.get("ETag"):
                again = await told(house, method, path, headers={"If-None-Match": tag})
                assert again.status == 304
        async with house.client.ws_connect("/ws") as socket:
            upgraded = socket._response  # noqa: SLF001 - the library does not show its headers
            check("GET", "/ws", upgraded.status, upgraded.headers, None)
            there = {"text": "Hello.", "session": (await socket.receive_json())["session"]}
            assert (await told(house, "POST", "/tts", json=there)).status == 202
            silence = await told(house, "DELETE", f"/tts/{there['session']}")
            assert silence.status == 200
        with own_network():
            peer = Peer()
            sdp = {"Content-Type": "application/sdp"}
            answer = await told(house, "POST", "/whep", data=await peer.offer(), headers=sdp)
            assert (await told(house, "DELETE", f"/{answer.headers['Location']}")).status == 200
            await peer.close()
    async with serving(options=HttpOptions(tokens={"a-token-to-try-with": {"speak"}})) as house:
        for token, status in (("a-token-to-try-with", 303), ("another", 401)):
            answer = await told(house, "POST", "/login", data={"token": token})
            assert answer.status == status
        browser = {"Accept": "text/html"}
        assert (await told(house, "GET", "/", headers=browser)).status == 303
    good = {name for name, status in SEEN if status < 400}
    every = {told["operationId"] for item in DOCUMENT["paths"].values() for told in item.values()}
    assert good == every, "ask for these above too"


async def test_every_kind_of_error_is_answered_as_described(tmp_path: Path) -> None:
    seen = set[int]()

    async def refused(house: House, method: str, path: str, **more: Any) -> None:  # noqa: ANN401
        seen.add((await told(house, method, path, **more)).status)

    async with serving(ToneEngine(fails_on="bad"), enrolled=tmp_path) as house:
        await refused(house, "GET", "/stream")
        await refused(house, "GET", "/stream?text=bad")
        await refused(house, "GET", "/stream?text=a&voice=nobody")
        await refused(house, "POST", "/voices", json={})
        await refused(house, "POST", "/voices", data=form(CLIP, consent="no"))
        await refused(house, "POST", "/tts", json={"text": "x" * 30_000})
        await refused(house, "GET", "/tts/nothing/audio")
        asked = {"input": "a", "response_format": "aac"}
        await refused(house, "POST", "/v1/audio/speech", json=asked)
    async with serving(ready=False, options=HttpOptions(body_timeout=0.1)) as house:
        await refused(house, "GET", "/readyz")
        await refused(house, "PUT", "/stage", data=never(), headers={"Content-Type": JSON})
    async with serving(options=HttpOptions(tokens={"a-token-to-try-with": {"speak"}})) as house:
        await refused(house, "POST", "/stop")
    limits = SpeakerOptions(speaking=1, waiting=0)
    async with serving(ToneEngine(pace=0.02), limits=limits) as house:
        async with house.client.get("/stream", params={"text": "word " * 100}) as answer:
            await answer.content.readany()
            await refused(house, "GET", "/stream?text=Hello.")
            answer.close()
        stopped = asyncio.create_task(told(house, "GET", "/stream?text=Hello."))
        async with asyncio.timeout(PATIENCE):
            while not stopped.done():
                house.speaker.interrupt()
                await asyncio.sleep(0.001)
        seen.add(stopped.result().status)
    blocked = tmp_path / "file"
    blocked.touch()
    async with serving(enrolled=blocked) as house:
        await refused(house, "POST", "/voices", data=form())
    assert seen >= {400, 401, 403, 404, 408, 410, 413, 415, 422, 429, 500, 503, 507}


JSON: Final = "application/json"


async def never() -> Any:  # noqa: ANN401 - a body
    yield b"{"
    await asyncio.sleep(PATIENCE)


@pytest.mark.parametrize(
    ("schema", "value", "is_one"),
    [
        ("Speech", {"text": "Hello.", "voice": None, "speed": 1.5}, True),
        ("Speech", {"text": "Hello.", "speed": 9}, False),
        ("Speech", {"text": ""}, False),
        ("Speech", {"text": "Hello.", "colour": "red"}, False),
        ("StageChange", {"emotion": None}, True),
        ("StageChange", {"weights": [1, 0, 0, 0, 0, 0, 0, 0]}, False),
        ("OpenAISpeech", {"input": "Hello.", "voice": {"id": "lan"}, "anything": 1}, True),
        ("Error", {"error": {"code": "nonsense", "message": "a"}}, False),
        ("Error", {"error": "nonsense"}, False),
    ],
)
def test_what_may_be_asked_for_is_described(schema: str, value: object, *, is_one: bool) -> None:
    assert accepts(schema, value) is is_one


async def test_the_page_of_it_asks_for_nothing_from_elsewhere() -> None:
    async with serving() as house, house.client.get("/docs") as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "://" not in await answer.text()
