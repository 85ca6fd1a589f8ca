"""Who may ask over HTTP: names that the server is called by, pages that ask, tokens."""

import aiohttp
import pytest

from tests.edges.http_house import House, serving
from wyoming_indextts.edges.http.guard import COOKIE, GUESSES
from wyoming_indextts.edges.http.options import HttpOptions

ALL, SPEAK = "a-token-for-all-of-it", "a-token-to-speak-with"

TOKENS = HttpOptions(
    tokens={ALL: {"speak", "control", "voices"}, SPEAK: {"speak"}},
    hosts=("Voice.Example.org",),
    origins=("https://ha.example.org",),
)

OPEN = HttpOptions(hosts=TOKENS.hosts, origins=TOKENS.origins)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def status(house: House, method: str, path: str, **headers: str) -> int:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with house.client.request(method, path, headers=sent) as answer:
        return answer.status


@pytest.mark.parametrize(
    "name",
    [
        "127.0.0.1:8080", "192.168.1.7", "[::1]:8080", "[fe80::1%25eth0]", "localhost",
        "voice", "voice.local", "voice.lan:8080", "voice.home.arpa.", "VOICE.example.org",
    ],
)  # fmt: skip
async def test_the_server_answers_to_addresses_local_names_and_its_own(name: str) -> None:
    async with serving(options=OPEN) as house:
        assert await status(house, "GET", "/presets", Host=name) == 200


@pytest.mark.parametrize(
    "name", ["evil.example.org", "local.example", "127.0.0.1.example.org", "notlocal.evil", "[::"]
)
async def test_it_does_not_answer_to_a_name_that_others_may_own(name: str) -> None:
    async with serving(options=OPEN) as house:
        for path in ("/presets", "/healthz", "/stream?text=a"):
            refused = await house.error("GET", path, headers={"Host": name})
            assert refused == (403, "forbidden")


async def test_another_sites_page_may_not_ask() -> None:
    async with serving(options=OPEN) as house:
        for headers in (
            {"Origin": "https://evil.example.org"},
            {"Origin": "null"},
            {"Origin": f"http://127.0.0.1:{house.port + 1}"},
            {"Sec-Fetch-Site": "cross-site"},
        ):
            for method, path in (("POST", "/stop"), ("GET", "/stream?text=a"), ("GET", "/ws")):
                assert await house.error(method, path, headers=headers) == (403, "forbidden")
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await house.client.ws_connect("/ws", headers={"Origin": "https://evil.example.org"})
        assert not house.engine.jobs


async def test_the_servers_own_page_may_ask() -> None:
    async with serving(options=OPEN) as house:
        own = f"http://127.0.0.1:{house.port}"
        assert await status(house, "POST", "/stop", Origin=own) == 200
        assert await status(house, "POST", "/stop", Sec_Fetch_Site="same-origin") == 200


async def test_a_site_of_the_settings_may_ask_and_read_the_answer() -> None:
    site = "https://ha.example.org"
    async with serving(options=OPEN) as house:
        asked = {"Origin": site, "Access-Control-Request-Method": "PUT"}
        async with house.client.options("/stage", headers=asked) as answer:
            assert answer.status == 204
            assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
            assert answer.headers["Access-Control-Allow-Origin"] == site
        async with house.client.post("/stop", headers={"Origin": site}) as answer:
            assert answer.headers["Access-Control-Allow-Origin"] == site
            assert "Location" in answer.headers["Access-Control-Expose-Headers"]
        async with house.client.post("/stop") as answer:
            assert "Access-Control-Allow-Origin" not in answer.headers
        foreign = {"Origin": "https://evil.example.org"}
        assert await house.error("OPTIONS", "/stage", headers=foreign) == (403, "forbidden")


async def test_without_a_token_only_health_is_told() -> None:
    async with serving(options=TOKENS) as house:
        assert await status(house, "GET", "/healthz") == 200
        for method, path in (
            ("GET", "/stream?text=a"), ("GET", "/voices"), ("PUT", "/stage"), ("POST", "/stop"),
            ("POST", "/v1/audio/speech"), ("GET", "/ws"),
        ):  # fmt: skip
            assert await house.error(method, path) == (401, "unauthorized")
        async with house.client.get("/voices") as answer:
            assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_token_allows_what_its_scopes_say() -> None:
    async with serving(options=TOKENS) as house:
        assert await status(house, "GET", "/voices", **bearer(SPEAK)) == 200
        assert await house.error("POST", "/stop", headers=bearer(SPEAK)) == (403, "forbidden")
        assert await status(house, "POST", "/stop", **bearer(ALL)) == 200


@pytest.mark.parametrize(
    "given", ["Bearer nonsense-nonsense", "Bearer ", "Bearer", "Basic dTpw", "Bearer \xe9", ALL]
)
async def test_what_is_no_token_is_none(given: str) -> None:
    async with serving(options=TOKENS) as house:
        headers = {"Authorization": given}
        assert await house.error("GET", "/voices", headers=headers) == (401, "unauthorized")


async def test_who_guesses_is_told_to_wait_even_with_the_right_token() -> None:
    async with serving(options=TOKENS) as house:
        for number in range(GUESSES):
            wrong = bearer(f"guess-{number:020}")
            assert await house.error("GET", "/voices", headers=wrong) == (401, "unauthorized")
        assert await house.error("GET", "/voices", headers=bearer(ALL)) == (429, "busy")


async def test_a_browser_logs_in_once() -> None:
    async with serving(options=TOKENS) as house:
        async with house.client.get(
            "/voices", headers={"Accept": "text/html"}, allow_redirects=False
        ) as sent:
            assert (sent.status, sent.headers["Location"]) == (303, "login")
        async with house.client.get("/login") as form:
            assert form.content_type == "text/html"
            assert 'name="token"' in await form.text()
        async with house.client.post("/login", data={"token": "<b>wrong</b>"}) as refused:
            assert refused.status == 401
            assert "<b>" not in await refused.text()
            assert "Set-Cookie" not in refused.headers
        async with house.client.post(
            "/login", data={"token": SPEAK}, allow_redirects=False
        ) as taken:
            assert (taken.status, taken.headers["Location"]) == (303, "./")
            cookie = taken.headers["Set-Cookie"]
        assert cookie.startswith(f"{COOKIE}={SPEAK};")
        assert {"HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))
        kept = {"Cookie": f"{COOKIE}={SPEAK}"}
        assert await status(house, "GET", "/voices", **kept) == 200
        assert await house.error("POST", "/stop", headers=kept) == (403, "forbidden")


async def test_a_form_of_another_site_or_kind_logs_nobody_in() -> None:
    async with serving(options=TOKENS) as house:
        foreign = {"Origin": "https://evil.example.org"}
        refused = await house.error("POST", "/login", headers=foreign, data={"token": ALL})
        assert refused == (403, "forbidden")
        assert await house.error("POST", "/login", json={"token": ALL}) == (400, "bad-request")
        large = {"token": "a" * 5000}
        assert await house.error("POST", "/login", data=large) == (413, "too-large")
