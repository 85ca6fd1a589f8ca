"""Examines the far side of a gateway: whether it is reached, takes us, and what it offers."""

from typing import Final

from wyoming_indextts import __version__
from wyoming_indextts.doctor.finding import Finding, State
from wyoming_indextts.errors import (
    EngineFailedError,
    ForbiddenError,
    SpeechError,
    UnauthorizedError,
    UnsupportedError,
)
from wyoming_indextts.gateway import remote_options
from wyoming_indextts.remote.connecting import connected
from wyoming_indextts.runners import is_gateway, rate_of
from wyoming_indextts.settings import Settings
from wyoming_indextts.speech.wire import House

NAMED: Final = 8
"""Voices that are named; more are only counted."""

MENDS: Final = {
    UnauthorizedError.code: "remote.token_file: a token of its http-tokens, with the scope speak",
    ForbiddenError.code: "docs/gateway.md, What goes wrong",
    UnsupportedError.code: "upgrade the older of the two",
    EngineFailedError.code: "wake it, or see remote.url; on it: wyoming-indextts doctor",
}
"""What helps, by the code of what went wrong."""


async def far_side(settings: Settings) -> Finding | None:
    """Say whether the far side of the settings speaks for us; None if they name none."""
    if not is_gateway(settings):
        return None
    options = remote_options(settings, rate_of(settings))
    try:
        async with connected(options) as far:
            return Finding("remote", "ok", _praise(options.url, far.house))
    except SpeechError as error:
        text = f"the far side at {options.url} is not there: {error}"
        state: State = "warning" if settings.remote.fallback else "error"
        return Finding("remote", state, text, MENDS.get(error.code, "docs/gateway.md"))


def _praise(url: str, house: House) -> str:
    names = [voice.name for voice in house.voices]
    shown = ", ".join(names[:NAMED]) + (", ..." if len(names) > NAMED else "")
    version = (
        house.version if house.version == __version__ else f"{house.version} (we: {__version__})"
    )
    return f"wyoming-indextts {version} at {url} takes us; {len(names)} voices: {shown}"
