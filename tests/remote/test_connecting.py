"""How a connection comes about, and in which words it is said why it does not."""

import asyncio
import logging
import ssl
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from tests.edges.http_house import serving as serving_pages
from tests.remote.docs import blocks
from tests.remote.far_side import TOKEN, Handler, another, far_side, free_port, options
from wyoming_indextts.errors import (
    BadDataError,
    EngineFailedError,
    ForbiddenError,
    SpeechError,
    UnauthorizedError,
    UnsupportedError,
)
from wyoming_indextts.remote.connecting import LARGEST_MESSAGE, connected
from wyoming_indextts.remote.options import RemoteOptions
from wyoming_indextts.speech.wire import PROTOCOL, House, encoded


async def house_at(wanted: RemoteOptions) -> House:
    async with asyncio.timeout(10), connected(wanted) as far:
        return far.house


async def why_not(wanted: RemoteOptions, error: type[SpeechError]) -> str:
    with pytest.raises(error) as raised:
        await house_at(wanted)
    assert TOKEN not in str(raised.value)
    return str(raised.value)


def speaks(*messages: str | bytes, protocol: str = PROTOCOL) -> Handler:
    """Return a WebSocket that says this and waits."""

    async def handler(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=(protocol,))
        await socket.prepare(request)
        for message in messages:
            if isinstance(message, str):
                await socket.send_str(message)
            else:
                await socket.send_bytes(message)
        await socket.receive()
        return socket

    return handler


async def test_a_house_is_told_with_all_that_can_be_asked_of_it() -> None:
    async with far_side() as far:
        house = await house_at(options(far.url))
    assert (house.rate, house.default) == (22_050, "alice")
    assert house.voices == tuple(far.cast.voices)
    assert house.presets == tuple(far.cast.presets)


async def test_the_token_may_be_in_a_file_which_is_read_each_time(tmp_path: Path) -> None:
    file = tmp_path / "token"
    async with far_side() as far:
        wanted = options(far.url, None, token_file=file)
        assert "cannot be read" in await why_not(wanted, UnauthorizedError)
        file.write_text("\n")
        assert "no token" in await why_not(wanted, UnauthorizedError)
        file.write_text("an-old-token\n")
        assert "does not take" in await why_not(wanted, UnauthorizedError)
        file.write_text(f"{TOKEN} \n# renewed in November\n")
        assert (await house_at(wanted)).default == "alice"


async def test_a_token_that_may_not_speak_is_sent_away() -> None:
    async with far_side() as far:
        wanted = options(far.url, "a-token-that-may-not-speak")
        assert "the scope speak" in await why_not(wanted, ForbiddenError)


async def test_nobody_there_is_said_as_the_system_says_it() -> None:
    wanted = options(f"ws://127.0.0.1:{free_port()}")
    assert await why_not(wanted, EngineFailedError) == "connection refused"
    nowhere = options("ws://no-such-machine.invalid:8080")
    assert await why_not(nowhere, EngineFailedError) == "its name is not known"


async def test_one_that_answers_html_is_none_of_ours() -> None:
    async def html(_: web.Request) -> web.StreamResponse:
        return web.Response(text="<html>Welcome to nginx!</html>", content_type="text/html")

    async with another(html) as wanted:
        assert await why_not(wanted, EngineFailedError) == "it is no wyoming-indextts (HTTP 200)"


