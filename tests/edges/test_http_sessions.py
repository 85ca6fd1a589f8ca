"""Speech in somebody's session, and silence by id: of a session, an utterance, an answer."""

import asyncio

import aiohttp
import pytest

from tests.edges.http_house import PATIENCE, House, serving
from tests.edges.http_peer import Peer, connected
from tests.edges.own_network import own_network
from tests.edges.ws_client import talking
from tests.tone import CHARACTER, MUCH, ToneEngine
from wyoming_indextts.edges.http.options import HttpOptions, IceServer
from wyoming_indextts.edges.http.speaking import SESSION
from wyoming_indextts.edges.http.whep import ice_links

HELLO = "Hello."
ENDLESS = "word " * 2000

SLOW = 0.002


async def speak(house: House, session: str, **fields: object) -> str:
    """Have something spoken in a session; return the utterance's id."""
    wish = {"session": session, "text": HELLO, **fields}
    async with house.client.post("/tts", json=wish) as answer:
        assert answer.status == 202, await answer.text()
        told = await answer.json()
    assert told["session_id"] == session
    return str(told["id"])


async def stopped(house: House, method: str, path: str, **more: object) -> int:
    async with house.client.request(method, path, **more) as answer:  # type: ignore[arg-type]
        assert answer.status == 200, await answer.text()
        return int((await answer.json())["stopped"])


async def test_somebody_else_speaks_in_a_websockets_session() -> None:
    async with serving() as house, talking(house) as client:
        name = await speak(house, client.hello["session"], voice="bob", emotion="happy")
        assert (await client.ended(name))["type"] == "end"
        assert client.kinds == ["queued", "start", "sentence", "sound", "end"]
        (job,) = house.engine.jobs
    assert job.style.voice == "bob"


async def test_it_waits_for_its_turn_or_replaces_what_is_spoken() -> None:
    async with serving(ToneEngine(pace=SLOW)) as house, talking(house) as client:
        session = client.hello["session"]
        await client.say("speak", id="u1", text=ENDLESS)
        await client.until("start")
        assert await speak(house, session, id="u2") == "u2"
        assert (await client.until("queued"))["position"] == 1
        await speak(house, session, id="u3", replace=True)
        assert {(await client.until("cancelled"))["id"] for _ in range(2)} == {"u1", "u2"}
        assert (await client.ended("u3"))["type"] == "end"


async def test_a_peer_is_spoken_to_as_well() -> None:
    async with serving() as house, connected(house) as peer:
        session = peer.address.removeprefix("whep/")
        name = await speak(house, session, text="Hello, hello, hello.")
        assert (await peer.until("start"))["id"] == name
        await peer.sounding(0.3)
        assert (await peer.until("end"))["id"] == name


async def test_a_peer_that_only_listens_hears_what_is_asked_for_elsewhere() -> None:
    with own_network():
        async with serving() as house:
            peer = Peer(plain=True)
            try:
                await peer.connect(house)
                session = peer.address.removeprefix("whep/")
                assert house.server.sessions == 1
                await speak(house, session, text="Hello, hello, hello.")
                await peer.sounding(0.5)
                await speak(house, session, text=ENDLESS, replace=True)
                await peer.sounding(0.3)
                assert await stopped(house, "DELETE", f"/tts/{session}") == 1
                await house.silent()
            finally:
                await peer.close()
            await house.emptied_sessions()


def test_the_ice_servers_of_the_settings_are_told_to_a_peer() -> None:
    stun, turn = IceServer("stun:stun.example.org:3478"), IceServer("turn:t:1", 'me"', "secret")
    assert ice_links([]) == []
    assert ice_links([stun, turn]) == [
        ("Link", '<stun:stun.example.org:3478>; rel="ice-server"'),
        ("Link", ('<turn:t:1>; rel="ice-server"; username="me\\""; credential="secret"; '
                 'credential-type="password"')),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"session": "nobody"}, (404, "not-found")),
        ({"session": 5}, (400, "bad-request")),
        ({"text": ""}, (400, "bad-request")),
        ({"voice": "nobody"}, (404, "voice-not-found")),
        ({"emotion": "hungry"}, (404, "emotion-not-found")),
        ({"text": "x" * 20_001}, (413, "too-large")),
        ({"id": 7}, (400, "bad-request")),
        ({"id": "x" * 65}, (400, "bad-request")),
        ({"replace": "yes"}, (400, "bad-request")),
        ({"more": True}, (400, "bad-request")),
    ],
)
async def test_what_cannot_be_spoken_there_is_told_to_whoever_asks(
    fields: dict[str, object], expected: tuple[int, str]
) -> None:
    async with serving() as house, talking(house) as client:
        wish = {"session": client.hello["session"], "text": HELLO, **fields}
        assert await house.error("POST", "/tts", json=wish) == expected
        assert not client.told and not house.engine.jobs


