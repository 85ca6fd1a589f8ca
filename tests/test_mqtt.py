"""MQTT as the settings want it, and the whole server at a real broker."""

import signal
from pathlib import Path

from tests.edges.mqtt_broker import broker, guest, passwords
from tests.program import served
from wyoming_indextts.mqtt import mqtt_options
from wyoming_indextts.settings import load


def test_without_a_host_there_is_no_mqtt(tmp_path: Path) -> None:
    assert mqtt_options(load({"data_dir": tmp_path}, {})) is None


def test_the_settings_become_options(tmp_path: Path) -> None:
    flags = {"data_dir": tmp_path, "mqtt.host": "there", "mqtt.tls": True, "mqtt.node": "hall",
             "mqtt.password": "secret", "mqtt.language": "zh-Hans"}  # fmt: skip
    settings = load(flags, {})
    assert "secret" not in repr(settings)
    options = mqtt_options(settings)
    assert options is not None
    assert (options.broker.port, options.broker.password) == (8883, "secret")
    assert (options.node, options.broker.client_id) == ("hall", "wyoming-indextts-hall")
    assert options.discovery.language == "zh-Hans"


def test_a_node_of_its_own_stays(tmp_path: Path) -> None:
    settings = load({"data_dir": tmp_path, "mqtt.host": "there"}, {})
    first, second = mqtt_options(settings), mqtt_options(settings)
    assert first and second and first.node == second.node


async def test_the_whole_server_is_shown_and_says_goodbye(kept: Path, tmp_path: Path) -> None:

    passwords(tmp_path, tts="geheim", ha="geheim")
    (tmp_path / "pw").write_text("geheim\n", "utf-8")
    lines = ["password_file {folder}/passwords", "allow_anonymous false"]
    variables = {"HOST": "127.0.0.1", "NODE": "hall", "USERNAME": "tts",
                 "PASSWORD_FILE": str(tmp_path / "pw")}  # fmt: skip
    status = "wyoming-indextts/hall/status"
    async with broker(tmp_path, *lines) as there:
        env = {f"WYOMING_INDEXTTS_MQTT__{key}": value for key, value in variables.items()}
        env["WYOMING_INDEXTTS_MQTT__PORT"] = str(there.port)
        async with (
            guest(there.port, username="ha", password="geheim") as other,  # noqa: S106 - a test's
            served(kept, tmp_path / "data", **env) as server,
        ):
            await other.until(status)
            (told,) = other.on("homeassistant/device/indextts_hall/config")
            assert "lan" in told["components"]["voice"]["options"]
            await other.say("wyoming-indextts/hall/emotion/set", "happy")
            await other.until("wyoming-indextts/hall/state", lambda s: s["emotion"] == "happy")
            server.process.send_signal(signal.SIGTERM)
            assert "Traceback" not in await server.end()
            await other.until(status, lambda word: word == "offline")
