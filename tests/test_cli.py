"""The command line: what it accepts, what it prints, and how it exits."""

import asyncio
import json
import logging
import signal
import wave
from io import BytesIO
from pathlib import Path

import pytest

from tests.edges.wyoming_house import House, serving
from tests.program import program
from tests.tone import CHARACTER
from wyoming_indextts import __version__
from wyoming_indextts.cli import main
from wyoming_indextts.cli.arguments import flags, parse
from wyoming_indextts.cli.log import OneLine


def uri(house: House) -> str:
    return f"tcp://{house.host}:{house.port}"


async def run(*arguments: str | Path) -> int:
    """Run a command as its own process would."""
    return await asyncio.to_thread(main, [str(argument) for argument in arguments])


def one_line(text: str) -> str:
    """Return the line that is all there is."""
    assert text.endswith("\n")
    assert text.count("\n") == 1, text
    return text.strip()


async def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"wyoming-indextts {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sing"], "invalid choice: 'sing'"),
        (["--loud"], "unrecognized arguments: --loud"),
        (["serve", "--engine", "fast"], "argument --engine: invalid choice: 'fast'"),
        (["say", "--intensity", "2", "a"], "must be a number from 0 to 1, not '2'"),
        (["say", "--intensity", "x", "a"], "must be a number from 0 to 1, not 'x'"),
        (["say", "--server", "hub", "a"], "must be tcp://HOST:PORT, not 'hub'"),
        (["serve", "--mqtt", "hub"], "must be mqtt://HOST:PORT, mqtts://HOST:PORT or off: hub"),
        (["serve", "--mqtt", "mqtt://hub:x"], "must be mqtt://HOST:PORT"),
        (["serve", "--mqtt", "mqtt://me:secret@hub"], "a password is no flag"),
        (["serve", "--remote", "gpu"], "must be ws://HOST:PORT"),
        (["say", "hello", "--remote", "ws://token@gpu"], "a token is no part of the address"),
        (["say", "two", "texts"], "unrecognized arguments: texts"),
        (["voices"], "required: COMMAND"),
    ],
)
def test_wrong_arguments_are_one_line_and_status_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert words in one_line(capsys.readouterr().err)


def test_wrong_settings_are_one_line_and_status_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "a.toml"
    file.write_text("\nvoise = 1\n", "utf-8")
    assert main(["serve", "--config", str(file)]) == 2
    line = one_line(capsys.readouterr().err)
    assert line.startswith(f"wyoming-indextts: {file}, line 2: unknown key 'voise'")


@pytest.mark.parametrize(
    ("address", "settings"),
    [
        ("mqtt://hub", {"mqtt.host": "hub", "mqtt.port": None, "mqtt.tls": False}),
        ("mqtts://hub:18883", {"mqtt.host": "hub", "mqtt.port": 18883, "mqtt.tls": True}),
        ("mqtt://[::1]:1", {"mqtt.host": "::1", "mqtt.port": 1, "mqtt.tls": False}),
        ("off", {"mqtt.host": None}),
    ],
)
def test_a_brokers_address_stands_for_its_settings(
    address: str, settings: dict[str, object]
) -> None:
    chosen = flags(parse(["serve", "--mqtt", address]))
    assert {path: value for path, value in chosen.items() if path.startswith("mqtt")} == settings
    assert flags(parse(["serve"])).keys().isdisjoint(settings)


