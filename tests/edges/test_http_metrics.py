"""What Prometheus reads of a server: utterances, queue, engines, traffic; and who may read it."""

import asyncio
from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

from tests.edges.http_house import PATIENCE, House, serving
from tests.edges.http_peer import connected
from tests.edges.ws_client import talking
from tests.tone import ToneEngine
from wyoming_indextts import __version__
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.traffic import METHODS
from wyoming_indextts.speech.speaker import SpeakerOptions
from wyoming_indextts.speech.vitals import Dials, Toll, Vitals

HELLO = "Hello, hello."
ENDLESS = "word " * 2000
SPEAK = "a-token-to-speak-with"

Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


async def scraped(house: House, accept: str = "text/plain") -> Samples:
    """Return every sample by its name and labels, without what all names begin with."""
    async with house.client.get("/metrics", headers={"Accept": accept}) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/plain"
        text = await answer.text()
    return {
        (sample.name.removeprefix("wyoming_indextts_"), frozenset(sample.labels.items())):
            sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }  # fmt: skip


def value(samples: Samples, name: str, **labels: str) -> float:
    """Return a sample; 0 where there is none yet."""
    return samples.get((name, frozenset(labels.items())), 0.0)


async def test_utterances_are_counted_by_edge_and_ending() -> None:
    async with serving(ToneEngine(pace=0.002, fails_on="broken")) as house:
        await house.sound("GET", "/stream", params={"text": HELLO})
        assert await house.error("GET", "/stream", params={"text": "This is broken."}) == (
            500, "synthesis-failed",
        )  # fmt: skip
        async with house.client.get("/stream", params={"text": ENDLESS}) as answer:
            await answer.content.readexactly(4800)
            samples = await scraped(house)
            assert value(samples, "queue", state="speaking") == 1
            assert value(samples, "sessions", transport="http") == 1
            answer.close()
        await house.silent()
        samples = await scraped(house)
    for ending, code in (
        ("finished", ""), ("failed", "synthesis-failed"), ("interrupted", ""),
    ):  # fmt: skip
        assert value(samples, "utterances_total", edge="http", ending=ending, code=code) == 1
    assert value(samples, "first_audio_seconds_count", edge="http") == 2
    assert 0 < value(samples, "first_audio_seconds_sum", edge="http") < PATIENCE
    assert value(samples, "first_audio_seconds_bucket", edge="http", le="+Inf") == 2
    assert value(samples, "speech_seconds_total", edge="http") >= 0.65
    assert value(samples, "queue", state="speaking") == 0
    assert value(samples, "sessions", transport="http") == 0
    assert value(samples, "underruns_total", edge="http") == 0


async def test_those_that_wait_are_seen() -> None:
    limits = SpeakerOptions(speaking=1)
    async with serving(ToneEngine(pace=0.005), limits=limits) as house, talking(house) as one:
        async with talking(house) as two:
            await one.say("speak", id="u1", text=ENDLESS)
            await one.until("start")
            await two.say("speak", id="u1", text=ENDLESS)
            await two.until("queued")
            async with asyncio.timeout(PATIENCE):
                while not value(samples := await scraped(house), "queue", state="waiting"):
                    await asyncio.sleep(0.005)
            assert value(samples, "queue", state="speaking") == 1
            assert value(samples, "sessions", transport="websocket") == 2


async def test_a_gap_that_a_listener_hears_is_an_underrun() -> None:
    class Flattered(ToneEngine):
        """Takes longer than it says, so that nothing is held back."""

        real_time_factor = 0.0

    async with serving(Flattered(pace=0.2)) as house:
        await house.sound("GET", "/stream", params={"text": "Hi."})
        samples = await scraped(house)
    assert value(samples, "underruns_total", edge="http") == 2


async def test_sound_is_counted_by_the_way_it_takes() -> None:
    async with serving() as house, connected(house) as peer:
        size = len(await house.sound("GET", "/stream", params={"text": HELLO, "format": "wav"}))
        async with talking(house) as client:
            await client.say("speak", id="u1", text=HELLO)
            seconds = (await client.ended("u1"))["seconds"]
        peer.say("speak", id="u1", text=HELLO)
        await peer.until("end")
        samples = await scraped(house)
    assert value(samples, "sound_bytes_total", transport="http") == size
    assert value(samples, "sound_bytes_total", transport="websocket") == 48_000 * seconds
    assert 500 < value(samples, "sound_bytes_total", transport="webrtc") < 48_000
    assert value(samples, "sessions", transport="webrtc") == 1


