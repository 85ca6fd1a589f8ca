"""The connection to a real broker: kept, lost, made again, and never in anybody's way."""

import asyncio
import gc
import json
import logging
import signal
import socket
import subprocess
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.edges.mqtt_broker import PATIENCE, Broker, broker, certificates, guest, passwords
from wyoming_indextts.edges.mqtt.connection import Connection, Presence, Received
from wyoming_indextts.edges.mqtt.options import BrokerOptions, TlsOptions
from wyoming_indextts.edges.mqtt.outbox import Outbox

CONNACK = 0x20
SUBACK = 0x90
PUBACK = 0x40
"""The first byte of what acknowledges a message; four bytes in all."""


@dataclass
class Line:
    """A connection under test; `got` is what it received."""

    connection: Connection
    outbox: Outbox
    got: list[Received] = field(default_factory=list)

    async def connected(self, *, to_be: bool = True) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.connection.connected != to_be:
                await asyncio.sleep(0.005)

    async def received(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.got) < count:
                await asyncio.sleep(0.005)


@asynccontextmanager
async def line(
    options: BrokerOptions, *topics: str, outbox: Outbox | None = None
) -> AsyncGenerator[Line, None]:
    outbox = outbox or Outbox()
    got: list[Received] = []
    topics = topics or ("here/+/set",)
    connection = Connection(options, outbox, Presence("here/status"), topics, got.append)
    running = asyncio.create_task(connection.run())
    try:
        yield Line(connection, outbox, got)
    finally:
        running.cancel()
        await asyncio.wait([running])
        assert running.cancelled(), running.exception()


def at(port: int) -> BrokerOptions:
    return BrokerOptions("127.0.0.1", port)


async def test_what_is_subscribed_to_comes_in_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    async with broker(tmp_path) as there, line(at(there.port)) as ours, guest(there.port) as other:
        await ours.connected()
        await other.say("here/voice/set", "bob", reply_to="here/reply/1", correlation=b"\x00\x01")
        await other.say("elsewhere/voice/set", "bob")
        await other.say("here/voice/set", b"")
        await ours.received(2)
    assert ours.got == [
        Received("here/voice/set", b"bob", reply_to="here/reply/1", correlation=b"\x00\x01"),
        Received("here/voice/set", b""),
    ]


async def test_documents_are_retained_and_the_word_that_we_are_there_comes_last(
    tmp_path: Path,
) -> None:
    outbox = Outbox()
    outbox.keep("here/state", "1")
    async with broker(tmp_path) as there, guest(there.port) as other:
        async with line(at(there.port), outbox=outbox) as ours:
            await other.until("here/status")
            ours.outbox.keep("here/state", "2")
            ours.outbox.send("here/event", "!", b"c")
            await other.until("here/event")
            async with guest(there.port) as late:
                await late.until("here/status")
            assert sorted(late.heard) == [("here/state", b"2"), ("here/status", b"online")]
        await other.until("here/status", lambda status: status == "offline")
    assert [payload for _, payload in other.heard] == [b"1", b"online", b"2", b"!", b"offline"]
    assert other.properties[3].CorrelationData == b"c"


async def test_the_broker_says_that_we_are_gone_when_we_are_killed(tmp_path: Path) -> None:
    async with broker(tmp_path) as there, guest(there.port) as other:
        proxy = await asyncio.start_server(lambda r, w: _forward(r, w, there.port), "127.0.0.1", 0)
        port = proxy.sockets[0].getsockname()[1]
        async with line(at(port)) as ours:
            await ours.connected()
            proxy.close()
            for task in asyncio.all_tasks():
                if task.get_name() == "forward":
                    task.cancel()
            await other.until("here/status", lambda status: status == "offline")


async def _forward(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    port: int,
    seen: Callable[[bytes], object] = len,
    answered: Callable[[bytes], object] = len,
) -> None:
    """Pass everything on: to the broker what was `seen`, and back what it `answered`."""
    there, back = await asyncio.open_connection("127.0.0.1", port)

    async def pump(
        source: asyncio.StreamReader, sink: asyncio.StreamWriter, seen: Callable[[bytes], object]
    ) -> None:
        try:
            while piece := await source.read(4096):
                seen(piece)
                sink.write(piece)
        finally:
            sink.transport.abort()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(pump(reader, back, seen), name="forward")
        tasks.create_task(pump(there, writer, answered), name="forward")