def test_flags_alone_mean_serve(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--uri", "nowhere"]) == 2
    assert "--uri: wyoming.uri must be tcp://" in one_line(capsys.readouterr().err)


def test_an_unknown_default_voice_is_a_wrong_setting(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "a.toml"
    file.write_text("# mine\nvoice = 'nobody'\n", "utf-8")
    assert main(["serve", "--config", str(file)]) == 2
    line = one_line(capsys.readouterr().err)
    assert f"{file}, line 2: voice: no voice is named 'nobody'; there are " in line


def test_an_unknown_emotion_on_the_stage_is_a_wrong_setting(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "a.toml"
    file.write_text("[stage]\nemotion = 'jolly'\n", "utf-8")
    assert main(["voices", "list", "--config", str(file)]) == 2
    line = one_line(capsys.readouterr().err)
    assert f"{file}, line 2: stage.emotion: no emotion is named 'jolly'" in line


@pytest.mark.parametrize("name", ["emotions.toml", "lexicon.toml"])
def test_a_broken_file_of_the_users_is_one_line_and_status_2(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / name).write_text("[a]\nb = \n", "utf-8")
    assert main(["serve", "--data-dir", str(tmp_path)]) == 2
    assert str(tmp_path / name) in one_line(capsys.readouterr().err)


def test_the_voices_are_listed_with_their_emotions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["voices", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    (default,) = [voice["name"] for voice in listed if voice["default"]]
    assert listed[0]["variants"][f"{default}-happy"] == "高兴"
    assert main(["voices", "list"]) == 0
    table = capsys.readouterr().out
    assert all(voice["name"] in table for voice in listed)
    assert "happy 高兴" in table


def test_the_far_side_is_a_flag_of_all_who_speak() -> None:
    for command in (["serve"], ["say", "hello"], ["doctor"]):
        assert flags(parse([*command, "--remote", "ws://gpu"])) == {"remote.url": "ws://gpu"}


async def test_say_records_what_a_server_speaks(tmp_path: Path) -> None:
    target = tmp_path / "a.wav"
    async with serving() as house:
        arguments = ("--server", uri(house), "--voice", "bob", "--emotion", "生气")
        assert await run("say", "hello.", "-o", target, *arguments, "--intensity", "0.5") == 0
        style = house.engine.jobs[0].style
    assert style.voice == "bob"
    assert style.emotion.weights[1] == pytest.approx(0.5 * 0.875)
    with wave.open(str(target)) as sound:
        seconds = sound.getnframes() / sound.getframerate()
    assert seconds == pytest.approx(len("hello.") * CHARACTER)


async def test_say_speaks_standard_input_while_it_is_written() -> None:
    async with serving() as house, program("say", "--server", uri(house), "-o", "-") as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write("一句话。第二".encode())
        header = await process.stdout.readexactly(44)
        assert header.startswith(b"RIFF")
        first = await process.stdout.readexactly(4800)
        process.stdin.write("句。".encode())
        process.stdin.close()
        rest = await process.stdout.read()
        assert await process.wait() == 0
        assert house.engine.said.count("|") == 1
    with wave.open(BytesIO(header + first + rest)) as sound:
        assert sound.getframerate() == 24_000


async def test_say_tells_a_servers_error_in_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    async with serving() as house:
        arguments = ("-o", tmp_path / "a.wav", "--server", uri(house))
        assert await run("say", "hello.", "--voice", "carol", *arguments) == 1
    line = one_line(capsys.readouterr().err)
    assert line == (
        "wyoming-indextts: voice-not-found: no voice is named 'carol'; there are alice, bob"
    )
    assert not list(tmp_path.iterdir())  # noqa: ASYNC240 - a test may wait


async def test_say_tells_that_no_server_answers(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    server = ("--server", "tcp://127.0.0.1:9")
    assert await run("say", "hello.", "-o", tmp_path / "a.wav", *server) == 1
    line = one_line(capsys.readouterr().err)
    assert line == "wyoming-indextts: no server answers at tcp://127.0.0.1:9: connection refused"


async def test_say_without_a_player_names_the_flag_that_records(tmp_path: Path) -> None:
    server = ("--server", "tcp://127.0.0.1:9")
    async with program("say", "hello.", *server, PATH=str(tmp_path)) as process:
        _, errors = await process.communicate()
    assert process.returncode == 1
    assert "-o FILE.wav records instead" in one_line(errors.decode())


async def test_say_plays_through_the_player_on_the_path(tmp_path: Path) -> None:
    aplay = tmp_path / "aplay"
    aplay.write_text(f"#!/bin/sh\nexec /bin/cat >{tmp_path}/heard\n", "utf-8")
    aplay.chmod(0o755)
    async with serving() as house:
        server = ("--server", uri(house))
        async with program("say", "hello.", *server, PATH=str(tmp_path)) as process:
            _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")
    heard = (tmp_path / "heard").read_bytes()
    assert len(heard) / 48_000 == pytest.approx(len("hello.") * CHARACTER)


async def test_say_stops_at_ctrl_c_without_a_trace(tmp_path: Path) -> None:
    async with serving() as house:
        arguments = ("--server", uri(house), "-o", tmp_path / "a.wav")
        async with program("say", *arguments) as process:
            assert process.stdin
            assert process.stderr
            process.stdin.write(b"One two three. Four")
            async with asyncio.timeout(10):
                while not house.engine.jobs:
                    await asyncio.sleep(0.01)
            process.send_signal(signal.SIGINT)
            assert await process.wait() == 130
            said = await process.stderr.read()
            assert said == b"", said
        await house.emptied()
    assert not list(tmp_path.iterdir())  # noqa: ASYNC240 - a test may wait


async def test_say_needs_no_server(kept: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.wav"
    folders = ("--cache-dir", kept, "--data-dir", tmp_path)
    assert await run("say", "Good morning.", "-o", target, *folders) == 0
    with wave.open(str(target)) as sound:
        assert 0.5 < sound.getnframes() / sound.getframerate() < 3


async def test_say_without_a_server_tells_an_error_by_its_code(
    capsys: pytest.CaptureFixture[str], kept: Path, tmp_path: Path
) -> None:
    arguments = ("--emotion", "jolly", "-o", tmp_path / "a.wav", "--cache-dir", kept)
    assert await run("say", "Good morning.", *arguments) == 1
    line = one_line(capsys.readouterr().err)
    assert line.startswith("wyoming-indextts: emotion-not-found: no emotion is named 'jolly'")


async def test_the_doctors_status_is_that_of_the_worst_finding(
    capsys: pytest.CaptureFixture[str], kept: Path, tmp_path: Path
) -> None:
    folders = ("--cache-dir", kept, "--data-dir", tmp_path)
    status = await run("doctor", "--json", "--uri", "tcp://127.0.0.1:0", *folders)
    states = {found["topic"]: found["state"] for found in json.loads(capsys.readouterr().out)}
    assert status == int("error" in states.values())
    assert states["speed"] != "error"
    (tmp_path / "lexicon.toml").write_text("broken", "utf-8")
    assert await run("doctor", "--uri", "tcp://127.0.0.1:0", *folders) == 1
    assert "not measured: mend lexicon first" in capsys.readouterr().out
    assert await run("doctor", "--report", "--uri", "tcp://127.0.0.1:0", *folders) == 1
    written = capsys.readouterr().out
    assert "| error | speed | not measured: mend lexicon first" in written
    assert "wyoming.uri = 'tcp://127.0.0.1:0'" in written


def test_a_message_cannot_look_like_two_events() -> None:
    record = logging.LogRecord(
        "room", logging.INFO, __file__, 1, "said %s", ("好\n2026 ERROR \x1b[2J",), None
    )
    line = OneLine("%(levelname)s %(message)s").format(record)
    assert line == "INFO said 好\\n2026 ERROR \\x1b[2J"


async def test_a_healthcheck_tells_who_answers(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving() as house:
        assert await run("healthcheck", "--uri", uri(house)) == 0
        answered = one_line(capsys.readouterr().out)
        assert answered == f"wyoming-indextts {__version__} answers at {uri(house)}"


async def test_a_healthcheck_fails_where_nobody_answers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert await run("healthcheck", "--uri", "tcp://127.0.0.1:9") == 1
    assert "nobody answers at tcp://127.0.0.1:9" in one_line(capsys.readouterr().err)


async def test_a_healthcheck_fails_where_something_else_answers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        assert await run("healthcheck", "--uri", f"tcp://{host}:{port}") == 1
    assert "no speech server answers" in one_line(capsys.readouterr().err)