async def test_requests_are_counted_by_pattern_and_nothing_that_clients_send_is_a_label() -> None:
    async with serving() as house:
        for method, path in (
            ("GET", "/tts/sEcReT/audio"), ("GET", "/sEcReT"), ("PROPFIND", "/stream"),
            ("GET", "/voices?sEcReT=1"), ("GET", "/page/sEcReT"), ("POST", "/stream"),
        ):  # fmt: skip
            async with house.client.request(method, path):
                pass
        async with talking(house):
            pass
        async with asyncio.timeout(PATIENCE):
            while "/ws" not in str(samples := await scraped(house)):
                await asyncio.sleep(0.005)

    def count(method: str, route: str, status: int) -> float:
        labels = {"method": method, "route": route, "status": str(status)}
        return value(samples, "http_requests_total", **labels)

    assert count("GET", "/tts/{id}/audio", 404) == 1
    assert count("GET", "none", 404) == 1
    assert count("GET", "/voices", 200) == 1
    assert count("GET", "/page/{path}", 404) == 1
    assert count("other", "none", 405) == 1
    assert count("POST", "none", 405) == 1
    assert count("GET", "/ws", 101) == 1
    labels = [labels for _, labels in samples]
    assert "secret" not in str(labels).lower()
    assert {dict(labels).get("method", "GET") for labels in labels} <= {*METHODS, "other"}


async def test_a_client_that_leaves_is_counted_as_gone() -> None:
    async with serving(ToneEngine(pace=60)) as house:
        _, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(b"GET /stream?text=hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            while not house.engine.jobs:
                await asyncio.sleep(0.005)
        writer.transport.abort()
        await house.silent()
        samples = await scraped(house)
    gone = {"method": "GET", "route": "/stream", "status": "499"}
    assert value(samples, "http_requests_total", **gone) == 1


async def test_the_rest_of_the_house_is_seen_where_it_is_there() -> None:
    engine = Vitals(
        "IndexTTS2", ready=True, busy=2, losses=3, memory=5_000_000, real_time_factor=0.4,
        toll=Toll({"codes": 700, "passes": 720}, device_memory=2**30),
    )  # fmt: skip
    dials = Dials(lambda: [engine], lambda: 4, lambda: True, lambda: 5)
    async with serving(dials=dials) as house:
        samples = await scraped(house)
    name = {"engine": "IndexTTS2"}
    assert value(samples, "engine_ready", **name) == 1
    assert value(samples, "engine_jobs", **name) == 2
    assert value(samples, "engine_restarts_total", **name) == 3
    assert value(samples, "engine_real_time_factor", **name) == 0.4
    assert value(samples, "engine_memory_bytes", where="process", **name) == 5_000_000
    assert value(samples, "engine_memory_bytes", where="card", **name) == 2**30
    assert value(samples, "engine_work_total", what="codes", **name) == 700
    assert value(samples, "announcements_waiting") == 4
    assert value(samples, "mqtt_connected") == 1
    assert value(samples, "sessions", transport="wyoming") == 5
    assert value(samples, "process_resident_memory_bytes") > 1e6
    build = {dict(labels)["version"] for name, labels in samples if name == "build_info"}
    assert build == {__version__}


async def test_what_is_not_there_is_not_shown() -> None:
    async with serving() as house:
        names = {name for name, _ in await scraped(house)}
    assert not names & {"announcements_waiting", "mqtt_connected", "engine_ready"}


async def test_whoever_may_hear_speech_may_read_it_and_nobody_else() -> None:
    async with serving(options=HttpOptions(tokens={SPEAK: {"speak"}})) as house:
        assert await house.error("GET", "/metrics") == (401, "unauthorized")
        async with house.client.get(
            "/metrics", headers={"Authorization": f"Bearer {SPEAK}"}
        ) as answer:
            assert answer.status == 200
        refused = await house.error("GET", "/metrics", headers={"Host": "evil.example.org"})
        assert refused == (403, "forbidden")


async def test_openmetrics_is_spoken_to_who_asks_for_it() -> None:
    kind = "application/openmetrics-text"
    async with serving() as house:
        async with house.client.get("/metrics", headers={"Accept": f"{kind};version=1.0.0"}) as got:
            assert got.content_type == kind
            assert (await got.text()).endswith("# EOF\n")
