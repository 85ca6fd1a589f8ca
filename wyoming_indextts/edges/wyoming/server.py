"""The Wyoming server: listens, limits how many are held, and ends every conversation in order."""

import asyncio
import logging
import socket
import sys
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from wyoming_indextts.edges.wyoming.connection import Connection, error_event
from wyoming_indextts.edges.wyoming.guests import Guests
from wyoming_indextts.edges.wyoming.info import info
from wyoming_indextts.edges.wyoming.neighbourhood import Interface, Neighbourhood
from wyoming_indextts.edges.wyoming.options import WyomingOptions
from wyoming_indextts.edges.wyoming.writer import EventWriter, encode
from wyoming_indextts.errors import BusyError, ForbiddenError, SpeechError
from wyoming_indextts.speech.deeds import Asker
from wyoming_indextts.speech.emotion import Presets
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.speech.voices import Voices

log = logging.getLogger(__name__)

BACKLOG: Final = 256
"""Connections the system may hold before they are accepted; a burst of all that are allowed."""

QUIET: Final = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}
"""Seconds after which a silent client is asked whether it is there, how often, and how many times:
one that lost its power is gone after two minutes, not for ever."""

REFUSALS: Final = 32
"""Clients that are told why at once; in a flood the others are cut off without a word."""

Address = tuple[str, int]
"""Host and port."""


class WyomingServer:
    """Answers Wyoming clients with one speaker."""

    def __init__(
        self,
        speaker: Speaker,
        voices: Voices,
        presets: Presets,
        options: WyomingOptions | None = None,
        *,
        own_interfaces: Callable[[], Iterable[Interface]] = tuple,
    ) -> None:
        """Take the parts; `voices` and `presets` are those the speaker knows.

        `own_interfaces` gives this machine's, whenever it is called.
        """
        self._speaker = speaker
        self._options = options or WyomingOptions()
        self._voices = voices
        self._presets = presets
        self._info = self._encoded_info()
        voices.listen(self._tell_anew)
        self._guests = Guests(self._options)
        self._neighbourhood = Neighbourhood(self._options.allow, own_interfaces)
        self._held: dict[asyncio.Task[None], Connection] = {}
        self._refused = 0
        self._stranger: str | None = None

    @asynccontextmanager
    async def listen(self, host: str, port: int) -> AsyncGenerator[tuple[Address, ...], None]:
        """Serve while the block runs; it gets the addresses that are listened at.

        `port` 0 takes a free one. Leaving the block, by any road, tells every client with a
        request under way `shutdown` and takes at most `drain_timeout` seconds.

        Raises:
            OSError: the address cannot be had.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                accept = partial(self._accept, tasks)
                server = await asyncio.start_server(accept, host, port, backlog=BACKLOG)
                try:
                    yield tuple(listening.getsockname()[:2] for listening in server.sockets)
                finally:
                    server.close()
                    await self._shut_down()
        except ExceptionGroup as group:
            error = group.exceptions[0]  # no task raises: it is the block's, or the address's
            raise error from error.__cause__

    @property
    def connections(self) -> int:
        """How many clients are held."""
        return len(self._held)

    def _encoded_info(self) -> bytes:
        """Return the frame that answers describe, made once for many."""
        return encode(info(self._voices, self._presets, variants=self._options.variants).event())

    def _tell_anew(self) -> None:
        self._info = self._encoded_info()

    def _accept(
        self,
        tasks: asyncio.TaskGroup,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        peer = writer.get_extra_info("peername")
        if peer is None:  # gone before it was accepted
            writer.transport.abort()
            return
        address = str(peer[0])
        events = EventWriter(reader, writer, self._options)
        if not self._neighbourhood.admits(address):
            self._tell_of(address)
            forbidden = ForbiddenError("this server does not talk to your network")
            self._refuse(tasks, events, writer, forbidden)
            return
        if not self._guests.admit(address):
            busy = BusyError("too many connections; try again later")
            self._refuse(tasks, events, writer, busy)
            return
        _keep_alive(writer)
        connection = Connection(
            reader, events, self._speaker, lambda: self._info, self._options, Asker(address)
        )
        serving = tasks.create_task(_serve(connection, address), name="wyoming-connection")
        self._held[serving] = connection
        serving.add_done_callback(partial(self._forget, address))

    def _refuse(
        self,
        tasks: asyncio.TaskGroup,
        events: EventWriter,
        writer: asyncio.StreamWriter,
        error: SpeechError,
    ) -> None:
        if self._refused >= REFUSALS:
            writer.transport.abort()
            return
        self._refused += 1
        refusing = tasks.create_task(_turn_away(events, error), name="wyoming-refusal")
        refusing.add_done_callback(self._turned_away)

    def _tell_of(self, stranger: str) -> None:
        """Log who may not connect, once for many tries in a row."""
        if stranger != self._stranger:
            log.warning("%s may not connect: wyoming.allow does not name its network", stranger)
        self._stranger = stranger

    def _turned_away(self, _: asyncio.Task[None]) -> None:
        self._refused -= 1

    def _forget(self, address: str, serving: asyncio.Task[None]) -> None:
        del self._held[serving]
        self._guests.leave(address)

    async def _shut_down(self) -> None:
        if not self._held:
            return
        for connection in self._held.values():
            connection.shut_down()
        _, late = await asyncio.wait(self._held, timeout=self._options.drain_timeout)
        for serving in late:
            serving.cancel()


async def _serve(connection: Connection, address: str) -> None:
    log.debug("%s connected", address)
    try:
        await connection.serve()
    except Exception:  # a connection's outermost boundary: a bug ends it and no other
        log.exception("the conversation with %s broke off", address)
    log.debug("%s left", address)


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    connected: socket.socket = writer.get_extra_info("socket")
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if sys.platform == "linux":
        for name, value in QUIET.items():
            connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def _turn_away(events: EventWriter, error: SpeechError) -> None:
    try:
        await events.part(error_event(error))
    finally:
        await events.close()
