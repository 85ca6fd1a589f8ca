"""The connection to the broker: made anew whenever it is lost, and the only user of aiomqtt.

Four of the library's traps are walked around here. A publication that waits for the broker's
answer is not woken when the connection goes, so nothing is published where messages are
received. It acknowledges a message once it is in its queue, so a message is handled when it is
put there, and none is lost with the connection. What the library holds of a lost connection is
let go by hand. And its own limit of time is not used for an answer: `asyncio.wait_for` of Python
3.11 forgets a cancellation that comes together with what it waits for.
"""

import asyncio
import logging
import math
import random
import socket
import ssl
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aiomqtt import Client, Message, MqttError, ProtocolVersion, Will
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from wyoming_indextts.edges.mqtt.back_off import pause
from wyoming_indextts.edges.mqtt.options import BrokerOptions, TlsOptions
from wyoming_indextts.edges.mqtt.outbox import Outbox, Publication

log = logging.getLogger(__name__)

UNDER_WAY: Final = 8
"""Publications that may wait for the broker's answer at a time."""

PARTING: Final = 2.0
"""Seconds in which the last word must be published."""

GOODBYE: Final = 20
"""Turns of 5 ms in which the broker must take the packet that ends a connection."""

DONT_SEND_RETAINED: Final = 2
"""MQTT 5, 3.8.3.1: what was retained before a subscription is not for us."""

NODELAY: Final = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
"""Packets are small and urgent."""


@dataclass(frozen=True, slots=True)
class Received:
    """One message of the broker's.

    `retained` says that it is old, sent again to a newcomer; `waited` that the broker kept it for
    us while we were away.
    """

    topic: str
    payload: bytes
    retained: bool = False
    waited: bool = False
    reply_to: str | None = None
    correlation: bytes | None = None


@dataclass(frozen=True, slots=True)
class Presence:
    """The retained word that says whether we are there; the broker says it when we are lost."""

    topic: str
    here: str = "online"
    gone: str = "offline"


class Connection:
    """Keeps up the connection; receives what is subscribed to, publishes what is in the outbox.

    At each connect the documents of the outbox are published once more, `presence` after them.
    """

    def __init__(
        self,
        options: BrokerOptions,
        outbox: Outbox,
        presence: Presence,
        topics: Sequence[str],
        receive: Callable[[Received], None],
        *,
        remembered: Sequence[str] = (),
    ) -> None:
        """Take the parts; `receive` must neither block nor raise.

        Of `remembered` topics it gets what others than we have retained there, or we in an
        earlier life.
        """
        self._options = options
        self._outbox = outbox
        self._presence = presence
        self._topics = topics
        self._remembered = remembered
        self._receive = receive
        self._lost_since: float | None = None
        self._failures = 0
        self._complaint: str | None = None
        self._connected = asyncio.Event()
        self.trouble: str | None = None
        """Why there is no connection, once that is known."""
        self.tried = asyncio.Event()
        """Set once the first attempt has ended, one way or the other."""

    @property
    def connected(self) -> bool:
        """Whether the broker has us now."""
        return self._connected.is_set()

    async def run(self) -> None:
        """Keep connected until cancelled; then say that we go, which takes 2 s at most."""
        while True:
            lost: BaseException | None = None
            try:
                await self._hold()
            except* (MqttError, OSError) as errors:  # a TLS error is an OSError
                lost = _first(errors)
            if (task := asyncio.current_task()) and task.cancelling():
                raise asyncio.CancelledError  # a task group forgets it where a loss came first
            if lost:
                await self._wait(lost)

    async def _hold(self) -> None:
        """Connect and stay until the connection is lost."""
        async with self._client() as client, asyncio.TaskGroup() as tasks:
            await self._subscribe(client)
            self._outbox.all_again()
            self._outbox.keep(self._presence.topic, self._presence.here)
            self._welcome()
            publishing = tasks.create_task(self._publish(client), name="mqtt-publish")
            try:
                async for _ in client.messages:
                    pass  # until the connection is lost; they are handled in the inbox
            except asyncio.CancelledError:
                if not publishing.done():  # else that is why we are cancelled: nobody is there
                    publishing.cancel()
                    await self._part(client)
                raise
            finally:
                self._connected.clear()

    @asynccontextmanager
    async def _client(self) -> AsyncGenerator[Client, None]:
        """Give a client that is connected; a lost one is not used again."""
        client = await self._new_client()
        entering = asyncio.ensure_future(client.__aenter__())
        try:
            await asyncio.shield(entering)
        except asyncio.CancelledError:
            # a thread is connecting: nothing can stop it, and its socket must be closed after it
            await asyncio.wait([entering], timeout=PARTING)
            entering.cancel()
            await asyncio.gather(entering, return_exceptions=True)
            await _let_go(client)
            raise
        except BaseException:
            await _let_go(client)
            raise
        try:
            yield client
        finally:
            await _let_go(client)

    async def _new_client(self) -> Client:
        options = self._options
        tls, password = await asyncio.to_thread(_secrets, options)
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = options.session_expiry
        presence = self._presence
        return Client(
            options.host,
            options.port,
            username=options.username,
            password=password,
            logger=_silent_logger(),
            identifier=options.client_id,
            protocol=ProtocolVersion.V5,
            will=Will(presence.topic, presence.gone, qos=1, retain=True),
            timeout=options.patience,
            keepalive=options.keepalive,
            clean_start=False,
            queue_type=self._inbox(),
            properties=properties,
            tls_context=tls,
            socket_options=NODELAY,
        )

    def _inbox(self) -> type[asyncio.Queue[Message]]:
        """Return the kind of queue for one client: nothing stays in it."""

        class Inbox(asyncio.Queue[Message]):
            def put_nowait(inbox, item: Message) -> None:  # noqa: N805 - `self` is the connection
                self._receive(_received(item, waited=not self.connected))

        return Inbox

    async def _subscribe(self, client: Client) -> None:
        new = SubscribeOptions(qos=1, retainHandling=DONT_SEND_RETAINED)
        old = SubscribeOptions(qos=1, noLocal=True)
        wanted = [(topic, new) for topic in self._topics]
        wanted += [(topic, old) for topic in self._remembered]
        async with _answer_within(self._options.patience):
            answers = await client.subscribe(wanted, timeout=math.inf)
        for (topic, _), answer in zip(wanted, answers, strict=True):
            if isinstance(answer, ReasonCode) and answer.is_failure:
                log.warning("the MQTT broker does not let us read %s: %s", topic, answer)

    async def _publish(self, client: Client) -> None:
        """Publish what comes, in order, without waiting for each answer before the next."""
        room = asyncio.Semaphore(UNDER_WAY)
        async with asyncio.TaskGroup() as tasks:
            while True:
                await room.acquire()
                publication = await self._outbox.next()
                tasks.create_task(self._publish_one(client, publication, room), name="mqtt-word")

    async def _publish_one(
        self, client: Client, publication: Publication, room: asyncio.Semaphore
    ) -> None:
        async with _answer_within(self._options.patience):
            await _send(client, publication)
        self._outbox.done(publication)
        room.release()

    async def _part(self, client: Client) -> None:
        gone = Publication(self._presence.topic, self._presence.gone.encode(), retain=True)
        with suppress(MqttError):  # then it is the broker's turn to say it
            async with _answer_within(PARTING):
                await _send(client, gone)

    def _welcome(self) -> None:
        again = "again " if self._complaint else ""
        log.info("connected %sto the MQTT broker at %s", again, self._broker)
        self._lost_since = self._complaint = self.trouble = None
        self._failures = 0
        self._connected.set()
        self.tried.set()

    async def _wait(self, error: BaseException) -> None:
        """Tell of the loss once for many attempts, and wait until the next one."""
        refused = isinstance(error, MqttConnectError)
        kind = "refuses us" if refused else "is not reached"
        reason = str(error) or type(error).__name__
        level = logging.DEBUG if self._complaint == kind else logging.WARNING
        log.log(level, "the MQTT broker at %s %s, speech goes on: %s", self._broker, kind, reason)
        self._complaint = kind
        self.trouble = f"{kind}: {reason}"
        self.tried.set()
        now = time.monotonic()
        self._lost_since = now if self._lost_since is None else self._lost_since
        longest = pause(self._failures, now - self._lost_since, refused=refused)
        self._failures += 1
        await asyncio.sleep(longest * random.uniform(0.5, 1.0))  # noqa: S311 - not a secret

    @property
    def _broker(self) -> str:
        return f"{self._options.host}:{self._options.port}"


