"""What the HTTP server allows, and whom it knows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from wyoming_indextts.edges.http.quality import QUALITIES, Quality


@dataclass(frozen=True, slots=True)
class IceServer:
    """A server that helps WebRTC through a network: `stun:HOST:PORT` or `turn:HOST:PORT`."""

    url: str
    username: str | None = None
    credential: str | None = None


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """Limits of one HTTP server, and the names by which it may be called."""

    hosts: tuple[str, ...] = ()
    """Names of this server beside its addresses and those that only a local network knows."""

    origins: tuple[str, ...] = ()
    """Other sites whose pages may use it, such as `https://ha.example.org`."""

    ingress: tuple[str, ...] = ()
    """Addresses of Home Assistant's ingress: who comes through it needs no token."""

    tokens: Mapping[str, Collection[str]] | None = None
    """What each token allows, in scopes of `Route`; None: whoever connects may do everything."""

    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks of proxies that are believed what they say of their clients."""

    connections: int = 256
    """Connections held at once; one more is told `busy`."""

    requests: float = 20.0
    """Requests a second of one client that go on and on; this machine's own are not counted."""

    burst: int = 200
    """Requests of one client at once after a rest; a page takes some thirty."""

    sessions: int = 128
    """Sessions held at once, over WebSockets and WebRTC."""

    sessions_per_client: int = 32
    """Of those, of one client; this machine's own are not counted."""

    heartbeat: float = 20.0
    """Seconds between pings over a WebSocket; one left unanswered for half as long ends it."""

    idle_timeout: float = 30.0
    """Seconds that a connection may be without a complete head of a request."""

    text_characters: int = 20_000
    """Longest text of one utterance."""

    text_idle_timeout: float = 180.0
    """Seconds that an open utterance may go without text."""

    waiting: int = 16
    """Utterances of one session that may wait while another is spoken."""

    peers: int = 32
    """Sessions over WebRTC held at once."""

    ice_servers: Sequence[IceServer] = ()
    """What helps WebRTC through a network; none: nobody outside is asked."""

    qualities: Sequence[Quality] = QUALITIES
    """How sound is encoded for WebRTC, for the best line first."""

    json_bytes: int = 256 * 1024
    """Longest JSON body: any allowed text fits in, however it is escaped."""

    body_timeout: float = 10.0
    """Seconds from a request's head to the end of its JSON body."""

    uploads: int = 2
    """Recordings that are taken at once; they are held in memory."""

    upload_bytes: int = 10 * 2**20
    """Longest recording."""

    upload_timeout: float = 60.0
    """Seconds from a request's head to the end of its recording."""

    write_timeout: float = 60.0
    """Seconds that a client which takes nothing is waited for."""

    parked: int = 64
    """Texts that wait for being fetched; with one more the oldest is forgotten."""

    parked_seconds: float = 600.0
    """How long a text may be fetched."""

    drain_timeout: float = 2.0
    """Seconds that clients get to hear that the server goes down."""