async def test_a_session_that_is_over_is_not_found() -> None:
    async with serving() as house:
        async with talking(house) as client:
            session = client.hello["session"]
        await house.emptied_sessions()
        wish = {"session": session, "text": HELLO}
        assert await house.error("POST", "/tts", json=wish) == (404, "not-found")
        assert await house.error("DELETE", f"/tts/{session}") == (404, "not-found")


async def test_ids_are_secrets_and_each_is_another() -> None:
    async with serving() as house:
        names = set()
        for _ in range(3):
            async with talking(house) as client:
                names.add(client.hello["session"])
    assert len(names) == 3
    assert all(len(name) >= 22 for name in names)  # 128 bits in base64


async def test_one_utterance_of_a_session_is_ended_or_all() -> None:
    async with serving(ToneEngine(pace=SLOW)) as house, talking(house) as client:
        session = client.hello["session"]
        for name in ("u1", "u2", "u3"):
            await client.say("speak", id=name, text=ENDLESS)
        await client.until("start")
        assert await stopped(house, "POST", "/stop", json={"session": session, "id": "u2"}) == 1
        assert (await client.until("cancelled"))["id"] == "u2"
        assert await stopped(house, "DELETE", f"/tts/{session}?id=u1") == 1
        assert (await client.until("cancelled"))["id"] == "u1"
        assert await stopped(house, "DELETE", f"/tts/{session}?id=u1") == 0
        assert await stopped(house, "DELETE", f"/tts/{session}") == 1
        assert (await client.until("cancelled"))["id"] == "u3"
        await client.say("speak", id="u4", text=HELLO)
        assert (await client.ended("u4"))["type"] == "end"


async def test_an_answer_is_ended_by_its_session() -> None:
    async with serving(ToneEngine(pace=SLOW)) as house:
        async with house.client.get("/stream", params={"text": ENDLESS}) as answer:
            await answer.content.readexactly(4800)
            assert await stopped(house, "DELETE", f"/tts/{answer.headers[SESSION]}") == 1
            with pytest.raises(aiohttp.ClientError):
                await answer.read()
        await house.silent()


async def test_a_text_that_was_left_is_silenced_and_forgotten() -> None:
    async with serving(ToneEngine(pace=SLOW)) as house:
        async with house.client.post("/tts", json={"text": ENDLESS}) as left:
            session = (await left.json())["session_id"]
        async with (
            house.client.get(f"/tts/{session}/audio") as one,
            house.client.get(f"/tts/{session}/audio") as two,
        ):
            for answer in (one, two):
                await answer.content.readexactly(4800)
            assert await stopped(house, "POST", "/stop", json={"session": session}) == 2
        assert await house.error("GET", f"/tts/{session}/audio") == (404, "not-found")
        assert await house.error("DELETE", f"/tts/{session}") == (404, "not-found")


async def test_an_utterance_is_ended_by_its_number_and_a_way_in_by_its_name() -> None:
    async with serving(ToneEngine(pace=SLOW)) as house:
        async with house.client.get("/stream", params={"text": ENDLESS}) as answer:
            await answer.content.readexactly(4800)
            (number,) = house.speaker.live
            assert await stopped(house, "POST", "/stop", json={"id": number + 1}) == 0
            assert await stopped(house, "POST", "/stop", json={"id": number}) == 1
        async with house.client.get("/stream", params={"text": ENDLESS}) as answer:
            await answer.content.readexactly(4800)
            assert await stopped(house, "POST", "/stop", json={"source": "wyoming"}) == 0
            assert await stopped(house, "POST", "/stop", json={"source": "http"}) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"id": "u1"},
        {"id": True},
        {"session": 5},
        {"session": "a", "id": 5},
        {"source": 5},
        {"source": "http", "id": 5},
        {"target": "kitchen"},
    ],
)
async def test_a_stop_that_names_nothing_is_refused(body: dict[str, object]) -> None:
    async with serving() as house:
        assert await house.error("POST", "/stop", json=body) == (400, "bad-request")


async def test_who_reads_nothing_delays_whoever_speaks_to_him_so_long_and_no_longer() -> None:
    engine, options = ToneEngine(rate=MUCH), HttpOptions(write_timeout=0.3)
    async with serving(engine, options=options) as house, talking(house) as stuck:
        session = stuck.hello["session"]
        statuses = set()
        async with asyncio.timeout(PATIENCE):
            while 404 not in statuses:
                wish = {"session": session, "text": "word " * 3900}
                async with house.client.post("/tts", json=wish) as answer:
                    statuses.add(answer.status)
        assert statuses <= {202, 404, 429}
        await house.emptied_sessions()
        assert house.engine.steps * CHARACTER < 17 * 3900 * 5 * CHARACTER
