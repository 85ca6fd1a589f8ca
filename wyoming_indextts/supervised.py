"""The server as an app of Home Assistant's, put together from the settings.

Home Assistant is told where the server is, its MQTT broker is used while there is one, and what
is wrong with the app's options is told and left out. Nothing waits for any of it.
"""

import logging
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Final

from pydantic import SecretStr

from wyoming_indextts.errors import EmotionNotFoundError, VoiceNotFoundError
from wyoming_indextts.settings import Address, Settings
from wyoming_indextts.settings.app_options import AppOptions, app_options
from wyoming_indextts.settings.tables import merged
from wyoming_indextts.speech.casting import Casting

log = logging.getLogger(__name__)

LOOK: Final = 60.0
"""Seconds between two looks for the broker."""

Shown = Callable[[Settings], AbstractAsyncContextManager[None]]
"""Shows the house at the broker that settings name."""

Cast = Callable[[Settings], Casting]
"""Says who can speak."""


@asynccontextmanager
async def supervised(
    settings: Settings, port: int, shown: Shown, *, look: float = LOOK
) -> AsyncGenerator[None, None]:
    """Do what an app does while the block runs; nothing where no Supervisor has started this.

    `port` is where Wyoming clients come to, `look` the seconds between two looks for the broker.
    """
    wanted = settings.supervisor
    if wanted.token is None:
        yield
        return
    # The library behind these costs 10 MB and 0.3 s that nobody else needs to pay.
    from wyoming_indextts.edges.supervisor.client import Supervisor  # noqa: PLC0415
    from wyoming_indextts.edges.supervisor.presence import (  # noqa: PLC0415
        beside,
        followed,
        found,
        options_kept,
    )
    from wyoming_indextts.edges.supervisor.services import Broker  # noqa: PLC0415

    def shown_at(there: Broker) -> AbstractAsyncContextManager[None]:
        secret = SecretStr(there.password) if there.password else None
        where = {"host": there.host, "port": there.port, "tls": there.tls}
        who = {"username": there.username, "password": secret, "password_file": None}
        mqtt = settings.mqtt.model_copy(update={**where, **who})
        return shown(settings.model_copy(update={"mqtt": mqtt}))

    supervisor = Supervisor(wanted.url, wanted.token.get_secret_value())
    async with AsyncExitStack() as going_on:
        if current := app_options(settings.app_options).current:
            work = options_kept(supervisor, current)
            await going_on.enter_async_context(beside(work, "app-options"))
        if wanted.discovery:
            work = found(supervisor, str(Address(socket.gethostname(), port)))
            await going_on.enter_async_context(beside(work, "app-discovery"))
        if wanted.mqtt and settings.mqtt.host is None:
            work = followed(supervisor, shown_at, look=look)
            await going_on.enter_async_context(beside(work, "app-mqtt"))
        yield


def forgiving(settings: Settings, cast: Cast) -> Settings:
    """Return the settings without what the app's options name and nobody has; the log tells it.

    An app that ended for that would be started again for ever.

    Raises:
        VoiceNotFoundError, EmotionNotFoundError: such a name is not of the options.
    """
    options = app_options(settings.app_options)
    for complaint in options.complaints:
        log.warning("%s", complaint)
    for _ in range(2):  # a voice, and an emotion
        try:
            cast(settings)
        except (VoiceNotFoundError, EmotionNotFoundError) as error:
            settings = _without(settings, options, error)
        else:
            break
    return settings


def _without(
    settings: Settings, options: AppOptions, error: VoiceNotFoundError | EmotionNotFoundError
) -> Settings:
    """Return the settings without the option that `error` is about; raise it if that is none."""
    stage = settings.stage
    wrong: dict[str, object] = {"stage": {"emotion": stage.emotion}}
    mended: dict[str, object] = {"stage": stage.model_copy(update={"emotion": None})}
    name = "emotion"
    if isinstance(error, VoiceNotFoundError):
        name, wrong, mended = "voice", {"voice": settings.voice}, {"voice": None}
    if merged(options.table, wrong) != options.table:
        raise error
    log.warning("the option %r is not used: %s", name, error)
    return settings.model_copy(update=mended)
