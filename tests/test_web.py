"""The HTTP server as the settings want it; without it speech goes on."""

import asyncio
import logging
import socket
import ssl
import subprocess
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from tests.house import casting, speaking
from tests.tone import ToneEngine
from wyoming_indextts.edges.http.options import IceServer
from wyoming_indextts.settings import Settings
from wyoming_indextts.settings.edges import HttpSettings
from wyoming_indextts.speech.engine import EngineRunner
from wyoming_indextts.speech.links import Links
from wyoming_indextts.speech.runner import Runner
from wyoming_indextts.web import ice_servers, page_served


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


def settings(tmp_path: Path, **http: object) -> Settings:
    return Settings(data_dir=tmp_path, http=HttpSettings(**http))  # type: ignore[arg-type]


def port_of(logged: pytest.LogCaptureFixture) -> int:
    (line,) = (text for text in logged.messages if text.startswith("the page is at"))
    return int(line.rstrip("/").rpartition(":")[2])


async def test_only_this_machine_needs_no_token(
    tmp_path: Path, logged: pytest.LogCaptureFixture, runner: EngineRunner
) -> None:
    async with speaking(ToneEngine()) as speaker, aiohttp.ClientSession() as client:
        wanted = settings(tmp_path, listen="127.0.0.1:0")
        async with page_served(wanted, speaker, casting(), runner, Links()):
            url = f"http://127.0.0.1:{port_of(logged)}/stream?text=Hello."
            async with client.get(url) as answer:
                assert answer.status == 200 and await answer.read()
    assert not await asyncio.to_thread(lambda: list(tmp_path.iterdir()))


async def test_others_need_the_token_that_is_shown_once(
    tmp_path: Path, logged: pytest.LogCaptureFixture, runner: EngineRunner
) -> None:
    wanted = settings(tmp_path, listen="0.0.0.0:0")
    async with speaking(ToneEngine()) as speaker, aiohttp.ClientSession() as client:
        async with page_served(wanted, speaker, casting(), runner, Links()):
            (shown,) = (text for text in logged.messages if "shown once" in text)
            token = shown.rpartition(" ")[2]
            url = f"http://127.0.0.1:{port_of(logged)}/stream?text=Hello."
            async with client.get(url) as answer:
                assert answer.status == 401
            async with client.get(url, headers={"Authorization": f"Bearer {token}"}) as answer:
                assert answer.status == 200
        logged.clear()
        async with page_served(wanted, speaker, casting(), runner, Links()):
            assert token not in logged.text


async def test_a_house_may_be_open(
    tmp_path: Path, logged: pytest.LogCaptureFixture, runner: EngineRunner
) -> None:
    wanted = settings(tmp_path, listen="0.0.0.0:0", open=True)
    async with speaking(ToneEngine()) as speaker, aiohttp.ClientSession() as client:
        async with page_served(wanted, speaker, casting(), runner, Links()):
            async with client.get(f"http://127.0.0.1:{port_of(logged)}/voices") as answer:
                assert answer.status == 200


async def test_this_machine_may_ask_itself_for_a_token(
    tmp_path: Path, logged: pytest.LogCaptureFixture, runner: EngineRunner
) -> None:
    wanted = settings(tmp_path, listen="127.0.0.1:0", open=False)
    async with speaking(ToneEngine()) as speaker, aiohttp.ClientSession() as client:
        async with page_served(wanted, speaker, casting(), runner, Links()):
            async with client.get(f"http://127.0.0.1:{port_of(logged)}/voices") as answer:
                assert answer.status == 401


async def test_it_is_there_over_tls(
    tmp_path: Path, logged: pytest.LogCaptureFixture, runner: EngineRunner, certificate: Path
) -> None:
    key = certificate.with_name("key.pem")
    wanted = settings(tmp_path, listen="127.0.0.1:0", tls_certificate=certificate, tls_key=key)
    trust = ssl.create_default_context(cafile=certificate)
    async with speaking(ToneEngine()) as speaker, aiohttp.ClientSession() as client:
        async with page_served(wanted, speaker, casting(), runner, Links()):
            url = f"https://127.0.0.1:{port_of(logged)}/voices"
            async with client.get(url, ssl=trust) as answer:
                assert answer.status == 200


@pytest.mark.parametrize(
    ("http", "said"),
    [
        ({"tls_certificate": "nothing.pem"}, "no page: http.tls_certificate and http.tls_key"),
        ({"open": False, "token_file": "tokens"}, "no page: tokens, line 1"),
    ],
)
async def test_what_is_wrong_is_one_warning_and_speech_goes_on(
    http: dict[str, object],
    said: str,
    tmp_path: Path,
    logged: pytest.LogCaptureFixture,
    runner: EngineRunner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tokens").write_text("nonsense\n", "utf-8")
    async with speaking(ToneEngine()) as speaker:
        wanted = settings(tmp_path, listen="127.0.0.1:0", **http)
        async with page_served(wanted, speaker, casting(), runner, Links()):
            (warning,) = (record for record in logged.records if record.levelname == "WARNING")
    assert warning.getMessage().startswith(said)


async def test_a_port_that_is_taken_is_one_warning(
    tmp_path: Path, logged: pytest.LogCaptureFixture, runner: EngineRunner
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wanted = settings(tmp_path, listen=f"127.0.0.1:{taken.getsockname()[1]}")
        async with speaking(ToneEngine()) as speaker:
            async with page_served(wanted, speaker, casting(), runner, Links()):
                (line,) = (text for text in logged.messages if "no page" in text)
    assert line.endswith("address already in use")


async def test_it_may_be_off(
    tmp_path: Path, logged: pytest.LogCaptureFixture, runner: EngineRunner
) -> None:
    async with speaking(ToneEngine()) as speaker:
        async with page_served(
            settings(tmp_path, listen="off"), speaker, casting(), runner, Links()
        ):
            assert "page" not in logged.text


def test_what_helps_webrtc_is_what_the_settings_name() -> None:
    assert ice_servers(HttpSettings()) == []
    wanted = HttpSettings(
        stun="stun:a:1,stun:b:2",  # type: ignore[arg-type]
        turn="turn:c:3",
        turn_username="me",
        turn_password=SecretStr("secret"),
    )
    assert ice_servers(wanted) == [
        IceServer("stun:a:1"), IceServer("stun:b:2"), IceServer("turn:c:3", "me", "secret"),
    ]  # fmt: skip


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -keyout key.pem -out cert.pem"
    subprocess.run([*command.split(), *subject], cwd=tmp_path, check=True, capture_output=True)  # noqa: S603
    return tmp_path / "cert.pem"


@pytest.fixture
def runner() -> EngineRunner:
    return Runner(ToneEngine)
