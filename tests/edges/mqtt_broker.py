"""A real mosquitto on a free loopback port, and a guest at it."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from aiomqtt import Client, ProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

PATIENCE: Final = 10.0
"""Seconds that a test waits for anything."""

MOSQUITTO: Final = next(
    filter(None, (shutil.which("mosquitto"), shutil.which("mosquitto", path="/usr/sbin"))), ""
)
"""The program, which Debian keeps where not every user looks."""


AT_ONCE: Final = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
"""Or the system holds small packets back for 40 ms, ours and those of whoever is measured."""


class Broker:
    """One mosquitto that can be killed and started again at the same port."""

    def __init__(self, folder: Path, *lines: str) -> None:
        """Keep everything in `folder`; `lines` are added to the configuration.

        `{folder}` in them is that folder; without a word about it, everybody may come in.
        """
        self.folder = folder
        self.port = 0
        self._lines = [line.format(folder=folder) for line in lines]
        self._process: Process | None = None

    async def start(self) -> None:
        """Start, and return when it can be reached."""
        assert MOSQUITTO, "mosquitto is not installed"
        for _ in range(5):  # another program may take the port that was free
            self.port = self.port or _free_port()
            self._configure()
            self._process = await asyncio.create_subprocess_exec(
                MOSQUITTO, "-c", self.folder / "mosquitto.conf", stdout=DEVNULL, stderr=DEVNULL
            )
            if await self._up():
                return
            self.port = 0
        raise AssertionError(f"mosquitto does not start: {self.folder / 'mosquitto.conf'}")

    async def end(self, by: signal.Signals = signal.SIGKILL) -> None:
        """End it, unless it has not been started."""
        if self._process and self._process.returncode is None:
            self._process.send_signal(by)
            await self._process.wait()

    def _configure(self) -> None:
        lines = [
            f"listener {self.port} 127.0.0.1",
            "set_tcp_nodelay true",
            f"persistence_location {self.folder}/",
            *self._lines,
        ]
        if not any(line.startswith("password_file") for line in lines):
            lines.append("allow_anonymous true")
        if os.getuid() == 0:
            lines.append("user root")  # it would become somebody who may not read our folder
        (self.folder / "mosquitto.conf").write_text("\n".join(lines) + "\n", "utf-8")

    async def _up(self) -> bool:
        assert self._process
        async with asyncio.timeout(PATIENCE):
            while self._process.returncode is None:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except OSError:
                    await asyncio.sleep(0.02)
                else:
                    writer.close()
                    return True
        return False


@asynccontextmanager
async def broker(folder: Path, *lines: str) -> AsyncGenerator[Broker, None]:
    """Give a broker that runs."""
    running = Broker(folder, *lines)
    await running.start()
    try:
        yield running
    finally:
        await running.end()


@dataclass
class Guest:
    """A client of its own, as Home Assistant is one; `heard` is all that came, in order.

    `when` has the time of each, as time.monotonic gives it.
    """

    client: Client
    heard: list[tuple[str, bytes]] = field(default_factory=list)
    properties: list[Any] = field(default_factory=list)
    when: list[float] = field(default_factory=list)

    async def say(
        self,
        topic: str,
        payload: object,
        *,
        retain: bool = False,
        reply_to: str | None = None,
        correlation: bytes | None = None,
        expires: int | None = None,
    ) -> None:
        """Publish bytes or text as they are, anything else as JSON; it `expires` after seconds."""
        given = Properties(PacketTypes.PUBLISH)
        if expires is not None:
            given.MessageExpiryInterval = expires
        if reply_to:
            given.ResponseTopic = reply_to
        if correlation is not None:
            given.CorrelationData = correlation
        plain = payload if isinstance(payload, bytes | str) else json.dumps(payload)
        await self.client.publish(topic, plain, qos=1, retain=retain, properties=given)

    def forget(self) -> None:
        """Forget what came so far."""
        for kept in (self.heard, self.properties, self.when):
            kept.clear()

    def first(self, topic: str) -> float:
        """Return when the first message came at `topic`."""
        return next(
            at for at, (place, _) in zip(self.when, self.heard, strict=True) if place == topic
        )

    def on(self, topic: str) -> list[Any]:
        """Return what was heard at `topic`, as JSON where it is."""
        return [_read(payload) for at, payload in self.heard if at == topic]

    async def until(self, topic: str, fits: Callable[[Any], bool] = bool, since: int = 0) -> Any:  # noqa: ANN401
        """Wait for something at `topic`, after the first `since` there, that `fits`; return it."""
        async with asyncio.timeout(PATIENCE):
            while not (found := [one for one in self.on(topic)[since:] if fits(one)]):
                await asyncio.sleep(0.005)
        return found[0]


@asynccontextmanager
async def guest(port: int, *topics: str, **options: Any) -> AsyncGenerator[Guest, None]:  # noqa: ANN401
    """Give a guest that hears `topics`, by default all."""
    async with Client(
        "127.0.0.1", port, protocol=ProtocolVersion.V5, socket_options=AT_ONCE, **options
    ) as client:
        for topic in topics or ("#",):
            await client.subscribe(topic, qos=1)
        arrived = Guest(client)
        hearing = asyncio.create_task(_hear(arrived))
        try:
            yield arrived
        finally:
            hearing.cancel()
            await asyncio.wait([hearing])


async def _hear(guest: Guest) -> None:
    async for message in guest.client.messages:
        assert isinstance(message.payload, bytes)
        guest.when.append(time.monotonic())
        guest.properties.append(message.properties)
        guest.heard.append((str(message.topic), message.payload))


def certificates(folder: Path) -> None:
    """Make ca.pem, and server.pem and client.pem with their .key files, for 127.0.0.1."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)  # noqa: S603, S607

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test",
            "-days", "2")  # fmt: skip
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n", "utf-8")
    for name in ("server", "client"):
        openssl(
            "req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}"
        )
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-out", f"{name}.pem", "-days", "2",
                "-extfile", "names")  # fmt: skip


def passwords(folder: Path, **users: str) -> None:
    """Make the file `passwords` for these users."""
    program = shutil.which("mosquitto_passwd")
    assert program
    (folder / "passwords").touch(0o600)
    for user, password in users.items():
        subprocess.run(  # noqa: S603 - our own arguments
            [program, "-b", folder / "passwords", user, password], check=True, capture_output=True
        )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _read(payload: bytes) -> Any:  # noqa: ANN401
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode(errors="replace")
