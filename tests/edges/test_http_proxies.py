"""What a proxy says of its clients is believed if it is one of ours."""

import aiohttp
import pytest

from tests.edges.http_house import House, serving
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.proxies import Proxies

SPEAK = "a-token-to-speak-with"

TRUSTED = HttpOptions(
    trusted_proxies=("127.0.0.1", "10.0.0.0/8"), requests=1, burst=3, hosts=("voice.example.org",)
)


async def asked(house: House, times: int, **headers: str) -> list[int]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    statuses = []
    for _ in range(times):
        async with house.client.get("/presets", headers=sent) as answer:
            statuses.append(answer.status)
    return statuses


async def test_each_client_behind_a_proxy_has_limits_of_its_own() -> None:
    async with serving(options=TRUSTED) as house:
        assert await asked(house, 4, X_Forwarded_For="192.168.1.5") == [200, 200, 200, 429]
        assert await asked(house, 1, X_Forwarded_For="192.168.1.6") == [200]


@pytest.mark.parametrize(
    "chain",
    [
        "192.168.1.5",
        "192.168.1.5:40000",
        "1.2.3.4, 192.168.1.5",  # the client's own invention is left of what the proxy saw
        "nonsense, 192.168.1.5, 10.1.1.1",
        "192.168.1.5, 10.1.1.1, 10.2.2.2",
        "::ffff:192.168.1.5",
    ],
)
async def test_the_client_is_the_first_from_the_right_that_is_no_proxy(chain: str) -> None:
    async with serving(options=TRUSTED) as house:
        await asked(house, 3, X_Forwarded_For="192.168.1.5")
        assert await asked(house, 1, X_Forwarded_For=chain) == [429]


async def test_a_network_of_ipv6_is_one_client() -> None:
    async with serving(options=TRUSTED) as house:
        await asked(house, 3, X_Forwarded_For="2001:db8::1")
        assert await asked(house, 1, X_Forwarded_For="[2001:db8::2]:443") == [429]
        assert await asked(house, 1, X_Forwarded_For="2001:db8:0:1::1") == [200]


async def test_whoever_is_no_proxy_is_not_believed() -> None:
    options = HttpOptions(requests=1, burst=3, tokens={SPEAK: {"speak"}})
    async with serving(options=options) as house:
        headers = {"X-Forwarded-Host": "evil.example.org", "X-Forwarded-Proto": "https"}
        async with house.client.post(
            "/login", data={"token": SPEAK}, headers=headers, allow_redirects=False
        ) as taken:
            assert "Secure" not in taken.headers["Set-Cookie"]
        sent = {"Authorization": f"Bearer {SPEAK}", "X-Forwarded-For": "192.168.1.5"}
        for _ in range(6):  # counted, it would be too many
            async with house.client.get("/presets", headers=sent) as answer:
                assert answer.status == 200


async def login(house: House, **headers: str) -> str:
    """Log in with these headers; return the cookie's line."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with house.client.post(
        "/login", data={"token": SPEAK}, headers=sent, allow_redirects=False
    ) as taken:
        assert taken.status == 303, await taken.text()
        return taken.headers["Set-Cookie"]


GUARDED = HttpOptions(trusted_proxies=("127.0.0.1",), tokens={SPEAK: {"speak"}})


async def test_behind_https_the_cookie_is_sent_over_https_alone() -> None:
    async with serving(options=GUARDED) as house:
        assert "Secure" in (await login(house, X_Forwarded_Proto="https")).split("; ")
        assert "Secure" not in await login(house, X_Forwarded_Proto="http")
        assert "Secure" not in await login(house, X_Forwarded_Proto="nonsense")


@pytest.mark.parametrize("name", ["X_Ingress_Path", "X_Forwarded_Prefix"])
async def test_below_a_path_the_cookie_is_for_that_path_alone(name: str) -> None:
    async with serving(options=GUARDED) as house:
        cookie = await login(house, **{name: "/api/hassio_ingress/a-Secret_1/"})
        assert "Path=/api/hassio_ingress/a-Secret_1/" in cookie.split("; ")
        for bad in ("nonsense", "/a; Domain=evil.example.org", '/"', "/" + "a/" * 100, ""):
            assert "Path=/" in (await login(house, **{name: bad})).split("; ")


async def test_the_name_that_the_client_called_is_the_one_that_counts() -> None:
    async with serving(options=TRUSTED) as house:
        for name, status in (("voice.example.org", 200), ("evil.example.org", 403)):
            headers = {"X-Forwarded-Host": name, "Host": "127.0.0.1"}
            async with house.client.get("/presets", headers=headers) as answer:
                assert answer.status == status
        own = {"X-Forwarded-Host": "voice.example.org", "X-Forwarded-Proto": "https"}
        ours, others = "https://voice.example.org", "https://evil.example.org"
        for origin, status in ((ours, 200), (others, 403)):
            async with house.client.post("/stop", headers={**own, "Origin": origin}) as answer:
                assert answer.status == status


async def test_a_websocket_goes_through_and_is_its_clients() -> None:
    options = HttpOptions(trusted_proxies=("127.0.0.1",), sessions_per_client=1)
    async with serving(options=options) as house:
        one, two = ({"X-Forwarded-For": f"192.168.1.{n}"} for n in (5, 6))
        async with house.client.ws_connect("/ws", headers=one) as socket:
            assert (await socket.receive_json())["type"] == "hello"
            with pytest.raises(aiohttp.WSServerHandshakeError, match="429"):
                await house.client.ws_connect("/ws", headers=one)
            async with house.client.ws_connect("/ws", headers=two) as other:
                assert (await other.receive_json())["type"] == "hello"
        await house.emptied_sessions()
        async with house.client.ws_connect("/ws", headers=one) as again:
            assert (await again.receive_json())["type"] == "hello"


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        Proxies(["nonsense"])
    assert Proxies(["::1"]).trusts("::1")
    assert not Proxies(["::1"]).trusts("127.0.0.1")
    assert Proxies(["127.0.0.1"]).trusts("::ffff:127.0.0.1")
