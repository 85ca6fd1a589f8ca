"""Home Assistant's ingress lets its own users in without a token, and nobody else's."""

import aiohttp
import pytest

from tests.edges.http_house import PATIENCE, House, serving
from wyoming_indextts.edges.http.options import HttpOptions

INGRESS = "127.0.0.2"
"""On loopback any address of 127.0.0.0/8 is ours: this one plays 172.30.32.2."""

THROUGH = {"X-Ingress-Path": "/api/hassio_ingress/abc", "Host": "ha.example.org"}

OPTIONS = HttpOptions(ingress=(INGRESS,), tokens={"a-token-of-the-house": {"speak"}})


def come(house: House, address: str) -> aiohttp.ClientSession:
    """Return a client at an address."""
    connector = aiohttp.TCPConnector(local_addr=(address, 0))
    return aiohttp.ClientSession(
        house.url, connector=connector, timeout=aiohttp.ClientTimeout(PATIENCE)
    )


async def test_through_the_ingress_no_token_is_asked_for() -> None:
    async with serving(options=OPTIONS) as house, come(house, INGRESS) as client:
        async with client.get("/", headers=THROUGH) as page:
            assert page.status == 200 and "<html" in await page.text()
        async with client.get("/stream?text=Hello.", headers=THROUGH) as speech:
            assert speech.status == 200 and await speech.read()
        async with client.put("/stage", json={"volume": 0.5}, headers=THROUGH) as stage:
            assert stage.status == 200
        async with client.ws_connect("/ws", headers=THROUGH) as socket:
            assert not socket.closed


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {**THROUGH, "Host": "127.0.0.1"}, 401),  # the header alone
        ("127.0.0.1", {**THROUGH, "X-Forwarded-For": INGRESS, "Host": "127.0.0.1"}, 401),
        (INGRESS, {"Host": "127.0.0.1"}, 401),  # the address alone: another program there
        ("127.0.0.1", THROUGH, 403),  # and the names that others may own are still none of ours
    ],
)
async def test_anybody_else_is_asked(address: str, headers: dict[str, str], status: int) -> None:
    async with serving(options=OPTIONS) as house, come(house, address) as client:
        async with client.get("/voices", headers=headers) as answer:
            assert answer.status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://ha.example.org"}, 200),
        ({"Origin": "https://evil.example.org"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "null"}, 403),
        # a proxy in front of Home Assistant calls it by a name of its own
        ({"Host": "10.0.0.5:8123", "X-Forwarded-Host": "ha.example.org",
          "Origin": "https://ha.example.org"}, 200),
    ],
)  # fmt: skip
async def test_another_sites_page_is_kept_out_there_too(
    headers: dict[str, str], status: int
) -> None:
    async with serving(options=OPTIONS) as house, come(house, INGRESS) as client:
        given = {**THROUGH, **headers}
        async with client.put("/stage", json={"volume": 0.5}, headers=given) as answer:
            assert answer.status == status


async def test_without_the_setting_there_is_no_ingress() -> None:
    options = HttpOptions(tokens={"a-token-of-the-house": {"speak"}})
    async with serving(options=options) as house:
        headers = {**THROUGH, "Host": "127.0.0.1"}
        async with house.client.get("/voices", headers=headers) as answer:
            assert answer.status == 401
