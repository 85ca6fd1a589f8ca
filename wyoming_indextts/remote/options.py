"""Where the far side is, how it knows us, and how long it is waited for."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

SCHEMES: Final = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
"""What an address may begin with, and which WebSocket that is."""

PLACE: Final = "/ws"
"""Where a server has its WebSocket, below its HTTP address."""


@dataclass(frozen=True, slots=True)
class RemoteOptions:
    """One far side; times in seconds. No secret is in its `repr`."""

    url: str
    """As `websocket_url` gives it."""

    rate: int
    """Samples per second that we speak at; another one's sound is brought to it."""

    token: str | None = field(default=None, repr=False)
    token_file: Path | None = None
    """Read at each attempt; goes before `token`."""

    tls_ca: Path | None = None
    """Who signed its certificate; None: whom the system trusts."""

    connect_timeout: float = 5.0
    """From the first packet to the open connection, and again until it tells what it offers."""

    silence: float = 0.6
    """Without a sign of life for so long it is in doubt: what has not sounded is not waited for."""

    sound_timeout: float = 10.0
    """Without sound for so long a sentence has failed, whatever else is heard of it."""

    shortest_back_off: float = 0.5
    """Between a loss and the next attempt; doubles with every failure in a row."""

    longest_back_off: float = 10.0
    """Where the doubling ends, and where it begins once we were sent away."""


def websocket_url(url: str) -> str:
    """Return where the WebSocket of the server at `url` is.

    Raises:
        ValueError: that is no address of one.
    """
    wrong = ValueError("must be ws://HOST:PORT, wss://, http:// or https://, maybe with a path")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in SCHEMES or not host or port == 0 or not url.isprintable() or " " in url:
        raise wrong
    if "@" in parts.netloc:
        raise ValueError("a token is no part of the address: remote.token_file names its file")
    if parts.query or parts.fragment:
        raise wrong
    path = parts.path.rstrip("/")
    if not path.endswith(PLACE):
        path += PLACE
    return urlunsplit((SCHEMES[parts.scheme], parts.netloc, path, "", ""))
