"""The far side put together from the settings: another wyoming-indextts that speaks for us."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

from wyoming_indextts.errors import SpeechError
from wyoming_indextts.offering import Offering
from wyoming_indextts.remote.options import RemoteOptions, websocket_url
from wyoming_indextts.settings import Settings
from wyoming_indextts.speech.engine import EngineRunner
from wyoming_indextts.speech.wire import House
from wyoming_indextts.store.far_side import NAME, keep_house

log = logging.getLogger(__name__)


def remote_options(settings: Settings, rate: int) -> RemoteOptions:
    """Return where the far side of the settings is, which must name one.

    Raises:
        ValueError: they do not.
    """
    wanted = settings.remote
    return RemoteOptions(
        websocket_url(wanted.url or ""),
        rate,
        token=wanted.token.get_secret_value() if wanted.token else None,
        token_file=wanted.token_file,
        tls_ca=wanted.tls_ca,
        connect_timeout=wanted.connect_timeout,
        silence=wanted.silence,
        sound_timeout=wanted.sound_timeout,
    )


@asynccontextmanager
async def far_side(
    settings: Settings, offering: Offering, *, rate: int
) -> AsyncGenerator[EngineRunner, None]:
    """Give what has the far side speak, and have `offering` know what it offers."""
    from wyoming_indextts.remote.runner import RemoteRunner  # noqa: PLC0415 - 0.2 s of libraries

    options = replace(remote_options(settings, rate), identity=offering.identity)
    memory = _Memory(settings, options.url)

    def offered(house: House) -> None:
        offering.far_side(house)
        memory.keep(house)

    async with RemoteRunner(options, offered) as runner:
        try:
            yield runner
        finally:
            await memory.kept()


class _Memory:
    """Writes what the far side offered last, beside the event loop."""

    def __init__(self, settings: Settings, url: str) -> None:
        self._file = settings.data_dir / NAME
        self._url = url
        self._newest: House | None = None
        self._writing: asyncio.Task[None] | None = None

    def keep(self, house: House) -> None:
        if house == self._newest:
            return
        self._newest = house
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(), name="remote-memory")

    async def kept(self) -> None:
        """Wait until the newest is written."""
        if self._writing is not None:
            await asyncio.wait([self._writing])

    async def _write(self) -> None:
        written: House | None = None
        while (house := self._newest) is not None and house is not written:
            try:
                await asyncio.to_thread(keep_house, self._file, self._url, house)
            except SpeechError as error:
                log.warning("the far side's voices are forgotten at the next start: %s", error)
            written = house
