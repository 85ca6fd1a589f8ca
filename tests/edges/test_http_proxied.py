"""Behind the nginx and the Caddy of docs/proxies, below a path, everything works as in front."""

import asyncio
import json
import re
import tomllib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from pydantic import ValidationError

from tests.edges.http_house import PATIENCE, House, serving
from tests.edges.proxy_house import EXAMPLES, NAME, behind, certificate
from tests.tone import ToneEngine
from wyoming_indextts.edges.http.guard import COOKIE
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.settings.edges import HttpSettings

SPEAK = "a-token-to-speak-with"

ENDLESS = "word " * 2000

OPTIONS = HttpOptions(
    hosts=(NAME,), trusted_proxies=("127.0.0.1",), tokens={SPEAK: {"speak"}}, requests=1, burst=3
)


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("certificate"))


@asynccontextmanager
async def proxied(
    kind: str, pem: Path, folder: Path, *, tls: bool
) -> AsyncGenerator[tuple[House, aiohttp.ClientSession], None]:
    async with serving(ToneEngine(pace=0.005), OPTIONS, certificate=pem if tls else None) as house:
        async with behind(kind, house.url, pem, folder) as client:
            yield house, client


@pytest.mark.parametrize("tls", [False, True], ids=["http inside", "https inside"])
@pytest.mark.parametrize("kind", ["nginx", "caddy"])
async def test_page_stream_and_websocket_go_through(
    kind: str, *, tls: bool, pem: Path, tmp_path: Path
) -> None:
    async with proxied(kind, pem, tmp_path, tls=tls) as (house, client):
        await _logs_in(client)
        await _shows_the_page(client)
        await _streams_while_it_is_made(house, client)
        await _talks(house, client)


def test_the_settings_of_the_page_are_settings() -> None:
    text = (EXAMPLES.parent / "proxies.md").read_text("utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    http = HttpSettings.model_validate(tomllib.loads(block)["http"])
    assert (http.open, http.hosts, http.trusted_proxies) == (False, (NAME,), ("127.0.0.1",))
    with pytest.raises(ValidationError, match="an address or a network"):
        HttpSettings(trusted_proxies=("voice.lan",))


async def _logs_in(client: aiohttp.ClientSession) -> None:
    """A browser is sent to the login below the path, and keeps its token for that path alone."""
    async with client.get("", headers={"Accept": "text/html"}) as form:
        assert (form.status, form.url.path) == (200, "/voice/login")
    async with client.post("login", data={"token": SPEAK}, allow_redirects=False) as taken:
        cookie = taken.headers["Set-Cookie"].split("; ")
        assert taken.headers["Location"] == "./"
    assert cookie[0] == f"{COOKIE}={SPEAK}"
    assert {"Secure", "HttpOnly", "Path=/voice/", "SameSite=Strict"} <= set(cookie)


async def _shows_the_page(client: aiohttp.ClientSession) -> None:
    """Also to a client that says it comes from elsewhere: the proxy knows better."""
    for _ in range(5):
        invented = {"X-Forwarded-For": "192.168.1.5", "X-Forwarded-Host": "evil.example.org"}
        async with client.get("", headers=invented) as page:
            if page.status == 403:  # Caddy takes the name for what it says; it is checked
                break
            assert page.status == 200
    async with client.get("page/main.js") as script:
        assert (script.status, script.content_type) == (200, "text/javascript")


async def _streams_while_it_is_made(house: House, client: aiohttp.ClientSession) -> None:
    params = {"text": ENDLESS, "format": "wav"}
    async with asyncio.timeout(PATIENCE), client.get("stream", params=params) as answer:
        assert answer.status == 200, await answer.text()
        assert len(await answer.content.readexactly(9600)) == 9600
        assert house.engine.steps < len(ENDLESS) / 2
        answer.close()
    await house.silent()  # the proxy hangs up too


async def _talks(house: House, client: aiohttp.ClientSession) -> None:
    origin = f"https://{NAME}:{client._base_url.port}" if client._base_url else ""  # noqa: SLF001
    async with client.ws_connect("ws", origin=origin) as socket:
        assert (await socket.receive_json())["type"] == "hello"
        await socket.send_json({"type": "speak", "id": "u1", "text": "Hello."})
        kinds = []
        while "end" not in kinds:
            message = await socket.receive(PATIENCE)
            if message.type is aiohttp.WSMsgType.TEXT:
                kinds.append(json.loads(message.data)["type"])
            else:
                assert message.type is aiohttp.WSMsgType.BINARY, message
        assert kinds == ["queued", "start", "sentence", "end"]
    await house.emptied_sessions()