async def _send(client: Client, publication: Publication) -> None:
    properties = Properties(PacketTypes.PUBLISH)
    if publication.correlation is not None:
        properties.CorrelationData = publication.correlation
    await client.publish(
        publication.topic,
        publication.payload,
        qos=1,
        retain=publication.retain,
        properties=properties,
        timeout=math.inf,  # the caller's
    )


@asynccontextmanager
async def _answer_within(seconds: float) -> AsyncGenerator[None, None]:
    """Give the broker so long.

    Raises:
        MqttError: it took longer.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise MqttError("it does not answer") from None


def _received(message: Message, *, waited: bool) -> Received:
    properties: Any = message.properties  # its attributes are there only if they were sent
    payload = message.payload if isinstance(message.payload, bytes) else b""
    return Received(
        str(message.topic),
        payload,
        bool(message.retain),
        waited,
        getattr(properties, "ResponseTopic", None),
        getattr(properties, "CorrelationData", None),
    )


async def _let_go(client: Client) -> None:
    """Close what the library may have left open, and look at the error it would complain of."""
    library = client._client  # noqa: SLF001 - there is no other way; see the tests
    library.disconnect()
    try:
        for _ in range(GOODBYE):
            if library.socket() is None:
                break
            await asyncio.sleep(0.005)  # the loop has yet to send it, and close
    finally:
        library._sock_close()  # noqa: SLF001 - likewise
        for ended in (client._connected, client._disconnected):  # noqa: SLF001 - likewise
            if ended.done() and not ended.cancelled():
                ended.exception()


def _secrets(options: BrokerOptions) -> tuple[ssl.SSLContext | None, str | None]:
    """Read what lies on the disk.

    Raises:
        OSError: a file cannot be read, or is none of its kind.
    """
    password = options.password
    if options.password_file:
        password = _text(options.password_file).removesuffix("\n").removesuffix("\r")
    return (_context(options.tls) if options.tls else None), password


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise OSError("the password file is not UTF-8 text") from None


def _context(tls: TlsOptions) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
        if tls.cert_file:
            context.load_cert_chain(tls.cert_file, tls.key_file)
    except OSError as error:
        raise OSError(f"the TLS files cannot be used: {error}") from None
    return context


def _silent_logger() -> logging.Logger:
    """Return a logger for the library that says nothing: it repeats what we say once."""
    logger = logging.getLogger(f"{__name__}.library")
    logger.setLevel(logging.CRITICAL)
    return logger


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