@pytest.mark.parametrize("answer", [CONNACK, SUBACK, PUBACK])
async def test_who_must_stop_in_the_moment_of_an_answer_stops(tmp_path: Path, answer: int) -> None:
    """Python 3.11's wait_for forgets a cancellation that comes together with what it waits for."""
    outbox = Outbox()
    outbox.keep("here/state", "1")
    connection: Connection
    running: asyncio.Task[None]

    def stop_with(piece: bytes) -> None:
        if piece[0] == answer:  # a timer's turn comes after the socket's
            asyncio.get_running_loop().call_later(0, running.cancel)

    async with broker(tmp_path) as there:
        proxy = await asyncio.start_server(
            lambda r, w: _forward(r, w, there.port, answered=stop_with), "127.0.0.1", 0
        )
        async with proxy:
            options = at(proxy.sockets[0].getsockname()[1])
            connection = Connection(options, outbox, Presence("here/status"), ["here/a"], print)
            running = asyncio.create_task(connection.run())
            await asyncio.wait([running], timeout=PATIENCE)
            assert running.cancelled()
            assert not connection.connected


async def test_a_retained_message_is_not_for_us_and_says_so_if_it_comes(tmp_path: Path) -> None:
    async with broker(tmp_path) as there, guest(there.port) as other:
        await other.say("here/voice/set", "old", retain=True)
        async with line(at(there.port)) as ours:
            await ours.connected()
            await other.say("here/voice/set", "new")
            await ours.received(1)
    assert [(one.payload, one.retained) for one in ours.got] == [(b"new", False)]


