"""A program: the `wyoming` library's own server around the same tone, until SIGTERM.

    python -m bench.protocol.library --port PORT --pace PACE

The least that a server can do, without text, voices, limits or an engine: what is measured of it
is the price of the library, the loopback device and the measurement itself.
"""

import argparse
import asyncio
import logging
import time
from functools import partial
from typing import Final

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.info import Attribution, Describe, Info, TtsProgram, TtsVoice
from wyoming.ping import Ping, Pong
from wyoming.server import AsyncEventHandler, AsyncTcpServer
from wyoming.tts import Synthesize

from bench.processes import HOST
from bench.protocol.tone import CANCELLED, runs, tone
from wyoming_indextts.kokoro.options import RATE
from wyoming_indextts.speech.audio import BYTES_PER_SAMPLE
from wyoming_indextts.speech.speaker import FRAME

log = logging.getLogger(__name__)

NOBODY: Final = Attribution(name="", url="")

VOICE: Final = TtsVoice(
    name="tone",
    attribution=NOBODY,
    installed=True,
    description=None,
    version=None,
    languages=["en-US"],
)

PROGRAM: Final = TtsProgram(
    name="tone",
    attribution=NOBODY,
    installed=True,
    description=None,
    version=None,
    voices=[VOICE],
)


class Handler(AsyncEventHandler):
    """Answers one client, one event after the other."""

    def __init__(
        self, pace: float, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        super().__init__(reader, writer)
        self._pace = pace
        self._frames = [
            AudioChunk(RATE, BYTES_PER_SAMPLE, channels=1, audio=frame.data).event()
            for frame in tone().frames(FRAME)
        ]

    async def handle_event(self, event: Event) -> bool:
        """Answer; True, for the next one."""
        if Describe.is_type(event.type):
            await self.write_event(Info(tts=[PROGRAM]).event())
        elif Ping.is_type(event.type):
            await self.write_event(Pong(Ping.from_event(event).text).event())
        elif Synthesize.is_type(event.type):
            try:
                await self._speak(Synthesize.from_event(event).text)
            except ConnectionError:
                log.info("%s %.6f", CANCELLED, time.monotonic())
                return False
        return True

    async def _speak(self, text: str) -> None:
        await self.write_event(AudioStart(RATE, BYTES_PER_SAMPLE, channels=1).event())
        for _ in range(runs(text)):
            if self._pace:
                await asyncio.sleep(self._pace)
            for frame in self._frames:
                await self.write_event(frame)
        await self.write_event(AudioStop().event())


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pace", type=float, required=True, help="seconds that each run waits")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    server = AsyncTcpServer(HOST, arguments.port)
    asyncio.run(server.run(partial(Handler, arguments.pace)))


if __name__ == "__main__":
    main()
