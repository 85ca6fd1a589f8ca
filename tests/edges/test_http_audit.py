"""What is done over HTTP, and what is refused, is on record; so is what Wyoming's clients say."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any, Final

import aiohttp
from wyoming.client import AsyncTcpClient
from wyoming.tts import Synthesize, SynthesizeVoice

from tests.edges.http_house import PATIENCE, House, serving
from tests.edges.http_peer import connected
from tests.edges.test_http_voices import GUEST, OWNER, TOKENS, bearer, form
from tests.edges.wyoming_house import answer
from tests.edges.wyoming_house import serving as serving_wyoming
from tests.tone import ToneEngine
from wyoming_indextts.edges.http.ledger import REFUSALS
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.speech.deeds import Asker, Deed

HELLO: Final = "Hello."

HASH: Final = hashlib.sha256(HELLO.encode()).hexdigest()


def spoken(house: House) -> list[Deed]:
    return [deed for deed in house.deeds if deed.action == "speak"]


def id_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:8]


async def test_who_spoke_as_whom_is_recorded_by_the_hash_of_the_words() -> None:
    async with serving() as house:
        params = {"text": HELLO, "voice": "bob-happy"}
        async with house.client.get("/stream", params=params) as got:
            number = got.headers["X-Request-Id"]
            await got.read()
    (deed,) = spoken(house)
    assert deed == Deed(
        "speak", Asker("127.0.0.1", number), "bob", "ok",
        {"sha256": HASH, "characters": 6, "seconds": 0.3}, HELLO,
    )  # fmt: skip


async def test_a_token_is_recorded_by_an_id_of_its_own() -> None:
    async with serving(options=TOKENS) as house:
        await house.sound("GET", "/stream", params={"text": HELLO}, headers=bearer(GUEST))
    (deed,) = house.deeds
    assert deed.asker.actor == f"token:{id_of(GUEST)}@127.0.0.1"
    assert GUEST not in repr(deed)


async def test_how_an_utterance_ended_is_recorded() -> None:
    async with serving(ToneEngine(pace=0.005, fails_on="bad")) as house:
        await house.error("GET", "/stream", params={"text": "This is bad."})
        async with house.client.get("/stream", params={"text": "word " * 500}) as got:
            await got.content.readexactly(4800)
            assert (await house.client.post("/stop")).status == 200
        async with house.client.get("/stream", params={"text": "word " * 500}) as got:
            await got.content.readexactly(4800)
            got.close()
        await house.silent()
    assert [deed.result for deed in spoken(house)] == [
        "synthesis-failed", "cancelled", "cancelled",
    ]  # fmt: skip
    (stop,) = (deed for deed in house.deeds if deed.action == "stop")
    assert (stop.target, dict(stop.more)) == ("all", {"stopped": 1})


async def test_what_a_session_says_is_recorded_by_session_and_utterance() -> None:
    async with serving() as house:
        async with house.client.ws_connect("/ws") as socket:
            assert (await socket.receive_json())["synthetic"] is True
            await socket.send_json({"type": "speak", "id": "u1", "text": HELLO})
            await until_end(socket)
        number = spoken(house)[0].asker.request
    session, _, utterance = number.partition("/")
    assert (len(session), utterance) == (16, "u1")
    assert spoken(house)[0].more["sha256"] == HASH


async def until_end(socket: aiohttp.ClientWebSocketResponse) -> None:
    async with asyncio.timeout(PATIENCE):
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT and '"end"' in message.data:
                return


async def test_what_a_peer_says_is_recorded_too() -> None:
    async with serving() as house, connected(house) as peer:
        peer.say("speak", id="u1", text=HELLO)
        assert (await peer.until("end", "error"))["type"] == "end"
        assert spoken(house)[0].asker.request.endswith("/u1")


async def test_changes_of_stage_and_voices_are_recorded(tmp_path: Path) -> None:
    async with serving(enrolled=tmp_path, options=TOKENS) as house:
        asked: dict[str, Any] = {"headers": bearer(OWNER)}
        async with house.client.put("/stage", json={"emotion": "sad", "speed": 1.5}, **asked):
            pass
        await house.error("PUT", "/stage", json={"emotion": "hungry"}, **asked)
        async with house.client.post("/voices", data=form(), **asked) as got:
            assert got.status == 201
        await house.error("POST", "/voices", data=form(b"RIFF", name="dad"), **asked)
        async with house.client.delete("/voices/mum", **asked) as got:
            assert got.status == 200
        await house.error("DELETE", "/voices/mum", **asked)
    told = [(deed.action, deed.target, deed.result, dict(deed.more)) for deed in house.deeds]
    assert told == [
        ("stage.change", "emotion, speed", "ok", {"emotion": "sad", "speed": 1.5}),
        ("stage.change", "", "emotion-not-found", {}),
        ("voice.create", "mum", "ok", {"consent_by": "Anna"}),
        ("voice.create", "dad", "bad-request", {}),
        ("voice.delete", "mum", "ok", {}),
        ("voice.delete", "mum", "voice-not-found", {}),
    ]
    assert {deed.asker.actor for deed in house.deeds} == {f"token:{id_of(OWNER)}@127.0.0.1"}


async def test_who_is_refused_is_recorded_by_the_route_and_never_by_a_secret() -> None:
    async with serving(options=TOKENS) as house:
        await house.error("GET", "/voices")
        await house.error("GET", "/stream?text=psst", headers=bearer("a-wrong-token-12345"))
        await house.error("POST", "/stop", headers=bearer(GUEST))
        await house.error("GET", "/a/secret/speech.wav", headers={"Host": "evil.example.org"})
        await house.client.post("/login", data={"token": "a-wrong-token-12345"})
    told = [(deed.action, deed.target, deed.result) for deed in house.deeds]
    assert told == [
        ("refused", "GET /voices", "unauthorized"),
        ("refused", "GET /stream", "unauthorized"),
        ("refused", "POST /stop", "forbidden"),
        ("refused", "GET /a/{name}/{file}", "forbidden"),
        ("refused", "POST /login", "unauthorized"),
    ]
    assert house.deeds[2].asker.actor == f"token:{id_of(GUEST)}@127.0.0.1"
    for secret in ("psst", "secret", "a-wrong-token"):
        assert secret not in repr(house.deeds)


async def test_who_is_refused_often_does_not_fill_the_record() -> None:
    async with serving(options=HttpOptions(tokens=TOKENS.tokens)) as house:
        for _ in range(REFUSALS + 40):
            await house.error("POST", "/stop")
    assert len(house.deeds) == REFUSALS


async def test_every_answer_names_its_request() -> None:
    async with serving() as house:
        numbers = set()
        for path in ("/healthz", "/voices", "/nothing", "/stream"):
            async with house.client.get(path) as got:
                numbers.add(got.headers["X-Request-Id"])
        assert len(numbers) == 4 and {len(number) for number in numbers} == {16}


async def test_what_wyomings_clients_say_is_recorded() -> None:
    deeds: list[Deed] = []
    async with serving_wyoming(record=deeds.append) as house:
        async with AsyncTcpClient(house.host, house.port) as client:
            wanted = Synthesize(HELLO, SynthesizeVoice(name="bob"))
            await client.write_event(wanted.event())
            await answer(client)
    (deed,) = deeds
    assert (deed.action, deed.asker, deed.target) == ("speak", Asker("127.0.0.1"), "bob")
    assert (deed.more["sha256"], deed.result) == (HASH, "ok")
