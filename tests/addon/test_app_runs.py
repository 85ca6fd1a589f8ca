"""The whole program as the Supervisor starts it: with options, a token, its image's variables."""

import json
import signal
from pathlib import Path

import aiohttp
from wyoming.client import AsyncTcpClient
from wyoming.tts import Synthesize

from tests.addon.app import environment
from tests.edges.mqtt_broker import broker, guest, passwords
from tests.edges.supervisor_stand_in import TOKEN, StandIn, supervisor
from tests.program import Served, program, served

INGRESS = "127.0.0.2"
"""Plays 172.30.32.2, the only address from which the ingress comes."""

THROUGH = {"X-Ingress-Path": "/api/hassio_ingress/abc", "Host": "ha.example.org"}

OPTIONS = {"voice": "yun", "default_emotion": "happy", "speed": 9, "volum": 1, "mqtt": True}
"""One good, one by its older name, one out of range, one that there is not."""


def app(data: Path, there: StandIn) -> dict[str, str]:
    """Return the variables of the app, with what is elsewhere here."""
    (data / "options.json").write_text(json.dumps(OPTIONS), "utf-8")
    image = environment()
    ours = {
        "WYOMING_INDEXTTS_APP_OPTIONS": str(data / "options.json"),
        "WYOMING_INDEXTTS_HTTP__INGRESS": INGRESS,
        "WYOMING_INDEXTTS_MQTT__NODE": "app",
        "WYOMING_INDEXTTS_SUPERVISOR__URL": there.url,
        "SUPERVISOR_TOKEN": TOKEN,
    }
    return {**image, **ours}


async def last_of_speech(client: AsyncTcpClient) -> str:
    """Have something said; return what the answer ends with."""
    await client.write_event(Synthesize("Good morning.").event())
    while event := await client.read_event():
        if event.type in {"audio-stop", "error"}:
            return event.type
    raise AssertionError("hung up before it had spoken")


async def page(address: str, port: int, headers: dict[str, str]) -> tuple[int, str]:
    """Return status and text of the page as somebody at `address` gets it."""
    connector = aiohttp.TCPConnector(local_addr=(address, 0))
    async with (
        aiohttp.ClientSession(connector=connector) as client,
        client.get(f"http://127.0.0.1:{port}/", headers=headers, allow_redirects=False) as answer,
    ):
        return answer.status, await answer.text()


def port_of_the_page(server: Served) -> int:
    (line,) = [line for line in server.log if "the page is at" in line]
    return int(line.strip().rstrip("/").rpartition(":")[2])


async def test_the_app_is_found_shown_and_speaks(kept: Path, tmp_path: Path) -> None:
    passwords(tmp_path, addons="geheim", ha="geheim")
    lines = ["password_file {folder}/passwords", "allow_anonymous false"]
    account = {"username": "addons", "password": "geheim"}
    async with broker(tmp_path, *lines) as brokers, supervisor() as there:
        there.mqtt = {"host": "127.0.0.1", "port": brokers.port, "ssl": False, **account}
        data = tmp_path / "data"
        data.mkdir()
        async with (
            guest(brokers.port, username="ha", password="geheim") as other,  # noqa: S106 - a test's
            served(kept, data, "--http", "0.0.0.0:0", **app(data, there)) as server,
        ):
            await there.until("POST /discovery")
            (told,) = there.bodies("POST /discovery")
            assert told["service"] == "wyoming"
            assert told["config"]["uri"].endswith(f":{server.port}")
            await there.until("POST /addons/self/options")
            kept_now = {**OPTIONS, "emotion": "happy"}
            del kept_now["default_emotion"]
            assert there.bodies("POST /addons/self/options") == [{"options": kept_now}]

            async with server.client() as client:
                assert await last_of_speech(client) == "audio-stop"

            shown = await other.until("wyoming-indextts/app/state")
            assert (shown["voice"], shown["emotion"]) == ("yun", "happy")

            port = port_of_the_page(server)
            status, text = await page(INGRESS, port, THROUGH)
            assert status == 200 and "<title>" in text
            status, _ = await page("127.0.0.1", port, {**THROUGH, "Host": "127.0.0.1"})
            assert status == 401

            server.process.send_signal(signal.SIGTERM)
            log = await server.end()
        assert server.process.returncode == 0
    warnings = [
        line.partition(" WARNING wyoming_indextts.supervised: ")[2] for line in log.split("\n")
    ]
    assert list(filter(None, warnings)) == [
        "the option 'default_emotion' is called 'emotion' now",
        "the option 'speed' must be less than or equal to 2; it is not used",
        "there is no option 'volum'; is 'volume' meant?",
    ]
    assert "geheim" not in log and TOKEN not in log and "Traceback" not in log
    # what was told stays told: Home Assistant would delete what its user has set up
    assert not any(asked.startswith("DELETE") for asked, _ in there.asked)


async def test_an_app_with_nothing_around_it_serves(tmp_path: Path) -> None:
    """No Supervisor answers, and the options are no JSON; nobody waits for either."""
    async with supervisor() as gone:
        pass
    env = app(tmp_path, gone)
    (tmp_path / "options.json").write_text("{", "utf-8")
    where = ("--uri", "tcp://127.0.0.1:0", "--http", "off", "--data-dir", tmp_path)
    async with program("serve", *where, "--cache-dir", tmp_path, **env) as process:
        server = Served(process, "127.0.0.1", 0)
        await server.until("is not JSON; the app's options are not used")
        complaints = [await server.until("the Supervisor is not reached: ") for _ in range(2)]
        assert sum("Home Assistant was not told of this server: " in one for one in complaints) == 1
        process.send_signal(signal.SIGTERM)
        assert "Traceback" not in await server.end()
        assert process.returncode == 0