async def test_one_that_is_never_done_is_not_waited_for() -> None:
    async def slow(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    for handler in (slow, speaks()):
        async with another(handler) as wanted:
            said = await why_not(replace(wanted, connect_timeout=0.3), EngineFailedError)
            assert said == "no answer within 0.3 s"


async def test_one_that_speaks_no_http_is_none_of_ours() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"220 smtp.example.org ESMTP\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await why_not(options(f"ws://127.0.0.1:{port}"), EngineFailedError)


async def test_a_server_of_another_version_is_told_apart(caplog: pytest.LogCaptureFixture) -> None:
    hello = '{"type": "hello", "version": "0.0.9", "rate": 22050}'
    async with another(speaks(hello, protocol="wyoming-indextts.engine.9")) as wanted:
        said = await why_not(wanted, UnsupportedError)
    assert said == (
        "it is wyoming-indextts 0.0.9, which does not speak wyoming-indextts.engine.1;"
        " bring both to one version"
    )
    async with another(speaks('{"type": "welcome"}')) as wanted:
        assert "what it offers" in await why_not(wanted, UnsupportedError)
    assert not caplog.records or all(record.levelno < logging.ERROR for record in caplog.records)


async def test_ours_greets_a_client_of_a_later_version_as_any_page() -> None:
    async with serving_pages() as house:
        later = ("wyoming-indextts.engine.2",)
        async with house.client.ws_connect("/ws", protocols=later) as socket:
            assert socket.protocol is None
            assert (await socket.receive_json())["type"] == "hello"


@pytest.mark.parametrize(
    "first",
    [
        "",
        "{",
        "[" * 100_000,
        "[]",
        '{"type": 7}',
        encoded("house"),
        encoded("house", version="1", rate=22_050, voices=[], presets=[], default="x"),
        encoded("house", version="1", rate=1e99, voices=[{}], presets=[{}], default="x"),
    ],
)
async def test_one_whose_first_word_makes_no_sense_is_hung_up_on(first: str) -> None:
    async with another(speaks(first)) as wanted:
        await why_not(wanted, SpeechError)


async def test_one_that_offers_without_end_is_hung_up_on() -> None:
    async with far_side() as far:
        house = await house_at(options(far.url))
    voices = [{"name": f"v{number}", "description": "x", "languages": ["en-US"], "sex": "male",
               "emotion": "neutral", "stand_in": None} for number in range(1001)]  # fmt: skip
    presets = [preset.name for preset in house.presets]
    assert "neutral" in presets
    told = encoded(
        "house",
        version="1",
        rate=22_050,
        voices=voices,
        presets=[{"name": "neutral", "zh": "中", "weights": [0] * 8, "speed": 1, "pause": 1,
                  "loudness": 0, "prosody": None, "from_text": False}],
        default="v0",
    )  # fmt: skip
    async with another(speaks(told)) as wanted:
        assert await why_not(wanted, BadDataError) == "voices has more than 1000"
    async with another(speaks(" " * (LARGEST_MESSAGE + 1))) as wanted:
        await why_not(wanted, EngineFailedError)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the commands of docs/gateway.md were run, for loopback."""
    folder = tmp_path_factory.mktemp("authority")
    commands = blocks("sh", "openssl")[0].replace("DNS:gpu.local", "IP:127.0.0.1")
    subprocess.run(["sh", "-ec", commands], cwd=folder, check=True, capture_output=True)  # noqa: S603, S607
    return folder


@pytest.fixture
def tls(authority: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority / "gpu.pem", authority / "gpu.key")
    return context


async def test_an_authority_of_ones_own_is_trusted_and_no_other(
    authority: Path, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    async with far_side(tls=tls) as far:
        assert far.url.startswith("wss://")
        assert (await house_at(options(far.url, tls_ca=authority / "ca.pem"))).default == "alice"
        said = await why_not(options(far.url), ForbiddenError)
        assert said.startswith("its certificate is not trusted: unable to get local issuer")
        said = await why_not(options(far.url, tls_ca=tmp_path / "none.pem"), EngineFailedError)
        assert said == "remote.tls_ca is no certificate (PEM)"
        plain = replace(options(far.url), url=far.url.replace("wss:", "ws:") + "/ws")
        await why_not(plain, EngineFailedError)


async def test_a_certificate_for_another_machine_is_not_trusted(
    authority: Path, tls: ssl.SSLContext
) -> None:
    async with far_side(tls=tls) as far:
        url = far.url.replace("127.0.0.1", "localhost")
        said = await why_not(options(url, tls_ca=authority / "ca.pem"), ForbiddenError)
    assert "Hostname mismatch" in said


async def test_tls_where_there_is_none_is_said(authority: Path) -> None:
    async with far_side() as far:
        url = far.url.replace("ws:", "wss:")
        said = await why_not(options(url, tls_ca=authority / "ca.pem"), EngineFailedError)
    assert said == "TLS does not come about: does it listen for https?"