async def test_nothing_is_there_yet_is_said_once_and_so_is_its_coming(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    there = Broker(tmp_path)
    await there.start()
    await there.end()
    async with line(at(there.port)) as ours:
        await asyncio.sleep(1.0)
        assert not ours.connection.connected
        await there.start()
        await ours.connected()
    await there.end()
    name = f"127.0.0.1:{there.port}"
    said = [record.getMessage() for record in caplog.records if "MQTT" in record.getMessage()]
    assert said[0].startswith(f"the MQTT broker at {name} is not reached, speech goes on: ")
    assert said[1:] == [f"connected again to the MQTT broker at {name}"]


async def test_a_killed_broker_that_comes_back_gets_everything_again(tmp_path: Path) -> None:
    outbox = Outbox()
    outbox.keep("here/state", "1")
    async with broker(tmp_path) as there, line(at(there.port), outbox=outbox) as ours:
        for _ in range(3):
            await ours.connected()
            await there.end(signal.SIGKILL)
            await ours.connected(to_be=False)
            await there.start()
            async with guest(there.port) as other:
                await other.until("here/status", lambda status: status == "online")
                await other.until("here/state")


async def test_what_waited_for_us_says_so(tmp_path: Path) -> None:
    async with broker(tmp_path) as there:
        async with line(at(there.port)) as ours:
            await ours.connected()
        await asyncio.to_thread(_publish, there.port, 2)
        async with line(at(there.port)) as ours:
            await ours.connected()
            await asyncio.to_thread(_publish, there.port, 1)
            await ours.received(3)
    assert [one.waited for one in ours.got] == [True, True, False]


async def test_a_message_is_handled_before_it_is_acknowledged(tmp_path: Path) -> None:
    """So none is lost with a connection that is lost, nor with us."""
    ahead: list[int] = []
    acknowledged = 0
    async with broker(tmp_path) as there:

        def pass_on(piece: bytes) -> None:
            nonlocal acknowledged
            if piece[0] == PUBACK:
                acknowledged += len(piece) // 4
                ahead.append(acknowledged - len(ours.got))

        proxy = await asyncio.start_server(
            lambda r, w: _forward(r, w, there.port, seen=pass_on), "127.0.0.1", 0
        )
        async with proxy, line(at(proxy.sockets[0].getsockname()[1])) as ours:
            await ours.connected()
            await asyncio.to_thread(_publish, there.port, 200)
            await ours.received(200)
            async with asyncio.timeout(PATIENCE):
                while acknowledged < 200:
                    await asyncio.sleep(0.005)
    assert max(ahead) <= 0


def _publish(port: int, count: int) -> None:
    publish = ("mosquitto_pub", "-p", str(port), "-t", "here/announce/set", "-l", "-q", "1")
    lines = "".join(f"{number}\n" for number in range(count))
    subprocess.run(publish, input=lines.encode(), check=True)  # noqa: S603 - our own arguments


async def test_a_wrong_password_is_said_once_and_tried_ever_more_seldom(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    passwords(tmp_path, engine="right")
    (tmp_path / "password").write_text("wrong\n", "utf-8")
    async with broker(tmp_path, "password_file {folder}/passwords") as there:
        options = BrokerOptions(
            "127.0.0.1", there.port, "engine", password_file=tmp_path / "password"
        )
        async with line(options) as ours:
            await asyncio.sleep(1.0)
            said = [record.getMessage() for record in caplog.records]
            assert len(said) == 1 and "refuses us" in said[0] and "authorized" in said[0]
            assert "wrong" not in said[0]
            (tmp_path / "password").write_text("right\n", "utf-8")
            await ours.connected()


async def test_tls_with_a_certificate_of_our_own(tmp_path: Path) -> None:
    certificates(tmp_path)
    lines = [f"{key}file {{folder}}/{name}" for key, name in
             (("ca", "ca.pem"), ("cert", "server.pem"), ("key", "server.key"))]  # fmt: skip
    tls = TlsOptions(tmp_path / "ca.pem", tmp_path / "client.pem", tmp_path / "client.key")
    async with broker(tmp_path, *lines, "require_certificate true") as there:
        async with line(BrokerOptions("127.0.0.1", there.port, tls=tls)) as ours:
            await ours.connected()


@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket")  # as paho leaves it
@pytest.mark.parametrize("wrong", ["an unknown authority", "no certificate of ours", "no file"])
async def test_tls_that_does_not_hold_is_no_connection(
    tmp_path: Path, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    certificates(tmp_path)
    lines = [f"{key}file {{folder}}/{name}" for key, name in
             (("ca", "ca.pem"), ("cert", "server.pem"), ("key", "server.key"))]  # fmt: skip
    tls = {
        "an unknown authority": TlsOptions(),
        "no certificate of ours": TlsOptions(tmp_path / "ca.pem"),
        "no file": TlsOptions(tmp_path / "none.pem"),
    }[wrong]
    async with broker(tmp_path, *lines, "require_certificate true") as there:
        async with line(BrokerOptions("127.0.0.1", there.port, tls=tls, patience=1)) as ours:
            async with asyncio.timeout(PATIENCE):
                while not caplog.records:
                    await asyncio.sleep(0.01)
            assert not ours.connection.connected
    gc.collect()


async def test_who_accepts_and_says_nothing_is_given_up_and_holds_nobody_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        options = BrokerOptions("127.0.0.1", silent.getsockname()[1], patience=0.2)
        async with line(options) as ours:
            silent.settimeout(PATIENCE)
            first, _ = await asyncio.to_thread(silent.accept)
            second, _ = await asyncio.to_thread(silent.accept)
            assert not ours.connection.connected
        with first, second:
            first.settimeout(PATIENCE)
            assert await asyncio.to_thread(_all_of, first), "it was hung up on"


async def test_a_broker_that_answers_no_subscription_is_given_up_and_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    came = 0

    async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal came
        came += 1
        writer.write(bytes((CONNACK, 3, 0, 0, 0)))
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(welcome, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    async with silent, line(BrokerOptions("127.0.0.1", port, patience=0.2)) as ours:
        async with asyncio.timeout(PATIENCE):
            while came < 2:
                await asyncio.sleep(0.01)
        assert not ours.connection.connected
    assert "it does not answer" in caplog.text


def _all_of(connection: socket.socket) -> bytes:
    received = b""
    while piece := connection.recv(4096):
        received += piece
    return received


async def test_a_topic_that_we_may_not_read_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    access = {"publishClientSend": True, "publishClientReceive": True, "subscribe": False}
    (tmp_path / "security.json").write_text(json.dumps({"defaultACLAccess": access}), "utf-8")
    plugin = (
        "plugin mosquitto_dynamic_security.so",
        "plugin_opt_config_file {folder}/security.json",
    )
    async with broker(tmp_path, *plugin) as there, line(at(there.port)) as ours:
        await ours.connected()
    (told,) = [record.getMessage() for record in caplog.records]
    assert told == "the MQTT broker does not let us read here/+/set: Not authorized"
