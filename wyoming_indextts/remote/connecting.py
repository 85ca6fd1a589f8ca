"""Opens the WebSocket to the far side, and says in plain words why it does not come about."""

import asyncio
import os
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp import WSMsgType

from wyoming_indextts.errors import (
    BusyError,
    EngineFailedError,
    ForbiddenError,
    SpeechError,
    UnauthorizedError,
    UnsupportedError,
)
from wyoming_indextts.remote.options import RemoteOptions
from wyoming_indextts.speech.wire import PROTOCOL, House, decoded, house_of, text_of

LARGEST_MESSAGE: Final = 2**20
"""Bytes of anything the far side sends; a thousand voices fit in."""

LARGEST_TOKEN: Final = 4096
"""Bytes that are read of the file with the token."""

PARTING: Final = 0.5
"""Seconds for saying good-bye."""

Socket = aiohttp.ClientWebSocketResponse


@dataclass(frozen=True, slots=True)
class FarSide:
    """An open connection, and what the house at its other end offers."""

    socket: Socket
    house: House


@asynccontextmanager
async def connected(options: RemoteOptions) -> AsyncGenerator[FarSide, None]:
    """Give a connection; leaving closes it, within `PARTING`.

    Raises:
        UnauthorizedError, ForbiddenError, BusyError: it sends us away, or is not trusted.
        UnsupportedError: it is of another version.
        EngineFailedError: it is not reached, or is not one of ours.
    """
    patience = aiohttp.ClientTimeout(total=None, sock_connect=options.connect_timeout)
    context, token = await asyncio.to_thread(_secrets, options)
    connector = aiohttp.TCPConnector(ssl=context or True)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession(
        connector=connector, timeout=patience, headers=headers, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        async with _in_time(options.connect_timeout):
            socket = await session.ws_connect(
                options.url,
                protocols=(PROTOCOL,),
                autoping=False,
                max_msg_size=LARGEST_MESSAGE,
            )
        try:
            async with _in_time(options.connect_timeout):
                house = await _greeted(socket)
            yield FarSide(socket, house)
        finally:
            with suppress(TimeoutError, OSError, aiohttp.ClientError):
                async with asyncio.timeout(PARTING):
                    await socket.close()


@asynccontextmanager
async def _in_time(seconds: float) -> AsyncGenerator[None, None]:
    """Limit the block to so many seconds, and say in plain words what goes wrong in it."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise EngineFailedError(f"no answer within {seconds:g} s") from None
    except aiohttp.ClientResponseError as error:
        raise _refusal(error.status) from None
    except aiohttp.ClientConnectorCertificateError as error:
        why = getattr(error.certificate_error, "verify_message", "") or "it cannot be verified"
        raise ForbiddenError(f"its certificate is not trusted: {why}") from None
    except (aiohttp.ClientError, OSError) as error:
        raise EngineFailedError(_reason(error)) from None


async def _greeted(socket: Socket) -> House:
    """Return what the house says it offers, which is the first that it says."""
    message = await socket.receive()
    if message.type is not WSMsgType.TEXT:
        raise EngineFailedError("it hung up instead of saying what it offers")
    kind, fields = decoded(message.data)
    if socket.protocol != PROTOCOL:
        version = text_of(fields, "version") if kind == "hello" else ""
        who = f"it is wyoming-indextts {version}, which" if version else "it"
        raise UnsupportedError(f"{who} does not speak {PROTOCOL}; bring both to one version")
    if kind != "house":
        raise UnsupportedError("it does not say what it offers; bring both to one version")
    return house_of(fields)


def _refusal(status: int) -> SpeechError:
    match status:
        case 401:
            return UnauthorizedError("it does not take our token")
        case 403:
            return ForbiddenError(
                "it sends us away (403): the token needs the scope speak, and its http.hosts the"
                " name that we call it by"
            )
        case 429:
            return BusyError("it is busy, or was given too many wrong tokens (429)")
        case _:
            return EngineFailedError(f"it is no wyoming-indextts (HTTP {status})")


def _reason(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorSSLError():
            return "TLS does not come about: does it listen for https?"
        case aiohttp.ClientConnectorDNSError():
            return "its name is not known"
        case aiohttp.ClientConnectorError():
            return _plain(error.os_error)
        case OSError():
            return _plain(error)
        case _:
            return "it hung up"


def _plain(error: OSError) -> str:
    return os.strerror(error.errno).lower() if error.errno else "it is not reached"


def _secrets(options: RemoteOptions) -> tuple[ssl.SSLContext | None, str | None]:
    """Return how the connection is encrypted and the token; both are read anew each time."""
    context = None
    if options.url.startswith("wss:"):
        try:
            context = ssl.create_default_context(cafile=options.tls_ca)
        except (OSError, ssl.SSLError):
            raise EngineFailedError("remote.tls_ca is no certificate (PEM)") from None
    return context, _token(options.token_file) if options.token_file else options.token


def _token(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            lines = stream.read(LARGEST_TOKEN).decode("ascii").split("\n")
    except (OSError, UnicodeDecodeError):
        raise UnauthorizedError("the file of remote.token_file cannot be read") from None
    if not (token := lines[0].strip()) or not token.isprintable():
        raise UnauthorizedError("the file of remote.token_file has no token in its first line")
    return token
