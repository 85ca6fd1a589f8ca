"""Plays sound while it is made, through whichever player this machine has.

Players take raw samples on their standard input and know the sound card; this file knows them.
"""

import asyncio
import shutil
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import IO, Final

from wyoming_indextts.say.output import Hear, OutputError
from wyoming_indextts.speech.audio import Pcm

PLAYERS: Final = {
    "pw-cat": "--playback --raw --format s16 --rate {rate} --channels 1 -",
    "paplay": "--raw --format=s16le --rate={rate} --channels=1",
    "aplay": "-q -t raw -f S16_LE -r {rate} -c 1 -",
    "play": "-q -t raw -e signed -b 16 -L -r {rate} -c 1 -",
    "ffplay": "-nodisp -autoexit -loglevel error -f s16le -sample_rate {rate} -i -",
    "mpv": "--no-terminal --demuxer=rawaudio --demuxer-rawaudio-format=s16le"
    " --demuxer-rawaudio-rate={rate} --demuxer-rawaudio-channels=1 -",
}
"""How each plays raw samples; sound servers first, they share the card with others."""


@dataclass(frozen=True, slots=True)
class Player:
    """A program that is here."""

    name: str
    program: str

    def command(self, rate: int) -> list[str]:
        """Return what plays mono samples of `rate` Hz."""
        return [self.program, *PLAYERS[self.name].format(rate=rate).split()]


def find_player(path: str | None = None) -> Player | None:
    """Return the first player on `path` (by default PATH), if there is any."""
    found = ((name, shutil.which(name, path=path)) for name in PLAYERS)
    return next((Player(name, program) for name, program in found if program), None)


@asynccontextmanager
async def played(player: Player) -> AsyncGenerator[Hear, None]:
    """Play through `player`; leaving waits until it has played all, or stops it on an error.

    Raises:
        OutputError: the player failed, and its own last words.
    """
    with tempfile.TemporaryFile() as words:
        playing = _Playing(player, words)
        try:
            yield playing.hear
            await playing.end()
        finally:
            await playing.stop()


class _Playing:
    """One run of a player, begun when the rate is known."""

    def __init__(self, player: Player, words: IO[bytes]) -> None:
        self._player = player
        self._words = words
        self._process: Process | None = None

    async def hear(self, pcm: Pcm) -> None:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *self._player.command(pcm.rate), stdin=PIPE, stdout=DEVNULL, stderr=self._words
            )
        stdin = self._process.stdin
        try:
            if stdin is not None:
                stdin.write(pcm.data)
                await stdin.drain()
        except ConnectionError:
            await self.end()

    async def end(self) -> None:
        """Let it play to the end."""
        if (process := self._process) is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        if await process.wait():
            self._words.seek(0)
            words = self._words.read().decode("utf-8", "replace").strip().splitlines()
            last = words[-1] if words else f"exit status {process.returncode}"
            raise OutputError(f"{self._player.name} cannot play: {last}; -o FILE.wav records")

    async def stop(self) -> None:
        """End it, if it still runs."""
        if (process := self._process) is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
