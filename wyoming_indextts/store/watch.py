"""Notices voices that come and go on the disk, be it by a command or by a backup that is restored.

It looks, instead of being told: that works on every kind of disk, and over a network too.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Hashable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from wyoming_indextts.store.voices import Shelf, fingerprint, read_voices
from wyoming_indextts.store.whole_folder import tidy

log = logging.getLogger(__name__)

PERIOD: Final = 0.3
"""Seconds between two looks; a voice is to be there within one."""


@asynccontextmanager
async def watched(folder: Path, tell: Callable[[Shelf], None]) -> AsyncGenerator[None, None]:
    """Call `tell` in the loop's thread with what is there, at once and after every change.

    What is wrong with a voice is logged, once; what a crash has left of one is deleted.
    """
    watching = asyncio.create_task(_watch(folder, tell), name="voices-watch")
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait([watching])


async def _watch(folder: Path, tell: Callable[[Shelf], None]) -> None:
    seen: Hashable = ()
    known: Mapping[str, str] = {}
    try:
        await asyncio.to_thread(tidy, folder)
        while True:
            now = await asyncio.to_thread(fingerprint, folder)
            if now != seen:
                shelf = await asyncio.to_thread(read_voices, folder)
                for name, fault in shelf.faults.items() - known.items():
                    log.warning("the voice %s cannot be used: %s", name, fault)
                tell(shelf)
                seen, known = now, shelf.faults
            await asyncio.sleep(PERIOD)
    except Exception:  # this task's outermost boundary: a bug here must not end speech
        log.exception("voices are not watched any more")
