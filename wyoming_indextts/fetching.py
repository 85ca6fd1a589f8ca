"""Downloads IndexTTS2's weights while the server runs and the embedded voice speaks."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from typing import Final

from wyoming_indextts.errors import InterruptedSpeechError, SpeechError

log = logging.getLogger(__name__)

TOLD: Final = 10
"""Percent of a file between two lines in the log."""


@asynccontextmanager
async def fetched(model: str, folder: Path, done: Callable[[], None]) -> AsyncGenerator[None, None]:
    """Accept the licences of a model's weights and download what is missing, beside the block.

    `done` is called in the loop's thread once all is there. A download that fails is one line in
    the log, and goes on at the next start; leaving the block ends it.
    """
    stop = Event()
    task = asyncio.create_task(_fetch(model, folder, stop, done), name="download")
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait([task])


async def _fetch(model: str, folder: Path, stop: Event, done: Callable[[], None]) -> None:
    try:
        await asyncio.to_thread(_download, model, folder, stop)
    except InterruptedSpeechError:
        return
    except (SpeechError, ModuleNotFoundError) as error:
        log.error("the weights of %s are not downloaded: %s", model, error)  # noqa: TRY400 - no bug
        return
    except Exception:  # this task's outermost boundary: a bug here must not end speech
        log.exception("the weights of %s are not downloaded", model)
        return
    log.info("the weights of %s are there", model)
    done()


def _download(model: str, folder: Path, stop: Event) -> None:
    from wyoming_indextts.store.download import download  # noqa: PLC0415 - of an extra
    from wyoming_indextts.store.hub import Hub  # noqa: PLC0415 - likewise
    from wyoming_indextts.store.licence import accept  # noqa: PLC0415 - likewise

    accept(model, folder)
    told: dict[str, int] = {}

    def arrived(place: str, here: int, size: int) -> None:
        percent = 100 * here // max(size, 1)
        if percent // TOLD > told.get(place, -1):
            told[place] = percent // TOLD
            log.info("downloading %s: %d %%", place, percent)

    with Hub(stop=stop) as hub:
        download(model, folder, hub, arrived)
