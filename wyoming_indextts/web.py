"""The HTTP server put together from the settings; without it speech goes on."""

import logging
import os
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final

from wyoming_indextts.announcing import WebAddress
from wyoming_indextts.edges.http.enrolment import Enrolment
from wyoming_indextts.edges.http.options import HttpOptions, IceServer
from wyoming_indextts.errors import BadRequestError, SpeechError
from wyoming_indextts.settings import Settings
from wyoming_indextts.settings.edges import HttpSettings
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.deeds import Recorder, unrecorded
from wyoming_indextts.speech.engine import EngineRunner
from wyoming_indextts.speech.links import Links
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.speech.vitals import Dials
from wyoming_indextts.store.tokens import NAME, make_tokens, read_tokens

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Staff:
    """What serves over HTTP beside the house: see `edges.http.server.Served`."""

    enrolment: Enrolment | None = None
    record: Recorder = unrecorded
    dials: Dials = field(default_factory=Dials)
    path: Callable[[], Sequence[str]] = tuple


NOBODY: Final = Staff()


@asynccontextmanager
async def page_served(
    settings: Settings,
    speaker: Speaker,
    casting: Casting,
    runner: EngineRunner,
    links: Links,
    staff: Staff = NOBODY,
) -> AsyncGenerator[Sequence[WebAddress], None]:
    """Serve over HTTP while the block runs, if the settings want it and it can be.

    The block gets the addresses that are listened at; the dials may be filled in later.
    """
    address = settings.http.address
    if address is None:
        yield ()
        return
    # These cost 10 MB and 0.3 s that nobody else needs to pay.
    from wyoming_indextts.edges.http.server import HttpServer, Served  # noqa: PLC0415

    wanted = settings.http
    scheme = "https" if wanted.tls_certificate else "http"
    served: Sequence[WebAddress] = ()
    async with AsyncExitStack() as opened:
        try:
            options = HttpOptions(
                hosts=wanted.hosts,
                origins=wanted.origins,
                ingress=wanted.ingress,
                tokens=_tokens(settings, address.host),
                trusted_proxies=wanted.trusted_proxies,
                connections=wanted.connections,
                requests=wanted.requests,
                burst=wanted.burst,
                sessions=wanted.sessions,
                sessions_per_client=wanted.sessions_per_client,
                text_characters=wanted.text_limit,
                peers=wanted.peers,
                ice_servers=ice_servers(wanted),
            )
            seen = Served(
                speaker, casting, lambda: runner.ready, links,
                staff.enrolment, staff.record, staff.dials, staff.path,
            )  # fmt: skip
            server = HttpServer(seen, options)
            listening = await opened.enter_async_context(
                server.listen(address.host, address.port, _tls(wanted))
            )
        except OSError as error:
            where = WebAddress(scheme, address.host, address.port).uri
            log.warning("no page, cannot listen at %s/: %s", where, _reason(error))
        except SpeechError as error:
            log.warning("no page: %s", error)
        else:
            served = [WebAddress(scheme, *at) for at in listening]
            log.info("the page is at %s", ", ".join(f"{at.uri}/" for at in served))
        yield served


def ice_servers(wanted: HttpSettings) -> list[IceServer]:
    """Return what the settings name to help WebRTC through a network."""
    servers = [IceServer(url) for url in wanted.stun]
    if wanted.turn:
        password = wanted.turn_password.get_secret_value() if wanted.turn_password else None
        servers.append(IceServer(wanted.turn, wanted.turn_username, password))
    return servers


def _tokens(settings: Settings, host: str) -> Mapping[str, frozenset[str]] | None:
    """Return who may do what, None for everybody; a new token is shown this one time.

    Raises:
        BadRequestError, StorageFullError: see `store.tokens`.
    """
    free = settings.http.open
    if free or (free is None and _only_here(host)):
        return None
    file = settings.http.token_file or settings.data_dir / NAME
    if token := make_tokens(file):
        log.warning("the page asks for this token, shown once and kept in %s: %s", file, token)
    return read_tokens(file)


def _only_here(host: str) -> bool:
    """Return whether only this machine can connect to `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _tls(wanted: HttpSettings) -> ssl.SSLContext | None:
    """Return how connections are encrypted.

    Raises:
        BadRequestError: the files of the settings are not a certificate and its key.
    """
    if wanted.tls_certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(wanted.tls_certificate, wanted.tls_key)
    except (OSError, ssl.SSLError):
        raise BadRequestError(
            "http.tls_certificate and http.tls_key are not a certificate and its key (PEM)"
        ) from None
    return context


def _reason(error: OSError) -> str:
    return os.strerror(error.errno).lower() if error.errno else str(error)
