"""What a WebRTC peer hears: packets in the time they take, and quiet where nothing is spoken.

After speech some silent packets follow, so that the receiver does not make up more of it; then
nothing is sent, which costs nothing, and lets the next utterance begin at once.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import av
import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from wyoming_indextts.edges.http.opus import (
    RATE,
    SAMPLES,
    SECONDS,
    SILENCE,
    OpusEncoder,
    Resampler,
)
from wyoming_indextts.edges.http.quality import QUALITIES, Quality
from wyoming_indextts.speech.audio import Pcm

if TYPE_CHECKING:
    from av.stream import Stream

AHEAD: Final = 25
"""Packets that wait at most: half a second, so that a change is heard soon."""

TAIL: Final = 10
"""Silent packets after speech."""

LATE: Final = 0.2
"""Seconds behind time from which packets are left out instead of sent in a rush."""


class SpeechTrack(MediaStreamTrack):
    """The sound of one session. `put`, `flush` and `drop` belong to one task."""

    kind = "audio"

    def __init__(
        self, quality: Quality = QUALITIES[1], sent: Callable[[int], None] = lambda _: None
    ) -> None:
        """Encode like this at first; `sent` is told the bytes of each packet."""
        super().__init__()
        self._sent = sent
        self.quality = quality
        """How the next utterance is encoded."""
        self._frames: deque[bytes] = deque()  # bounded by AHEAD
        self._rest = bytearray()
        self._resampler: Resampler | None = None
        self._encoder = OpusEncoder(self.quality)
        self._encoding = self.quality
        self._added = asyncio.Event()
        self._taken = asyncio.Event()
        self._silent = TAIL
        self._due: float | None = None
        self._began = 0.0
        self._at = 0
        self._relays: dict[RelayTrack, Callable[[], None]] = {}  # bounded by options.peers

    @contextmanager
    def relayed(self, relay: "RelayTrack", leave: Callable[[], None]) -> Iterator[None]:
        """Give `relay` what is sent here while the block runs; `leave` is called when it ends."""
        self._relays[relay] = leave
        try:
            if self.readyState != "live":
                leave()
            yield
        finally:
            del self._relays[relay]

    async def put(self, pcm: Pcm) -> None:
        """Have `pcm` heard after what was put before; wait for room."""
        if self._resampler is None:
            self._resampler = Resampler(pcm.rate)
        await self._add(self._resampler.feed(pcm.data))

    async def flush(self) -> None:
        """Wait until all that was put has been sent; what comes after is another utterance."""
        if self._resampler is not None:
            await self._add(self._resampler.flush())
        await self._add(bytes(-len(self._rest) % (2 * SAMPLES)))
        self._resampler = None
        while self._frames and self.readyState == "live":
            self._taken.clear()
            await self._taken.wait()

    def drop(self) -> None:
        """Fall silent, after a fade of one packet."""
        self._resampler = None
        self._rest.clear()
        if self._frames:
            faded = np.frombuffer(self._frames[0], "<i2") * np.linspace(1, 0, SAMPLES)
            self._frames.clear()
            self._frames.append(faded.astype("<i2").tobytes())
        self._taken.set()

    def stop(self) -> None:
        """End the track; nobody waits any more."""
        super().stop()
        self._taken.set()
        self._added.set()
        for leave in self._relays.values():
            leave()

    async def recv(self) -> "av.Packet[Stream]":
        """Return the next packet when it is due; only the library calls this."""
        if not self._frames and self._silent >= TAIL:
            self._added.clear()
            if self.readyState == "live":
                await self._added.wait()
            self._due = None
        if self.readyState != "live":
            raise MediaStreamError
        await self._wait()
        samples = self._next()
        content = self._encoder.encode(samples)
        self._sent(len(content) * (1 + len(self._relays)))
        packet = av.Packet(content)
        packet.pts, packet.time_base = self._at, Fraction(1, RATE)
        for relay in self._relays:
            relay.take(packet)
        return packet

    def _next(self) -> bytes:
        if not self._frames:
            self._silent += 1
            return SILENCE
        if self._silent and self._encoding is not self.quality:
            self._encoder, self._encoding = OpusEncoder(self.quality), self.quality
        self._silent = 0
        samples = self._frames.popleft()
        self._taken.set()
        return samples

    async def _wait(self) -> None:
        """Wait until the next packet is due; say where in time it is."""
        now = asyncio.get_running_loop().time()
        if self._due is None or now > self._due + SECONDS + LATE:
            if not self._at:
                self._began = now
            self._due = now
            self._at = max(self._at + SAMPLES, round((now - self._began) * RATE))
            return
        self._due += SECONDS
        self._at += SAMPLES
        await asyncio.sleep(self._due - now)

    async def _add(self, samples: bytes) -> None:
        self._rest += samples
        size = 2 * SAMPLES
        while len(self._rest) >= size and self.readyState == "live":
            while len(self._frames) >= AHEAD and self.readyState == "live":
                self._taken.clear()
                await self._taken.wait()
            self._frames.append(bytes(self._rest[:size]))
            del self._rest[:size]
            self._added.set()


class RelayTrack(MediaStreamTrack):
    """The packets of another track, at the time when they are sent there."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._packets: deque[av.Packet[Stream]] = deque(maxlen=AHEAD)
        self._added = asyncio.Event()

    def take(self, packet: "av.Packet[Stream]") -> None:
        """Send a packet; of those that wait for too long the oldest are left out."""
        self._packets.append(packet)
        self._added.set()

    def stop(self) -> None:
        """End the track."""
        super().stop()
        self._added.set()

    async def recv(self) -> "av.Packet[Stream]":
        """Return the next packet; only the library calls this."""
        while not self._packets and self.readyState == "live":
            self._added.clear()
            await self._added.wait()
        if self.readyState != "live":
            raise MediaStreamError
        return self._packets.popleft()
