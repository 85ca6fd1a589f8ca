"""The Supervisor is asked to make us known and for a broker; nothing that it says breaks speech."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from tests.edges.supervisor_stand_in import TOKEN, StandIn, supervisor
from wyoming_indextts.edges.supervisor.client import LARGEST, Supervisor, SupervisorError
from wyoming_indextts.edges.supervisor.presence import beside, followed, found, options_kept
from wyoming_indextts.edges.supervisor.services import Broker, be_found, broker, keep_options

URI = "tcp://local-wyoming-indextts:10200"

MQTT = {"host": "core-mosquitto", "port": 1883, "ssl": False, "username": "addons",
        "password": "geheim", "protocol": "3.1.1", "addon": "core_mosquitto"}  # fmt: skip

MOSQUITTO = Broker("core-mosquitto", 1883, username="addons", password="geheim")  # noqa: S106


def asking(there: StandIn, token: str = TOKEN, patience: float = 10.0) -> Supervisor:
    return Supervisor(there.url, token, patience)


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


async def test_home_assistant_is_told_where_the_server_is() -> None:
    async with supervisor() as there:
        await be_found(asking(there), URI)
        assert there.asked == [
            ("POST /discovery", {"service": "wyoming", "config": {"uri": URI}})
        ]  # fmt: skip


async def test_the_broker_is_what_another_app_provides() -> None:
    async with supervisor(mqtt=MQTT) as there:
        assert await broker(asking(there)) == MOSQUITTO
        there.mqtt = {"host": "h", "port": "8883", "ssl": True, "username": "", "password": None}
        assert await broker(asking(there)) == Broker("h", 8883, tls=True)
    assert "geheim" not in repr(MOSQUITTO)


async def test_there_may_be_no_broker() -> None:
    async with supervisor() as there:
        assert await broker(asking(there)) is None


async def test_options_are_handed_back_by_their_new_names() -> None:
    async with supervisor() as there:
        await keep_options(asking(there), {"voice": "lan"})
        assert there.bodies("POST /addons/self/options") == [{"options": {"voice": "lan"}}]


@pytest.mark.parametrize(
    ("instead", "complaint"),
    [
        (web.Response(status=500, text="oh"), "answers 500 and no JSON object"),
        (web.Response(status=403, text="403"), "does not let this app ask that"),
        (web.Response(status=200, text="[1]"), "answers 200 and no JSON object"),
        (web.Response(status=200, text='{"result": "ok", "data": 3}'), "has no data in it"),
        (web.Response(status=500, text='{"result": "error", "message": "busy"}'), "500: busy"),
        (web.Response(status=302, text=""), "answers 302 and no JSON object"),
        (b"[" * 5000, "answers 200 and no JSON object"),
        (b" " * (LARGEST + 1), "is too long"),
        (b"{}", "answers 200: "),
    ],
)
async def test_an_answer_that_is_of_no_use_is_one_line(
    instead: web.Response | bytes, complaint: str
) -> None:
    async with supervisor(instead=instead) as there:
        for attempt in (broker(asking(there)), be_found(asking(there), URI)):
            with pytest.raises(SupervisorError) as raised:
                await attempt
            assert complaint in str(raised.value)
            assert "\n" not in str(raised.value)


async def test_a_long_complaint_is_cut() -> None:
    told = json.dumps({"result": "error", "message": "x" * 5000})
    async with supervisor(instead=web.Response(status=500, text=told)) as there:
        with pytest.raises(SupervisorError) as raised:
            await broker(asking(there))
        assert len(str(raised.value)) < 300


async def test_without_the_right_token_nothing_is_had() -> None:
    async with supervisor(mqtt=MQTT) as there:
        with pytest.raises(SupervisorError, match="does not let this app ask that \\(401\\)"):
            await broker(asking(there, "a-wrong-one"))


async def test_nobody_there_and_no_answer_are_one_line() -> None:
    async with supervisor(late=5.0) as there:
        with pytest.raises(SupervisorError, match=r"^the Supervisor does not answer$"):
            await broker(asking(there, patience=0.1))
        gone = asking(there)
    with pytest.raises(SupervisorError, match=r"^the Supervisor is not reached: "):
        await broker(gone)


@pytest.mark.parametrize(
    "lie",
    [
        {}, {"host": "h"}, {"port": 1883}, {"host": "", "port": 1883}, {"host": 3, "port": 1883},
        {"host": "h" * 2000, "port": 1883}, {"host": "h", "port": 0}, {"host": "h", "port": 65536},
        {"host": "h", "port": True}, {"host": "h", "port": "٣"}, {"host": "h", "port": "1" * 99},
        {"host": "h", "port": 1, "ssl": "no"}, {"host": "h", "port": 1, "username": ["a"]},
        {"host": "h", "port": 1, "password": "x" * 2000},
    ],
)  # fmt: skip
async def test_a_broker_that_makes_no_sense_is_none(lie: dict[str, Any]) -> None:
    async with supervisor(mqtt=lie) as there:
        with pytest.raises(SupervisorError, match=r"the Supervisor names|the Supervisor does not"):
            await broker(asking(there))


async def test_a_discovery_without_an_id_did_not_happen() -> None:
    told = web.Response(text='{"result": "ok", "data": {}}')
    async with supervisor(instead=told) as there:
        with pytest.raises(SupervisorError, match="does not say that it has told"):
            await be_found(asking(there), URI)


async def test_it_is_told_again_until_it_was_taken(logged: pytest.LogCaptureFixture) -> None:
    async with supervisor(instead=web.Response(status=500, text="")) as there:
        async with beside(found(asking(there), URI, wait=0.01), "discovery"):
            await there.until("POST /discovery", 3)
            there.instead = None
            async with asyncio.timeout(10):
                while not any("Home Assistant was told" in line for line in logged.messages):
                    await asyncio.sleep(0.005)
    complaints = [line for line in logged.messages if "was not told" in line]
    assert len(complaints) == 1


class Shows:
    """Writes down where a house was shown, and whether it is."""

    def __init__(self) -> None:
        self.seen: list[Broker] = []
        self.shown = 0

    @asynccontextmanager
    async def __call__(self, there: Broker) -> AsyncGenerator[None, None]:
        self.seen.append(there)
        self.shown += 1
        try:
            yield
        finally:
            self.shown -= 1

    async def until(self, seen: int, shown: int) -> None:
        async with asyncio.timeout(10):
            while (len(self.seen), self.shown) != (seen, shown):
                await asyncio.sleep(0.005)


async def test_the_broker_is_followed_as_it_comes_changes_and_goes() -> None:
    shows = Shows()
    async with supervisor() as there:
        async with beside(followed(asking(there), shows, look=0.01), "mqtt"):
            await there.until("GET /services/mqtt", 2)
            assert not shows.seen
            there.mqtt = MQTT
            await shows.until(1, 1)
            there.mqtt = {**MQTT, "password": "another"}
            await shows.until(2, 1)
            there.mqtt = None
            await shows.until(2, 0)
            there.mqtt = MQTT
            await shows.until(3, 1)
        assert shows.shown == 0


async def test_a_broker_is_kept_while_the_supervisor_is_ill(
    logged: pytest.LogCaptureFixture,
) -> None:
    shows = Shows()
    async with supervisor(mqtt=MQTT) as there:
        async with beside(followed(asking(there), shows, look=0.01), "mqtt"):
            await shows.until(1, 1)
            there.instead = web.Response(status=500, text="")
            await there.until("GET /services/mqtt", len(there.asked) + 3)
            assert (len(shows.seen), shows.shown) == (1, 1)
            there.instead = None
            await there.until("GET /services/mqtt", len(there.asked) + 2)
    warnings = [one for one in logged.records if one.levelno == logging.WARNING]
    assert [one.getMessage() for one in warnings] == [
        "the Supervisor answers 500 and no JSON object; it is asked again"
    ]
    assert (len(shows.seen), shows.shown) == (1, 0)


async def test_options_that_cannot_be_handed_back_stay(logged: pytest.LogCaptureFixture) -> None:
    async with supervisor(instead=web.Response(status=403, text="")) as there:
        await options_kept(asking(there), {"voice": "lan"})
    assert "the options keep their older names: " in logged.text


async def test_a_bug_beside_ends_nothing_else(logged: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        raise ZeroDivisionError

    async with beside(work(), "sums"):
        async with asyncio.timeout(10):
            while "sums has ended" not in logged.text:
                await asyncio.sleep(0.005)
