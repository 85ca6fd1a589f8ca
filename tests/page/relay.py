"""A bad line: what a WebRTC server sends and gets goes through here, and not all of it arrives."""

import asyncio
import random
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final

CANDIDATE: Final = re.compile(
    r"^a=candidate:\S+ 1 udp \d+ (?P<host>[\d.]+) (?P<port>\d+) typ host.*$", re.MULTILINE
)

Address = tuple[str, int]


class Line:
    """The line of all sessions whose answers went through `mend`."""

    def __init__(self) -> None:
        self.dead = False
        """Whether nothing goes through any more."""
        self.loses: Callable[[], bool] = lambda: False
        """Asked for each packet of sound that goes to the browser."""
        self.sent = self.lost = 0
        """Packets of sound, and how many of them did not arrive."""
        self._ends: list[asyncio.DatagramTransport] = []

    def lose(self, part: float, seed: int) -> None:
        """Lose that part of the packets of sound from now on, the same ones for a seed."""
        chance = random.Random(seed)  # noqa: S311 - the same each time
        self.loses = lambda: chance.random() < part

    async def mend(self, answer: str) -> str:
        """Return an answer (SDP) by which the browser finds this line instead of the server."""
        found = CANDIDATE.search(answer)
        assert found, answer
        host, port = found["host"], int(found["port"])
        loop = asyncio.get_running_loop()
        near, far = _End(), _End()
        near.took = lambda data: self._hand_on(data, far, sound=False)
        far.took = lambda data: self._hand_on(data, near, sound=_is_sound(data))
        transport, _ = await loop.create_datagram_endpoint(lambda: near, (host, 0))
        other, _ = await loop.create_datagram_endpoint(lambda: far, (host, 0))
        self._ends += [transport, other]
        far.peer = (host, port)
        mine = str(transport.get_extra_info("sockname")[1])
        kept = found[0].replace(f" {port} ", f" {mine} ")
        lines = CANDIDATE.sub("", answer).splitlines()
        mended = "\r\n".join(line for line in lines if line and "a=candidate" not in line)
        return mended.replace("a=end-of-candidates", f"{kept.strip()}\r\na=end-of-candidates") + (
            "\r\n"
        )

    def close(self) -> None:
        """Take it down."""
        for end in self._ends:
            end.close()

    def _hand_on(self, data: bytes, to: "_End", *, sound: bool) -> None:
        if sound:
            self.sent += 1
            if self.loses():
                self.lost += 1
                return
        if not self.dead:
            to.send(data)


class _End(asyncio.DatagramProtocol):
    """One end: it answers whoever sent last."""

    def __init__(self) -> None:
        self.peer: Address | None = None
        self.took: Callable[[bytes], None] = lambda _: None
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.peer = addr
        self.took(data)

    def send(self, data: bytes) -> None:
        if self._transport and self.peer:
            self._transport.sendto(data, self.peer)


def _is_sound(data: bytes) -> bool:
    """Return whether it is RTP and not RTCP, STUN or DTLS (RFC 7983, RFC 5761)."""
    return 128 <= data[0] <= 191 and not 64 <= data[1] & 0x7F <= 95


@asynccontextmanager
async def bad_line() -> AsyncGenerator[Line, None]:
    """Give a line that is good until told otherwise."""
    line = Line()
    try:
        yield line
    finally:
        line.close()
