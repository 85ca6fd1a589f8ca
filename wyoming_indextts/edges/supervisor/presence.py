"""What goes on beside a server that is an app: it is made known, and follows the MQTT broker.

The Supervisor may be slow, restart, or lie: then what was so stays so, one line in the log says
what is amiss, and it is asked again.
"""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Final

from wyoming_indextts.edges.supervisor.client import Supervisor, SupervisorError
from wyoming_indextts.edges.supervisor.services import Broker, be_found, broker, keep_options

log = logging.getLogger(__name__)

SHORTEST: Final = 2.0
"""Seconds until the Supervisor is asked once more to make us known; twice as long each time..."""

LONGEST: Final = 300.0
"""...up to this."""

Shown = Callable[[Broker], AbstractAsyncContextManager[None]]
"""Shows the house at a broker."""


@asynccontextmanager
async def beside(work: Coroutine[None, None, None], name: str) -> AsyncGenerator[None, None]:
    """Do some work while the block runs; a bug in it is logged and ends nothing else."""
    task = asyncio.create_task(_guarded(work, name), name=name)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def options_kept(supervisor: Supervisor, options: Mapping[str, object]) -> None:
    """Have the Supervisor keep the options by the names that they have now; it is tried once."""
    try:
        await keep_options(supervisor, options)
    except SupervisorError as error:
        log.warning("the options keep their older names: %s", error)
    else:
        log.info("the options are kept by their new names")


async def found(supervisor: Supervisor, uri: str, *, wait: float = SHORTEST) -> None:
    """Have Home Assistant told that the server is at `uri`; return when it was.

    `wait` is the seconds until the second attempt.
    """
    told = False
    while True:
        try:
            await be_found(supervisor, uri)
        except SupervisorError as error:
            if not told:
                log.warning("Home Assistant was not told of this server: %s", error)
            told = True
        else:
            log.info("Home Assistant was told of this server: %s", uri)
            return
        await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
        wait = min(2 * wait, LONGEST)


async def followed(supervisor: Supervisor, shown: Shown, *, look: float) -> None:
    """Be shown at the broker that there is, whichever it is, for ever.

    It is looked for every `look` seconds: it comes, goes, and gets another password.
    """
    async with AsyncExitStack() as at:
        here: Broker | None = None
        told = ""
        while True:
            there, word = await _looked(supervisor, here)
            if word and word != told:
                log.warning("%s; it is asked again", word)
            told = word
            if there != here:
                await at.aclose()
                if there:
                    log.info("the MQTT broker of Home Assistant is at %s", there.host)
                    await at.enter_async_context(shown(there))
                else:
                    log.info("Home Assistant has no MQTT broker any more")
                here = there
            await asyncio.sleep(look)


async def _looked(supervisor: Supervisor, here: Broker | None) -> tuple[Broker | None, str]:
    """Return the broker that there is, and what is amiss, if anything."""
    try:
        return await broker(supervisor), ""
    except SupervisorError as error:
        return here, str(error)  # what was so a minute ago is likely so now


async def _guarded(work: Coroutine[None, None, None], name: str) -> None:
    try:
        await work
    except Exception:  # this task's outermost boundary: a bug here must not end speech
        log.exception("%s has ended", name)
